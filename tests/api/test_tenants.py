"""Does every key see what it may and nothing else, on every route that there is?

Every route has a rule in tests/support/route_rules.py, which says how it is asked about a client's data; a route
without one fails. Who asks: nobody we know, a key that has every scope but the one needed, another client's key, the
client's own, the operator's.
"""

import pytest

from api.app import ROUTES
from api.operations import Route
from api.scopes import OPERATORS, Scope
from tests.support.api import Api
from tests.support.asking import UNSAFE, ask, prepared, rule_of, seen, standing, written_by
from tests.support.route_rules import ENTRANCE, HIDDEN, ITS_OWN, NOBODYS, PERSONAL, REFUSED, RULES, ToOthers
from tests.support.tenants import World

EXAMPLES = {"EN-OVERDUE", "CL-ENERGIA"}  # the document of the API names some


def test_every_route_has_a_rule() -> None:
    routes = {route.operation.name for route in ROUTES}
    assert routes - RULES.keys() == set(), "say in tests/support/route_rules.py what other clients are answered there"
    assert RULES.keys() - routes == set(), "there is no such route any more"


@pytest.fixture
def api(inhabited: Api) -> Api:
    return inhabited


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
