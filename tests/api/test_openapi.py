import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web

from api import openapi
from api.app import ROUTES, create_app
from api.operations import Answer, Asked, Nothing, Route, operation, reply
from api.scopes import OF_KEYS, Scope
from tests.support.api import Api, call_list, campaign

Json = dict[str, Any]
EN = "/v1/campaigns/EN-OVERDUE"


@cache
def described() -> Json:
    document: Json = json.loads(openapi.document(ROUTES, "1"))
    return document


def operations() -> Iterator[tuple[str, str, Json]]:
    for path, methods in described()["paths"].items():
        for method, found in methods.items():
            yield path, method, found


def nodes(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from nodes(each)


async def test_it_is_served_to_anybody(api: Api) -> None:
    answer = await api.stranger().get("/v1/openapi.json")
    assert answer.status == 200
    assert answer.json["openapi"] == "3.1.0"
    assert answer.json["info"]["version"] == api.service.version


async def test_every_address_that_is_served_is_described(api: Api) -> None:
    served = {
        (resource.canonical, route.method.lower())
        for resource in create_app(api.service).router.resources()
        for route in resource
    }
    assert served == {(path, method) for path, method, _ in operations()}


def test_every_reference_leads_somewhere() -> None:
    document = described()
    references = [node["$ref"] for node in nodes(document) if "$ref" in node]
    schemas = document["components"]["schemas"]
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_every_schema_is_used() -> None:
    document = described()
    used = {node["$ref"].rpartition("/")[2] for node in nodes(document) if "$ref" in node}
    assert used == set(document["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    found = [operation for _, _, operation in operations()]
    assert len({each["operationId"] for each in found}) == len(found)
    assert all(each["summary"] for each in found)


def test_every_parameter_of_an_address_is_described() -> None:
    for path, _, found in operations():
        named = {each["name"] for each in found["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        assert all(each["required"] for each in found["parameters"] if each["in"] == "path")


def test_parameters_have_a_place_and_a_schema_without_references() -> None:
    for _, _, found in operations():
        for each in found["parameters"]:
            assert each["in"] in ("path", "query", "header")
            assert each["schema"].keys() & {"type", "anyOf", "enum"}
            assert not [node for node in nodes(each) if "$ref" in node]


def test_every_answer_says_what_it_is() -> None:
    for _, _, found in operations():
        assert any(code.startswith("2") for code in found["responses"])
        for code, answer in found["responses"].items():
            assert HTTPStatus(int(code))
            assert answer["description"]
            assert "X-Request-Id" in answer["headers"]
            is_problem = [*answer["content"]] == ["application/problem+json"]
            assert is_problem == (code[0] in "45" and "Health" not in str(answer))


def test_a_parameter_that_nobody_knows_is_refused_as_described() -> None:
    assert all("422" in found["responses"] for _, _, found in operations())


def test_whatever_needs_a_key_or_a_session_says_so() -> None:
    for route in ROUTES:
        found = described()["paths"][route.path][route.method.lower()]
        assert ({"key": []} in found["security"]) == (route.scope in OF_KEYS)
        assert ({"session": []} in found["security"]) == (route.scope is not None)
        assert ("401" in found["responses"]) == (route.scope is not None or route.operation.name == "sessions.begin")
        assert route.scope is None or f"`{route.scope}`" in found["description"]


async def test_answers_have_the_fields_that_are_described(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    document = described()
    for path in (
        "/v1/campaigns",
        EN,
        f"{EN}/figures",
        f"{EN}/contacts",
        f"{EN}/attempts",
        "/v1/batches/B-1",
        "/v1/events",
    ):
        template = path.replace("EN-OVERDUE", "{campaign_id}").replace("B-1", "{batch_id}")
        content = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
        schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        assert set((await operator.get(path)).json) == set(schema["properties"])


async def test_a_refused_campaign_is_refused_as_described(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(attempts=0))
    document = described()
    assert str(answer.status) in document["paths"]["/v1/campaigns/{campaign_id}"]["put"]["responses"]
    problem = document["components"]["schemas"]["ProblemDocument"]
    assert set(problem["required"]) <= set(answer.json) <= set(problem["properties"])


def test_a_parameter_of_an_address_that_nobody_described_is_noticed() -> None:
    @operation("Show a thing", {HTTPStatus.OK: Answer("It.", Nothing)})
    async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
        return reply(Nothing())

    with pytest.raises(KeyError, match="thing_id"):
        openapi.document([Route("GET", "/v1/things/{thing_id}", Scope.METRICS, show)], "1")


async def test_an_address_of_its_own_comes_before_a_name(api: Api) -> None:
    answer = await (await api.holder()).get("/v1/cases/pause?client_id=CL-ENERGIA")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert (await (await api.holder()).get("/v1/cases/pauses?client_id=CL-ENERGIA")).status == 404
