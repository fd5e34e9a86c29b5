"""Does every key see what it may and nothing else, on every route that there is?

Every route has a rule below, which says how it is asked about a client's data; a route without one fails. Who asks:
nobody we know, a key that has every scope but the one needed, another client's key, the client's own, the operator's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.app import ROUTES
from api.operations import Route
from api.scopes import OPERATORS, Scope
from tests.support.api import CSV, Api, Client, Said, campaign
from tests.support.tenants import FLOW, Tenant, World, brand_of, world

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
More = Mapping[str, Any]


class ToOthers(StrEnum):
    """What another client's key is answered."""

    HIDDEN = "there is nothing"
    ITS_OWN = "what is its own, and the client's stays as it is"
    REFUSED = "no key of a client's may ask"
    PERSONAL = "no key may ask: it is a person's own"
    NOBODYS = "it is nobody's data"
    ENTRANCE = "who comes in is known afterwards"


def nothing(tenant: Tenant) -> More:
    return {}


def of_case(tenant: Tenant) -> More:
    return {"params": {"client_id": tenant.client_id or "CL-ENERGIA"}}


@dataclass(frozen=True)
class Rule:
    to_others: ToOthers
    more: Callable[[Tenant], More] = nothing  # what is sent besides the address
    is_stream: bool = False  # its answer does not end by itself
    idle: int | None = None  # whoever may ask is told so that there is nothing to be done now, or nothing to do it with
    first: Sequence[tuple[str, str]] = ()  # what has to be done before, by the operator, for it to change anything
    first_more: Callable[[Tenant], More] = nothing  # what is sent with that


def settings(tenant: Tenant) -> More:
    return {"json": campaign(client_id=tenant.client_id or "CL-ENERGIA", attempts=2)}


def listed(tenant: Tenant) -> More:
    return {"data": tenant.listed, "headers": {"Content-Type": CSV}, "params": {"batch_id": "ANOTHER"}}


def balances(tenant: Tenant) -> More:
    owed = {"case_id": tenant.names["case_id"], "balance": "0.00", "currency": "PLN", "version": 99}
    return {"json": {"balances": [owed | {"client_id": tenant.client_id or "CL-ENERGIA"}]}}


def dispute(tenant: Tenant) -> More:
    return {"json": {"dispute": "open"}, **of_case(tenant)}


def an_order(tenant: Tenant) -> More:
    return {"json": {"reason": "complaint"}, **of_case(tenant)}


def orders(tenant: Tenant) -> More:
    return {"json": {"reason": "complaint", "case_ids": [tenant.names["case_id"]]}, **of_case(tenant)}


def wish(tenant: Tenant) -> More:
    body = {"debtor_id": tenant.debtor_id, "reason": "opt_out"}
    return {"json": body if tenant.client_id else body | {"client_id": "CL-ENERGIA"}}


def a_retention(tenant: Tenant) -> More:
    return {"json": {"days": {"heard": 30}}, **of_case(tenant)}


def an_erasure(tenant: Tenant) -> More:
    return {"json": {"debtor_id": tenant.debtor_id, "client_id": tenant.client_id or "CL-ENERGIA"}}


def subscription(tenant: Tenant) -> More:
    return {"json": {"url": "https://crm.example/dzwonek"}}


def key(tenant: Tenant) -> More:
    return {"json": {"scopes": ["campaigns:read"], "label": "another"}}


def a_certificate(tenant: Tenant) -> More:
    return {"json": {"name": "DNS:new.example", "client_id": tenant.client_id or "CL-ENERGIA"}}


def a_user(tenant: Tenant) -> More:
    return {"json": {"name": "ola", "role": "controller"}}


def another_role(tenant: Tenant) -> More:
    return {"json": {"role": "supervisor"}}


def an_agent(tenant: Tenant) -> More:
    return {"json": {"name": "Anna Nowak", "phone": "anna"}}


def take_over(tenant: Tenant) -> More:
    return {"json": {"take_over": True}}


def informed(tenant: Tenant) -> More:
    return {"json": {"outcome": "informed"}}


def a_skip(tenant: Tenant) -> More:
    return {"json": {"reason": "just_called"}}


def ears(tenant: Tenant) -> More:
    return {"json": {"phone": "supervisor"}}


def lunch(tenant: Tenant) -> More:
    return {"json": {"reason": "lunch"}}


def a_brand(tenant: Tenant) -> More:
    return {"json": brand_of(tenant.client_id or "CL-ENERGIA")}


def draft(tenant: Tenant) -> More:
    body = {"source": FLOW.replace("kontakt", "rozmowę")}
    return {"json": body if tenant.client_id else body | {"client_id": "CL-ENERGIA"}}


