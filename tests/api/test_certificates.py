"""Does a stolen key open anything without the certificate that belongs to it?"""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from api.server import serving
from api.tls import Tls, TlsFiles
from dialer.adapters.clock import SystemClock
from dialer.ports import Clock
from tests.support.api import Api, Client, Said, api_on
from tests.support.authority import Authority, Paper

ENERGIA, TELKO = "CL-ENERGIA", "CL-TELKO"


@dataclass
class Served:
    """An API that wants certificates."""

    api: Api
    authority: Authority
    at: str

    async def asks(self, holder: Client, shown: Paper | None) -> Said:
        context: ssl.SSLContext = self.authority.trusted(shown)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            return await Client(session, self.at, holder.token).get("/v1/campaigns")

    @asynccontextmanager
    async def open(self, name: str, host: str = "") -> AsyncIterator[tuple[Client, Paper]]:
        """Somebody of TELKO's who goes on over the connection on which a certificate was shown, and has asked once."""
        paper = self.authority.issue(name, hosts=[f"{host}.example"] if host else [])
        connector = aiohttp.TCPConnector(ssl=self.authority.trusted(paper), limit=1)
        holder = await self.api.holder(client_id=TELKO)
        async with aiohttp.ClientSession(connector=connector) as session:
            client = Client(session, self.at, holder.token)
            assert (await client.get("/v1/campaigns")).status == 200
            yield client, paper

    async def refused(self, client: Client) -> str:
        """What the log says of one whose connection stays open."""
        with capture_logs() as lines:
            answer = await client.get("/v1/campaigns")
        return self._told(answer, lines)

    async def refusal(self, holder: Client, shown: Paper | None) -> str:
        """What the log says of one who is refused."""
        with capture_logs() as lines:
            answer = await self.asks(holder, shown)
        return self._told(answer, lines)

    def _told(self, answer: Said, lines: Sequence[Mapping[str, Any]]) -> str:
        assert (answer.status, answer.json["code"]) == (403, "certificate_refused")
        [told] = [line for line in lines if line["event"] == "certificate_refused"]
        return str(told["because"])


