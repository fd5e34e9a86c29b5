"""Whom does the API speak TLS with, and what does the log say of the others?"""

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import uvloop
from structlog.testing import capture_logs

from api.server import serving
from api.service import Service
from api.tls import Tls, TlsFiles, TlsProblem
from tests.support.api import Api, api_on
from tests.support.authority import Authority, Paper
from tests.support.ear import PATIENCE


@dataclass(frozen=True)
class Served:
    """An API that speaks TLS."""

    authority: Authority
    files: TlsFiles
    at: str

    async def health(self, context: ssl.SSLContext) -> int:
        """The status, for a client that connects anew."""
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session, session.get(f"{self.at}/health") as answer:
            return answer.status

    async def refusal(self, context: ssl.SSLContext) -> str:
        """What the log says of a client whose connection came to nothing."""
        with capture_logs() as lines:
            with pytest.raises(aiohttp.ClientError):
                await self.health(context)
            async with asyncio.timeout(PATIENCE):
                while not (told := [each for each in lines if each["event"] == "tls_refused"]):
                    await asyncio.sleep(0)
        assert told[0]["peer"] == "127.0.0.1"
        return str(told[0]["because"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def files(authority: Authority, *revoked: Paper) -> TlsFiles:
    own = authority.issue("api", hosts=["127.0.0.1"])
    return TlsFiles(own.certificate, own.key, authority.file, authority.revoke(*revoked))


@pytest.fixture
async def served(tmp_path: Path, authority: Authority) -> AsyncIterator[Served]:
    shown = files(authority)
    async with api_on(tmp_path) as api, serving(api.service, "127.0.0.1", 0, Tls(shown)) as (host, port):
        yield Served(authority, shown, f"https://{host}:{port}")


async def test_people_need_no_certificate_to_be_spoken_to(served: Served) -> None:
    assert await served.health(served.authority.trusted()) == 503  # as there is no switch


async def test_who_shows_a_certificate_of_the_authority_is_spoken_to(served: Served) -> None:
    assert await served.health(served.authority.trusted(served.authority.issue("crm"))) == 503


async def test_an_expired_certificate_is_refused(served: Served) -> None:
    expired = served.authority.issue("crm", lasts=timedelta(hours=-1))
    assert await served.refusal(served.authority.trusted(expired)) == "certificate has expired"


async def test_a_certificate_of_another_authority_is_refused(served: Served, tmp_path: Path) -> None:
    theirs = Authority(tmp_path / "elsewhere", "Another authority").issue("crm")
    assert "unable to get" in await served.refusal(served.authority.trusted(theirs))


async def test_a_revoked_certificate_is_refused_as_soon_as_the_list_says_so(served: Served) -> None:
    crm, other = served.authority.issue("crm"), served.authority.issue("other")
    assert await served.health(served.authority.trusted(crm)) == 503

    served.authority.revoke(crm)

    assert await served.refusal(served.authority.trusted(crm)) == "certificate revoked"
    assert await served.health(served.authority.trusted(other)) == 503


async def test_old_protocols_are_refused(served: Served) -> None:
    old = served.authority.trusted()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # which is why they are refused
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    assert await served.refusal(old) == "unsupported protocol"


async def test_ciphers_without_forward_secrecy_are_refused(served: Served) -> None:
    weak = served.authority.trusted()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:AES256-GCM-SHA384")
    assert await served.refusal(weak) == "no shared cipher"


async def test_plain_http_is_refused(served: Served) -> None:
    plain = Served(served.authority, served.files, served.at.replace("https", "http"))
    assert await plain.refusal(served.authority.trusted()) == "http request"


async def test_a_renewed_certificate_is_shown_and_open_connections_go_on(served: Served) -> None:
    renewed = Authority(served.authority.folder, "Renewed authority")
    connector = aiohttp.TCPConnector(ssl=served.authority.trusted(), limit=1)
    async with aiohttp.ClientSession(connector=connector) as before:
        async with before.get(f"{served.at}/health") as answer:
            await answer.read()
        renewed.issue("api", hosts=["127.0.0.1"])  # over the files of the one before

        assert await served.health(renewed.trusted()) == 503
        async with before.get(f"{served.at}/health") as answer:
            assert answer.status == 503
        with pytest.raises(aiohttp.ClientError):  # were it a new connection, the one before would fail as well
            await served.health(served.authority.trusted())


async def test_files_that_became_unusable_leave_the_former_in_force(served: Served) -> None:
    served.files.key.write_text("half a file")
    with capture_logs() as lines:
        assert await served.health(served.authority.trusted()) == 503
    [told] = [line for line in lines if line["event"] == "tls_not_renewed"]
    assert str(served.files.certificate) in told["because"]


async def test_who_connects_and_says_nothing_counts_as_a_connection(tmp_path: Path, authority: Authority) -> None:
    async with api_on(tmp_path) as api:
        few = _with_room_for(api, 1)
        async with serving(few, "127.0.0.1", 0, Tls(files(authority))) as (host, port):
            _, silent = await asyncio.open_connection(host, port)
            with capture_logs() as lines:
                reader, second = await asyncio.open_connection(host, port)
                async with asyncio.timeout(PATIENCE):
                    assert await reader.read() == b""
            assert [line["event"] for line in lines] == ["connection_refused"]
            silent.close()
            second.close()


def _with_room_for(api: Api, connections: int) -> Service:
    return replace(api.service, limits=replace(api.service.limits, connections=connections))


def hello() -> bytes:
    """What a client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_who_speaks_before_being_met_is_heard(
    tmp_path: Path, authority: Authority, run: Callable[[Coroutine[None, None, bytes]], bytes]
) -> None:
    async def answer() -> bytes:
        async with api_on(tmp_path) as api, serving(api.service, "127.0.0.1", 0, Tls(files(authority))) as where:
            client = socket.create_connection(where)
            client.sendall(hello())  # the loop has not looked at the connection yet
            reader, writer = await asyncio.open_connection(sock=client)
            async with asyncio.timeout(PATIENCE):
                said = await reader.readexactly(1)
            writer.close()
            return said

    assert run(answer()) == b"\x16"  # a handshake


def test_it_speaks_tls_on_the_engines_own_event_loop_too(tmp_path: Path, authority: Authority) -> None:
    async def asked() -> list[int]:
        async with api_on(tmp_path) as api, serving(api.service, "127.0.0.1", 0, Tls(files(authority))) as (host, port):
            served = Served(authority, files(authority), f"https://{host}:{port}")
            return [await served.health(authority.trusted(authority.issue("crm"))) for _ in range(20)]

    assert uvloop.run(asked()) == [503] * 20


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda found: found.key.unlink(), "api.key cannot be read: No such file"),
        (lambda found: found.certificate.write_text("nothing"), "api.pem cannot be used"),
        (lambda found: found.revoked.write_text("nothing"), "revoked.pem cannot be used"),
    ],
)
def test_what_cannot_be_used_is_named(
    authority: Authority, spoil: Callable[[TlsFiles], object], complaint: str
) -> None:
    found = files(authority)
    spoil(found)
    with pytest.raises(TlsProblem, match=complaint):
        Tls(found)