def approval(tenant: Tenant) -> More:
    return {"json": {"approved_by": "Anna Nowak", "client_id": tenant.client_id or "CL-ENERGIA"}}


def retirement(tenant: Tenant) -> More:
    return {"json": {"client_id": tenant.client_id or "CL-ENERGIA"}}


def a_recording(tenant: Tenant) -> More:
    return {"data": b"RIFF", "headers": {"Content-Type": "audio/wav"}}


HIDDEN, ITS_OWN, REFUSED, PERSONAL, NOBODYS, ENTRANCE = ToOthers
PAUSE_CASE = ("POST", "/v1/cases/{case_id}/pause")
START, STOP = ("POST", "/v1/campaigns/{campaign_id}/start"), ("POST", "/v1/stop")

RULES = {
    "batches.take": Rule(ITS_OWN, listed),
    "batches.list_all": Rule(ITS_OWN),
    "batches.show": Rule(HIDDEN),
    "batches.rows": Rule(HIDDEN),
    "balances.take": Rule(ITS_OWN, balances),
    "campaigns.list_all": Rule(ITS_OWN),
    "campaigns.show": Rule(HIDDEN),
    "campaigns.put": Rule(HIDDEN, settings),
    "campaigns.figures": Rule(HIDDEN),
    "pacing.show": Rule(HIDDEN),
    "campaigns.start": Rule(HIDDEN),
    "campaigns.pause": Rule(HIDDEN, first=[START]),
    "campaigns.stop": Rule(HIDDEN),
    "brands.list_all": Rule(ITS_OWN),
    "brands.show": Rule(HIDDEN),
    "brands.put": Rule(HIDDEN, a_brand),
    "scenarios.list_all": Rule(ITS_OWN),
    "scenarios.history": Rule(HIDDEN, of_case),
    "scenarios.draft": Rule(ITS_OWN, draft),
    "scenarios.show": Rule(HIDDEN, of_case),
    "scenarios.approve": Rule(HIDDEN, approval),
    "scenarios.retire": Rule(HIDDEN, retirement),
    "prompts.list_all": Rule(HIDDEN),
    "prompts.show": Rule(HIDDEN),
    "prompts.put": Rule(HIDDEN, a_recording),
    "prompts.remove": Rule(HIDDEN),
    "contacts.list_all": Rule(HIDDEN),
    "contacts.of_campaign": Rule(HIDDEN),
    "contacts.show": Rule(HIDDEN),
    "contacts.attempts": Rule(HIDDEN),
    "why.show": Rule(HIDDEN),
    "timelines.of_contact": Rule(HIDDEN),
    "timelines.of_case": Rule(HIDDEN, of_case),
    "attempts.list_all": Rule(ITS_OWN),
    "attempts.show": Rule(HIDDEN),
    "cases.list_all": Rule(ITS_OWN),
    "cases.show": Rule(HIDDEN, of_case),
    "cases.change": Rule(HIDDEN, dispute),
    "case_orders.pause": Rule(HIDDEN, an_order),
    "case_orders.resume": Rule(HIDDEN, an_order, first=[PAUSE_CASE], first_more=an_order),
    "case_orders.stop": Rule(HIDDEN, an_order),
    "case_orders.pause_several": Rule(HIDDEN, orders),
    "case_orders.resume_several": Rule(HIDDEN, orders, first=[PAUSE_CASE], first_more=an_order),
    "case_orders.stop_several": Rule(HIDDEN, orders),
    "suppressions.list_all": Rule(ITS_OWN),
    "suppressions.add": Rule(ITS_OWN, wish),
    "suppressions.show": Rule(HIDDEN),
    "suppressions.lift": Rule(HIDDEN),
    "retention.show": Rule(HIDDEN, of_case),
    "retention.change": Rule(HIDDEN, a_retention),
    "retention.accesses": Rule(ITS_OWN),
    "erasures.list_all": Rule(ITS_OWN),
    "erasures.erase": Rule(HIDDEN, an_erasure),
    "erasures.show": Rule(HIDDEN),
    "events.follow": Rule(ITS_OWN),
    "agents.list_all": Rule(REFUSED),
    "agents.show": Rule(REFUSED),
    "agents.put": Rule(REFUSED, an_agent),
    "agents.login": Rule(REFUSED, take_over),
    "agents.logout": Rule(REFUSED),
    "agents.ready": Rule(REFUSED),
    "agents.pause": Rule(REFUSED, lunch),
    "agents.hang_up": Rule(REFUSED),
    "previews.show": Rule(REFUSED, idle=409),
    "previews.call": Rule(REFUSED, idle=409),
    "previews.skip": Rule(REFUSED, a_skip, idle=409),
    "listening.show": Rule(REFUSED),
    "listening.begin": Rule(REFUSED, ears, idle=503),
    "listening.end": Rule(REFUSED, idle=404),
    "recordings.list_all": Rule(ITS_OWN),
    "recordings.audio": Rule(HIDDEN),
    "live.show": Rule(REFUSED),
    "live.screen": Rule(REFUSED, is_stream=True),
    "live.follow": Rule(REFUSED, is_stream=True),
    "agents.wrap_up": Rule(REFUSED, informed, idle=409),
    "event_stream.listen": Rule(ITS_OWN, lambda _: {"params": {"after": "0", "for_seconds": "0"}}),
    "reports.show": Rule(ITS_OWN),
    "exports.attempts": Rule(ITS_OWN),
    "exports.contacts": Rule(ITS_OWN),
    "exports.cases": Rule(ITS_OWN),
    "exports.events": Rule(ITS_OWN),
    "stop.show": Rule(REFUSED),
    "stop.stop": Rule(REFUSED),
    "stop.resume": Rule(REFUSED, first=[STOP]),
    "webhooks.list_all": Rule(ITS_OWN),
    "webhooks.make": Rule(ITS_OWN, subscription),
    "webhooks.show": Rule(HIDDEN),
    "webhooks.change": Rule(HIDDEN, lambda _: {"json": {"paused": True}}),
    "webhooks.remove": Rule(HIDDEN),
    "webhooks.rotate": Rule(HIDDEN),
    "webhooks.replay": Rule(HIDDEN, lambda _: {"json": {"after": 0}}),
    "webhooks.letters": Rule(HIDDEN),
    "keys.list_all": Rule(REFUSED),
    "keys.make": Rule(REFUSED, key),
    "keys.show": Rule(REFUSED),
    "keys.pace": Rule(REFUSED, lambda _: {"json": {"requests_per_second": 5}}),
    "keys.rotate": Rule(REFUSED),
    "keys.revoke": Rule(REFUSED),
    "certificates.list_all": Rule(REFUSED),
    "certificates.add": Rule(REFUSED, a_certificate),
    "certificates.remove": Rule(REFUSED),
    "users.list_all": Rule(REFUSED),
    "users.make": Rule(REFUSED, a_user),
    "users.show": Rule(REFUSED),
    "users.change": Rule(REFUSED, another_role),
    "users.reset": Rule(REFUSED),
    "sessions.list_all": Rule(REFUSED),
    "sessions.end": Rule(REFUSED),
    "sessions.begin": Rule(ENTRANCE, lambda _: {"json": {"name": "jan", "password": "guessed"}}),
    "first_user.make": Rule(ENTRANCE, lambda _: {"json": {"secret": "x", "name": "jan", "password": "guessed"}}),
    "me.show": Rule(PERSONAL),
    "me.change_password": Rule(PERSONAL, lambda _: {"json": {"password": "x", "new_password": "y"}}),
    "me.prepare_factor": Rule(PERSONAL, lambda _: {"json": {"password": "x"}}),
    "me.confirm_factor": Rule(PERSONAL, lambda _: {"json": {"code": "123456"}}),
    "me.leave": Rule(PERSONAL),
    "audit.list_all": Rule(ITS_OWN),
    "status.document": Rule(NOBODYS),
    "reference.page": Rule(NOBODYS),
    "status.health": Rule(NOBODYS),
    "status.figures": Rule(NOBODYS),
}