class Advancing(SystemClock):
    """The real one, as certificates of these tests are made for today; it can be put forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with served_with(tmp_path, SystemClock()) as found:
        yield found


@asynccontextmanager
async def served_with(tmp_path: Path, clock: Clock) -> AsyncIterator[Served]:
    authority = Authority(tmp_path / "authority")
    own = authority.issue("api", hosts=["127.0.0.1"])
    tls = Tls(TlsFiles(own.certificate, own.key, authority.file, authority.revoke()))
    async with (
        api_on(tmp_path, wants_certificates=True, clock=clock) as api,
        serving(api.service, "127.0.0.1", 0, tls) as (host, port),
    ):
        for name, client in (("DNS:crm.energia.example", ENERGIA), ("CN:telko", TELKO), ("DNS:telko.example", TELKO)):
            await api.store.add_certificate(name, client, api.service.clock.now(), "cli")
        yield Served(api, authority, f"https://{host}:{port}")


async def test_a_clients_key_opens_with_the_clients_certificate(served: Served) -> None:
    holder = await served.api.holder(client_id=ENERGIA)
    assert (await served.asks(holder, served.authority.issue("crm", hosts=["crm.energia.example"]))).status == 200


async def test_without_a_certificate_no_key_opens(served: Served) -> None:
    for holder in (await served.api.holder(client_id=ENERGIA), await served.api.holder()):
        assert await served.refusal(holder, None) == "the sender showed no certificate"


async def test_another_clients_certificate_opens_nothing(served: Served) -> None:
    theirs = served.authority.issue("telko")
    for holder in (await served.api.holder(client_id=ENERGIA), await served.api.holder()):
        assert await served.refusal(holder, theirs) == "the certificate stands for another client"


async def test_a_certificate_of_nobodys_opens_no_clients_key(served: Served) -> None:
    nobodys = served.authority.issue("nobody", hosts=["nobody.example"])
    holder = await served.api.holder(client_id=ENERGIA)
    assert await served.refusal(holder, nobodys) == "the certificate stands for no client"


async def test_the_operators_key_opens_with_a_certificate_that_stands_for_no_client(served: Served) -> None:
    assert (await served.asks(await served.api.holder(), served.authority.issue("operator"))).status == 200


async def test_a_certificate_that_is_taken_away_opens_nothing_on_an_open_connection(served: Served) -> None:
    holder, paper = await served.api.holder(client_id=TELKO), served.authority.issue("telko")
    connector = aiohttp.TCPConnector(ssl=served.authority.trusted(paper), limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        telko = Client(session, served.at, holder.token)
        assert (await telko.get("/v1/campaigns")).status == 200
        [known] = [each for each in await served.api.store.certificates(0, 9) if each.name == "CN:telko"]
        await served.api.store.remove_certificate(known.id, served.api.service.clock.now(), "cli")

        assert (await telko.get("/v1/campaigns")).status == 403


async def test_a_certificate_that_is_revoked_opens_nothing_on_an_open_connection(served: Served) -> None:
    async with served.open("telko") as (telko, paper), served.open("second", "telko") as (second, _):
        served.authority.revoke(paper)

        assert await served.refused(telko) == "certificate revoked"
        assert (await second.get("/v1/campaigns")).status == 200


async def test_a_certificate_that_comes_off_the_list_opens_again(served: Served) -> None:
    async with served.open("telko") as (telko, paper):
        served.authority.revoke(paper)
        assert await served.refused(telko) == "certificate revoked"
        served.authority.revoke()

        assert (await telko.get("/v1/campaigns")).status == 200


async def test_a_list_whose_time_is_over_opens_nothing_on_an_open_connection(served: Served) -> None:
    async with served.open("telko") as (telko, _):
        served.authority.revoke(lasts=timedelta(days=-2))

        assert await served.refused(telko) == "CRL has expired"


async def test_a_list_of_another_authority_says_nothing_of_ours(served: Served) -> None:
    async with served.open("telko") as (telko, _):
        Authority(served.authority.folder, "Another authority").revoke()

        assert await served.refused(telko) == "unable to get certificate CRL"


async def test_half_a_list_leaves_the_former_in_force(served: Served) -> None:
    async with served.open("telko") as (telko, paper), served.open("second", "telko") as (second, _):
        file = served.authority.revoke(paper)
        assert await served.refused(telko) == "certificate revoked"
        file.write_bytes(file.read_bytes()[:200])

        assert await served.refused(telko) == "certificate revoked"
        assert (await second.get("/v1/campaigns")).status == 200


async def test_a_certificate_whose_time_ends_opens_nothing_on_an_open_connection(tmp_path: Path) -> None:
    clock = Advancing()
    async with served_with(tmp_path, clock) as served, served.open("telko") as (telko, _):
        clock.ahead = timedelta(days=2)

        assert await served.refused(telko) == "certificate has expired"


async def test_a_name_is_said_to_be_a_clients(api: Api) -> None:
    operator = await api.holder()
    body = {"name": "URI:spiffe://energia.example/crm", "client_id": ENERGIA}

    made = await operator.post("/v1/certificates", json=body)
    assert (made.status, (await operator.get("/v1/certificates")).json["certificates"]) == (200, [made.json])
    again = await operator.post("/v1/certificates", json=body | {"client_id": TELKO})
    assert (again.status, again.json["code"]) == (409, "certificate_of_another")

    removed = await operator.ask("DELETE", f"/v1/certificates/{made.json['certificate_id']}")
    assert removed.json == made.json
    assert (await operator.ask("DELETE", f"/v1/certificates/{made.json['certificate_id']}")).status == 404


@pytest.mark.parametrize("name", ["crm.example", "DNS:", "IP:127.0.0.1", "CN:a\nb"])
async def test_what_is_no_name_of_a_certificate_is_refused(api: Api, name: str) -> None:
    answer = await (await api.holder()).post("/v1/certificates", json={"name": name, "client_id": ENERGIA})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/name")
