"""Does a stolen key open anything without the certificate that belongs to it?"""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from api.server import serving
from api.tls import Tls, TlsFiles
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

    async def refusal(self, holder: Client, shown: Paper | None) -> str:
        """What the log says of one who is refused."""
        with capture_logs() as lines:
            answer = await self.asks(holder, shown)
        assert (answer.status, answer.json["code"]) == (403, "certificate_refused")
        [told] = [line for line in lines if line["event"] == "certificate_refused"]
        return str(told["because"])


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = Authority(tmp_path / "authority")
    own = authority.issue("api", hosts=["127.0.0.1"])
    tls = Tls(TlsFiles(own.certificate, own.key, authority.file, authority.revoke()))
    async with (
        api_on(tmp_path, wants_certificates=True) as api,
        serving(api.service, "127.0.0.1", 0, tls) as (host, port),
    ):
        for name, client in (("DNS:crm.energia.example", ENERGIA), ("CN:telko", TELKO)):
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
        [known] = [each for each in await served.api.store.certificates(0, 9) if each.client_id == TELKO]
        await served.api.store.remove_certificate(known.id, served.api.service.clock.now(), "cli")

        assert (await telko.get("/v1/campaigns")).status == 403


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
