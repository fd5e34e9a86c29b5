"""What does the API document say? OpenAPI 3.1, made of the routes and of the models that they name."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.examples import example
from api.operations import PATH_PARAMETERS, Answer, Nothing, Operation, Route, may_be_left_out
from api.problems import MEDIA_TYPE, ProblemDocument
from api.repeats import HEADER, REPLAYED
from api.scopes import OF_KEYS
from api.session_access import COOKIE, TOKEN

Json = dict[str, Any]

_ABOUT = """Call lists in; campaigns, contacts and attempts out. Moments are UTC, with their offset.

Whatever is refused is a problem document (RFC 9457) that says what to do. Lists come in pages: `next` is the address
that goes on. Requests that change something may be repeated safely under the same `Idempotency-Key`."""
_EVERY = {"X-Request-Id": "to be quoted when asking about the request"}
_OF_PROBLEMS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "seconds to wait"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "seconds to wait"},
}
_REFERENCE = "#/components/schemas/{model}"
_KEY, _SESSION = "key", "session"
EVENT_STREAM = "text/event-stream"


def document(routes: Iterable[Route], version: str) -> bytes:
    """The whole document, as JSON."""
    routes = tuple(routes)
    models = _models(routes)
    names, schemas = models_json_schema([*models.items()], ref_template=_REFERENCE)
    described: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Dzwonek", "version": version, "description": _ABOUT},
        "servers": [{"url": "/", "description": "where this document came from"}],
        "tags": [{"name": name} for name in sorted({_tag(route) for route in routes})],
        "paths": {},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                _KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key `PREFIX.SECRET`, as `dzwonek keys create` shows it.",
                },
                _SESSION: {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": f"People sign in with POST /v1/sessions. What changes something needs {TOKEN}, too.",
                },
            },
        },
    }
    told = _Models({model: names[model, mode] for model, mode in models.items()}, schemas["$defs"])
    for route in routes:
        described["paths"].setdefault(route.path, {})[route.method.lower()] = _operation(route, told)
    return json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class _Models:
    """How the models are referred to, and what their schemas are."""

    references: Mapping[type[BaseModel], Json]
    schemas: Mapping[str, Json]

    def content(self, model: type[BaseModel], *, is_sent: bool) -> Json:
        reference = self.references[model]
        return {"schema": reference, "example": example(reference, self.schemas, is_sent=is_sent)}


def _models(routes: Iterable[Route]) -> dict[type[BaseModel], JsonSchemaMode]:
    """What is answered as it is written, what is sent as it is read."""
    found: dict[type[BaseModel], JsonSchemaMode] = {ProblemDocument: "serialization"}
    for route in routes:
        found.update({answer.model: "serialization" for answer in route.operation.answers.values() if answer.model})
        if route.operation.body is not Nothing:
            found[route.operation.body] = "validation"
    return found


def _tag(route: Route) -> str:
    return route.operation.name.partition(".")[0]


def _operation(route: Route, told: _Models) -> Json:
    operation = route.operation
    described: Json = {
        "operationId": operation.name.replace(".", "_"),
        "summary": operation.summary,
        "tags": [_tag(route)],
        "parameters": [*_parameters(route)],
        "responses": {
            **{str(int(status)): _answer(route, answer, told) for status, answer in operation.answers.items()},
            **{str(int(status)): _problem(status, about, told) for status, about in sorted(_problems(route).items())},
        },
        "security": [*_security(route)],
    }
    about = [operation.about] if operation.about else []
    if route.scope:
        about.append(f"Needs the scope `{route.scope}`.")
    if about:
        described["description"] = "\n\n".join(about)
    if operation.uploads:
        content = {media: {"schema": {"type": "string"}} for media in operation.uploads}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.body is not Nothing:
        content = {"application/json": told.content(operation.body, is_sent=True)}
        described["requestBody"] = {"required": not may_be_left_out(operation.body), "content": content}
    return described


def _security(route: Route) -> Iterator[Json]:
    if route.scope is None or route.local_is_free:
        yield {}
    if route.scope is not None:
        if route.scope in OF_KEYS:
            yield {_KEY: []}
        yield {_SESSION: []}


def _parameters(route: Route) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", route.path):
        schema = PATH_PARAMETERS[name].json_schema()
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    schema = route.operation.query.model_json_schema()
    for name, described in _inlined(schema).items():
        about = described.pop("description", None)
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": described}
        yield parameter | ({"description": about} if about else {})
    for name, about in route.operation.headers.items():
        yield _header_parameter(name, about, {"type": "string"})
    if route.is_unsafe:
        yield _header_parameter(
            HEADER,
            "a fresh name for the request, such as a UUID: repeated under it within a day, it is answered as before "
            "and not carried out again",
            {"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"]},
        )


def _header_parameter(name: str, about: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": about, "schema": schema}


def _inlined(schema: Json) -> Json:
    """The properties with their references, enumerations all of them, put in place."""
    definitions = schema.get("$defs", {})

    def inline(node: Any) -> Any:
        match node:
            case {"$ref": str(reference), **rest}:
                return inline(definitions[reference.rpartition("/")[2]]) | inline(rest)
            case dict():
                return {name: inline(each) for name, each in node.items()}
            case list():
                return [inline(each) for each in node]
        return node

    properties: Json = inline(schema.get("properties", {}))
    return properties


def _answer(route: Route, answer: Answer, told: _Models) -> Json:
    content = told.content(answer.model, is_sent=False) if answer.model else {"schema": answer.schema or {}}
    if answer.model and answer.media == EVENT_STREAM:
        content = {"schema": _sent_event(told.references[answer.model])}
    replayed = {REPLAYED: "`true`: this is what was answered before"} if route.is_unsafe else {}
    return {
        "description": answer.about,
        "headers": _headers({**_EVERY, **(answer.headers or {}), **replayed}),
        "content": dict.fromkeys((answer.media, *answer.also), content),
    }


def _sent_event(schema: Json) -> Json:
    """One server-sent event, whose data is JSON."""
    word, data = {"type": "string"}, {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {"type": "object", "required": ["data"], "properties": {"id": word, "event": word, "data": data}}


def _problem(status: HTTPStatus, about: str, told: _Models) -> Json:
    shown = ProblemDocument(title=status.phrase, status=status, detail="What is wrong, and what to do about it.")
    content = {"schema": told.references[ProblemDocument], "example": shown.model_dump(exclude_none=True)}
    return {
        "description": about,
        "headers": _headers({**_EVERY, **_OF_PROBLEMS.get(status, {})}),
        "content": {MEDIA_TYPE: content},
    }


def _headers(about: Mapping[str, str]) -> Json:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in about.items()}


def _problems(route: Route) -> dict[HTTPStatus, str]:
    """What may go wrong by the nature of the route, and what the operation adds."""
    operation: Operation = route.operation
    found = {
        HTTPStatus.BAD_REQUEST: "No request that can be read.",
        HTTPStatus.UNPROCESSABLE_ENTITY: "Parameters or the body do not fit; `errors` names every field.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Our fault; the log has the cause.",
        HTTPStatus.SERVICE_UNAVAILABLE: "The database cannot work now: try again later.",
    }
    if route.scope is not None:
        found[HTTPStatus.UNAUTHORIZED] = "No key that is known."
        found[HTTPStatus.FORBIDDEN] = "The key may not do this."
        found[HTTPStatus.TOO_MANY_REQUESTS] = "Too many requests of this key: wait for as long as `Retry-After` says."
    elif route.is_unsafe:
        found[HTTPStatus.TOO_MANY_REQUESTS] = "Too many tries from one address: wait as long as `Retry-After` says."
    if "{" in route.path:
        found[HTTPStatus.NOT_FOUND] = "No such thing, or not the client's own."
    if route.is_unsafe:
        found[HTTPStatus.CONFLICT] = f"A request of the same {HEADER} is being carried out."
    if operation.body is not Nothing:
        found[HTTPStatus.BAD_REQUEST] = "Not JSON, or not all of it."
        found[HTTPStatus.REQUEST_TIMEOUT] = "The body came too slowly."
        found[HTTPStatus.REQUEST_ENTITY_TOO_LARGE] = "The body is too large."
        found[HTTPStatus.UNSUPPORTED_MEDIA_TYPE] = "Another Content-Type, or compressed."
    found.update(operation.problems)
    return {status: about for status, about in found.items() if status not in operation.answers}
