"""How is any route asked for something of a client, and what has been told of the client since?"""

from typing import Any
from urllib.parse import quote

from api.operations import Route
from tests.support.api import Api, Client, Said
from tests.support.route_rules import NOBODYS, RULES, ToOthers
from tests.support.tenants import Tenant, World

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def address(path: str, about: Tenant) -> str:
    return path.format_map({name: quote(value, safe="") for name, value in about.names.items()})


async def ask(who: Client, route: Route, about: Tenant) -> Said:
    more = {} if (rule := RULES[route.operation.name]).to_others is NOBODYS else rule.more(about)
    if rule.is_stream:
        return await _begun(who, address(route.path, about))
    return await who.ask(route.method, address(route.path, about), **more)


async def _begun(who: Client, path: str) -> Said:
    """An answer that does not end by itself: its first line is enough."""
    async with who.opened(path) as response:
        is_stream = response.content_type == "text/event-stream"
        text = (await response.content.readline()).decode() if is_stream else await response.text()
        return Said(response.status, response.headers.copy(), text)


async def prepared(api: Api, two: World, route: Route, about: Tenant) -> None:
    operator = api.with_token(two.operator.token)
    rule = RULES[route.operation.name]
    for method, path in rule.first:
        assert (await operator.ask(method, address(path, about), **rule.first_more(about))).status == 200


async def standing(api: Api, tenant: Tenant) -> tuple[Any, Any]:
    """All that was ever told of the client, and every change of what is its own."""
    owner = api.with_token(tenant.token)
    told, changed = await owner.get("/v1/events?limit=500"), await owner.get("/v1/audit?limit=500")
    return told.json["events"], changed.json["entries"]


async def written_by(api: Api, two: World, actor: str) -> list[Any]:
    answer = await api.with_token(two.operator.token).get("/v1/audit", params={"actor": actor, "limit": "500"})
    found: list[Any] = answer.json["entries"]
    return found


def seen(answer: Said, of: Tenant, sent: object = "") -> set[str]:
    """What the answer shows of the client, beside what its reader has said itself."""
    return {mark for mark in of.marks if mark in answer.text and mark not in str(sent)}


def rule_of(route: Route) -> ToOthers:
    return RULES[route.operation.name].to_others
