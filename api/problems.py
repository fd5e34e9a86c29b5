"""How is a request refused, and what is its sender told to do?

Every refusal is a problem document (RFC 9457); what nobody expected becomes a 500 that tells nothing but the request's
id, under which the log says where it happened.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from traceback import extract_tb
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from api.wanted import told
from dialer.ports.store import StoreFailed

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = web.RequestKey("request_id", str)
RETRY_AFTER = "5"  # s

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FieldError(BaseModel):
    """One thing that is wrong with what was sent."""

    pointer: str | None = Field(
        default=None, description="where in the body, as a JSON pointer", examples=["#/windows/1"]
    )
    parameter: str | None = Field(default=None, description="which parameter of the address", examples=["batch_id"])
    detail: str


class ProblemDocument(BaseModel):
    """A problem document, RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="what is wrong, and what to do about it")
    code: str | None = Field(default=None, description="for machines, where the status does not say enough: F_HEADER")
    request_id: str | None = Field(default=None, description="to be quoted when asking about it")
    errors: list[FieldError] | None = Field(default=None, description="every field that is wrong")


class Problem(Exception):
    """The request is refused. ``detail`` says what to do."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = errors
        self.headers = headers or {}


def not_found(what: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"there is no {what}")


def invalid(what: str, errors: Sequence[FieldError]) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{what}: mend what `errors` names and send it again", errors=errors
    )


def field_errors(error: ValidationError, model: type[BaseModel]) -> Iterator[FieldError]:
    """Every error of a body that does not fit its model, by JSON pointer."""
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        pointer = "#" + "".join(f"/{step(name)}" for name in each["loc"])
        yield FieldError(pointer=pointer, detail=told(each["msg"], model))


def step(name: str | int) -> str:
    """Of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def parameter_errors(error: ValidationError, model: type[BaseModel]) -> Iterator[FieldError]:
    """Every error of the address's parameters."""
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        yield FieldError(parameter=".".join(map(str, each["loc"])) or None, detail=told(each["msg"], model))


def response(problem: Problem, request_id: str | None) -> web.Response:
    document = ProblemDocument(
        title=problem.status.phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=request_id,
        errors=list(problem.errors) or None,
    )
    return web.Response(
        status=problem.status,
        text=document.model_dump_json(exclude_none=True),
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers what went wrong, whatever it was."""
    request_id = request[REQUEST_ID]
    try:
        return await handler(request)
    except Exception as error:
        if isinstance(error, ConnectionError) and request.writer.output_size:
            raise  # the client went away while it was being answered
        problem = _expected(error)
        if problem is None:
            log.error("unexpected", **trace(error))
            problem = Problem(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                f"this is our fault; its cause is in the log of the engine under request_id {request_id}",
            )
        if request.writer.output_size:  # a stream that has begun cannot be taken back, only broken off
            raise ConnectionResetError("the answer could not be completed") from error
        return response(problem, request_id)


def trace(error: BaseException) -> dict[str, Any]:
    """An exception for the log: its kind and place. Its words may hold somebody's name or number, so they stay out."""
    frames = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)
    ]
    cause = error.__cause__ or error.__context__
    return {"kind": type(error).__name__, "at": frames[-6:]} | ({"cause": type(cause).__name__} if cause else {})


def _expected(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case web.HTTPException():
            return _of_aiohttp(error)
        case StoreFailed():
            log.error("store_failed", because=str(error))
            return Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the database cannot do its work now: send the same request again later, repeating it does no harm",
                headers={"Retry-After": RETRY_AFTER},
            )
    return None


@dataclass(frozen=True, slots=True)
class _Advice:
    detail: str
    headers: tuple[str, ...] = ()


_ADVICE = {
    HTTPStatus.NOT_FOUND: _Advice("there is nothing at this address: /v1/openapi.json lists those there are"),
    HTTPStatus.METHOD_NOT_ALLOWED: _Advice("not with this method: the Allow header lists those there are", ("Allow",)),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _Advice("the body is too large for this address"),
}


def _of_aiohttp(error: web.HTTPException) -> Problem:
    status = HTTPStatus(error.status)
    advice = _ADVICE.get(status, _Advice(f"{error.reason}: /v1/openapi.json describes every request"))
    return Problem(status, advice.detail, headers={name: error.headers[name] for name in advice.headers})