def test_every_route_has_a_rule() -> None:
    routes = {route.operation.name for route in ROUTES}
    assert routes - RULES.keys() == set(), "say above what other clients are answered there"
    assert RULES.keys() - routes == set(), "there is no such route any more"


# ---- asking ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    folder = tmp_path_factory.mktemp("tenants")
    return folder, asyncio.run(world(folder))


@pytest.fixture
def two(kept: tuple[Path, World]) -> World:
    return kept[1]


@pytest.fixture
async def api(kept: tuple[Path, World], tmp_path: Path) -> AsyncIterator[Api]:
    folder, two = kept
    async with two.running(folder, tmp_path) as running:
        yield running


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


def routes(*rules: ToOthers, methods: frozenset[str] = UNSAFE | {"GET"}) -> pytest.MarkDecorator:
    chosen = [route for route in ROUTES if rule_of(route) in rules and route.method in methods]
    return pytest.mark.parametrize("route", chosen, ids=lambda route: route.operation.name)


# ---- what is answered -----------------------------------------------------------------------------------


@routes(HIDDEN, ITS_OWN, REFUSED)
async def test_nobody_comes_in_without_a_key_or_without_the_scope(api: Api, two: World, route: Route) -> None:
    before = await standing(api, two.one)
    without = await api.holder(set(Scope) - {route.scope})

    stranger, lacking = await ask(api.stranger(), route, two.one), await ask(without, route, two.one)

    assert (stranger.status, lacking.status) == (401, 403)
    assert stranger.headers["WWW-Authenticate"].startswith("Bearer")
    assert "dzwonek keys create" in stranger.json["detail"]
    assert f"--scope {route.scope}" in lacking.json["detail"]
    assert await standing(api, two.one) == before


