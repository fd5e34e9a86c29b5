"""Does everybody who signs in see what their role may and nothing else, on every route that there is?

Routes are asked as tests/api/test_tenants.py asks them for keys, by the rules in tests/support/route_rules.py.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.app import ROUTES
from api.operations import Route
from api.roles import SCOPES_OF
from api.session_access import TOKEN
from dialer.ports.store import Role
from tests.support.api import Api, Client
from tests.support.asking import UNSAFE, address, ask, prepared, rule_of, seen, standing, written_by
from tests.support.route_rules import ENTRANCE, HIDDEN, ITS_OWN, NOBODYS, PERSONAL, RULES
from tests.support.tenants import Tenant, World

READING = {
    "brands:read", "campaigns:read", "cases:read", "clients:read", "contacts:read", "events:read", "scenarios:read",
    "suppressions:read", "account",
}  # fmt: skip
MAY = {
    Role.ADMIN: {str(route.scope) for route in ROUTES if route.scope},
    Role.SUPERVISOR: READING | {
        "agents:act", "agents:listen", "agents:read", "agents:write", "balances:write", "brands:write",
        "campaigns:write", "cases:write", "clients:write", "engine:stop", "lists:write", "scenarios:write",
        "suppressions:write",
    },
    Role.AGENT: {"account", "agents:act"},
    Role.CONTROLLER: READING | {"agents:read", "audit:read", "metrics"},
    Role.CLIENT: READING | {"audit:read", "cases:write", "clients:write", "suppressions:write"},
}  # fmt: skip
ASKED = [route for route in ROUTES if rule_of(route) not in (PERSONAL, NOBODYS, ENTRANCE)]


@pytest.fixture
def api(inhabited: Api) -> Api:
    return inhabited


async def somebody(api: Api, two: World, role: Role) -> Client:
    return await api.signed_in(
        role,
        role,
        client_id=two.one.client_id if role is Role.CLIENT else None,
        agent_id="anna" if role is Role.AGENT else None,
    )


def theirs(two: World, role: Role) -> Tenant:
    """What is asked about: a client's people ask about their own, the others about everybody's."""
    return two.one if role is Role.CLIENT else two.operator


def permitted(role: Role, *, is_unsafe: bool) -> list[Route]:
    return [route for route in ASKED if str(route.scope) in MAY[role] and route.is_unsafe == is_unsafe]


def named(routes: Sequence[tuple[Role, Route]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("role", "route"), routes, ids=[f"{role}-{route.operation.name}" for role, route in routes]
    )


EVERY_ROLE = pytest.mark.parametrize("role", Role)
UNSAFE_ONES = [(role, route) for role in Role for route in permitted(role, is_unsafe=True)]


def test_the_table_of_roles_is_as_it_was_agreed() -> None:
    assert {role: {str(scope) for scope in SCOPES_OF[role]} for role in Role} == MAY


@EVERY_ROLE
async def test_what_a_role_may_not_is_refused_and_changes_nothing(api: Api, two: World, role: Role) -> None:
    person, before = await somebody(api, two, role), await standing(api, two.one)
    for route in ASKED:
        if str(route.scope) not in MAY[role]:
            answer = await ask(person, route, two.one)
            assert (answer.status, answer.json["code"]) == (403, "scope_missing"), route.operation.name
            assert seen(answer, two.one) == set()
    assert await standing(api, two.one) == before


@EVERY_ROLE
async def test_what_a_role_may_see_it_sees(api: Api, two: World, role: Role) -> None:
    person = await somebody(api, two, role)
    for route in permitted(role, is_unsafe=False):
        answer, idle = await ask(person, route, theirs(two, role)), RULES[route.operation.name].idle
        assert answer.status == (idle or 200), f"{route.operation.name}: {answer.text}"
        if role is Role.CLIENT:
            assert seen(answer, two.other) == set(), route.operation.name


@named(UNSAFE_ONES)
async def test_what_a_role_may_change_is_written_down_with_the_person(
    api: Api, two: World, role: Role, route: Route
) -> None:
    await prepared(api, two, route, two.one)
    person, rule = await somebody(api, two, role), RULES[route.operation.name]

    answer = await ask(person, route, theirs(two, role))

    assert answer.status in ((rule.idle,) if rule.idle else (200, 201)), answer.text
    entries = [each for each in await written_by(api, two, f"user:{role}") if each["action"] != "session.begun"]
    assert bool(entries) is (rule.idle is None)


@EVERY_ROLE
async def test_nothing_is_changed_for_a_page_of_another_site(api: Api, two: World, role: Role) -> None:
    person, before = await somebody(api, two, role), await standing(api, two.one)
    for route in permitted(role, is_unsafe=True):
        path = address(route.path, theirs(two, role))
        answer = await person.ask(route.method, path, {TOKEN: "", "Content-Type": "application/json"}, data=b"{}")
        assert (answer.status, answer.json["code"]) == (403, "csrf_token_wanted"), route.operation.name
    assert await standing(api, two.one) == before


async def test_a_clients_people_find_nothing_of_another_client(api: Api, two: World) -> None:
    person, before = await somebody(api, two, Role.CLIENT), await standing(api, two.other)
    for route in [*permitted(Role.CLIENT, is_unsafe=False), *permitted(Role.CLIENT, is_unsafe=True)]:
        answer = await ask(person, route, two.other)
        more = RULES[route.operation.name].more(two.other)
        assert seen(answer, two.other, [*two.other.names.values(), more]) == set(), route.operation.name
        if rule_of(route) is HIDDEN:
            assert answer.status == 404, route.operation.name
        else:
            assert rule_of(route) is ITS_OWN
    assert await standing(api, two.other) == before


async def test_an_agent_acts_for_nobody_else(api: Api, two: World) -> None:
    person = await somebody(api, two, Role.AGENT)
    another = replace(two.operator, names={**two.operator.names, "agent_id": "barbara"})
    about_agents = [route for route in ASKED if "{agent_id}" in route.path and str(route.scope) in MAY[Role.AGENT]]
    assert about_agents
    for route in about_agents:
        answer = await ask(person, route, another)
        assert (answer.status, answer.json["code"]) == (403, "other_agent"), route.operation.name


def test_an_agents_scopes_reach_nothing_but_their_own_agent_and_the_callers_who_wait_for_any() -> None:
    reached = [route for route in ASKED if str(route.scope) in MAY[Role.AGENT]]
    others = [route.path for route in reached if "{agent_id}" not in route.path]
    assert others == ["/v1/call-backs", "/v1/call-backs/made"]


def test_whatever_changes_something_is_counted_as_unsafe() -> None:
    assert {route.method for route in ROUTES if route.is_unsafe} <= UNSAFE