@routes(HIDDEN)
async def test_what_is_another_clients_does_not_exist(api: Api, two: World, route: Route) -> None:
    await prepared(api, two, route, two.other)
    before, reader = await standing(api, two.other), api.with_token(two.one.token)

    answer = await ask(reader, route, two.other)

    assert answer.status == 404
    assert seen(answer, two.other, [*two.other.names.values()]) == set()
    assert await standing(api, two.other) == before


@routes(HIDDEN, ITS_OWN)
async def test_a_client_reaches_what_is_its_own_with_the_one_scope_that_is_needed(
    api: Api, two: World, route: Route
) -> None:
    await prepared(api, two, route, two.one)
    own = await api.holder({str(route.scope)}, two.one.client_id)

    answer = await ask(own, route, two.one)

    assert answer.status in (200, 201), answer.text
    assert seen(answer, two.other) == set()


@routes(HIDDEN, ITS_OWN, methods=frozenset({"GET"}))
async def test_what_is_shown_to_a_client_is_about_the_client(api: Api, two: World, route: Route) -> None:
    answer = await ask(api.with_token(two.one.token), route, two.one)

    assert seen(answer, two.one), "or the tests beside this one could not fail"


@routes(ITS_OWN)
async def test_among_many_things_others_are_left_out_and_left_alone(api: Api, two: World, route: Route) -> None:
    before, reader = await standing(api, two.other), api.with_token(two.one.token)

    answer = await ask(reader, route, two.other)

    assert seen(answer, two.other, RULES[route.operation.name].more(two.other)) == set()
    assert await standing(api, two.other) == before


@routes(HIDDEN, ITS_OWN)
async def test_the_operator_reaches_what_is_a_clients(api: Api, two: World, route: Route) -> None:
    await prepared(api, two, route, two.one)

    answer = await ask(api.with_token(two.operator.token), route, two.operator)

    assert answer.status in (200, 201), answer.text


@routes(REFUSED)
async def test_what_is_about_everybody_is_the_operators(api: Api, two: World, route: Route) -> None:
    await prepared(api, two, route, two.one)
    client = await api.holder(set(Scope), two.one.client_id)

    refused, done = await ask(client, route, two.one), await ask(api.with_token(two.operator.token), route, two.one)

    assert route.scope in OPERATORS
    assert (refused.status, seen(refused, two.other)) == (403, set())
    idle = RULES[route.operation.name].idle
    assert done.status in ((idle,) if idle else (200, 201)), done.text


@routes(NOBODYS)
async def test_what_anybody_may_ask_shows_nothing_of_anybody(api: Api, two: World, route: Route) -> None:
    answer = await ask(api.stranger(), route, two.one)

    assert answer.status in (200, 503)
    assert seen(answer, two.one) | seen(answer, two.other) <= EXAMPLES


@routes(PERSONAL)
async def test_what_is_a_persons_own_is_for_no_stranger_and_no_key(api: Api, two: World, route: Route) -> None:
    key = api.with_token(two.operator.token)
    answers = [await ask(who, route, two.one) for who in (api.stranger(), key, await api.holder())]
    assert [answer.status for answer in answers] == [401, 403, 403]
    assert answers[2].json["code"] == "no_person"


@routes(ENTRANCE)
async def test_whoever_guesses_comes_in_nowhere(api: Api, two: World, route: Route) -> None:
    answer = await ask(api.stranger(), route, two.one)
    assert answer.status in (401, 403)
    assert seen(answer, two.one) | seen(answer, two.other) == set()


EXAMPLES = {"EN-OVERDUE", "CL-ENERGIA"}  # the document names some


# ---- what is written down -------------------------------------------------------------------------------


@routes(HIDDEN, ITS_OWN, REFUSED, methods=UNSAFE)
async def test_every_change_is_written_down_with_whoever_made_it(api: Api, two: World, route: Route) -> None:
    await prepared(api, two, route, two.one)
    changing = await api.holder(client_id=None if rule_of(route) is REFUSED else two.one.client_id)
    actor = f"key:{(changing.token or '').partition('.')[0]}"

    answer = await ask(changing, route, two.one)
    if idle := RULES[route.operation.name].idle:
        assert (answer.status, await written_by(api, two, actor)) == (idle, [])
        return
    assert answer.status in (200, 201)

    entries = await written_by(api, two, actor)
    assert entries, "nobody could say who did it: note it in the unit of work, see docs/decisions/0021"
    assert {entry["origin"] for entry in entries} == {"127.0.0.1"}
