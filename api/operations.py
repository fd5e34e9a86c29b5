"""What can be asked, who may ask it, and how does a request become a call of Python?

An operation is an async function of ``Asked``; the types it names are what is read from the request, what is checked,
and what the API document says. A route gives it an address and the scope that its callers need.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar, get_args, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api import access
from api.body import read_json
from api.doorstep import Doorstep
from api.metrics import Metrics
from api.pages import CallId, CaseId, ClientId
from api.problems import FieldError, Handler, Problem, invalid, parameter_errors
from api.rates import Rates
from api.readers import Readers
from api.repeats import once
from api.scopes import Scope
from api.sender import Sender
from api.service import Service
from dialer.core.scenarios import NAME

SHORT = 1 << 16  # bytes

Q = TypeVar("Q", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)

SERVICE = web.AppKey("service", Service)
METRICS = web.AppKey("metrics", Metrics)
DESCRIBED: web.AppKey[Callable[[], tuple[bytes, bytes]]] = web.AppKey("described")  # in JSON, and as a page
DOORSTEP = web.AppKey("doorstep", Doorstep)
RATES = web.AppKey("rates", Rates)
READERS = web.AppKey("readers", Readers)

CampaignId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["EN-OVERDUE"])]
BatchId = Annotated[str, Field(pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,63}$", examples=["B-20261121-0001"])]
ScenarioName = Annotated[str, Field(pattern=NAME, examples=["S04_overdue_soft"])]
Version = Annotated[int, Field(ge=1, lt=1 << 31)]
SuppressionId = Annotated[int, Field(ge=1, lt=1 << 63)]
KeyPrefix = Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$", examples=["dz0123456789ab"])]
AgentId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", examples=["anna"])]
UserName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", examples=["anna.nowak"])]
SessionId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$", examples=["dz0123456789ab"])]
CertificateId = Annotated[int, Field(ge=1, lt=1 << 63)]
AttemptId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["01a202ea493ba061aafd3ae5cd48dc2a"])]
Phone = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$", examples=["agent1"])]
ErasureId = Annotated[int, Field(ge=1, lt=1 << 63)]
WebhookId = Annotated[int, Field(ge=1, lt=1 << 63)]
BrandId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["EN"])]
Owner = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f/]{1,120}$", examples=["CL-ENERGIA"])]
PhraseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["goodbye"])]
ContactId = Annotated[int, Field(ge=1, lt=1 << 63)]

# What an address may have in braces; anything else is an address where there is nothing.
PATH_PARAMETERS: Mapping[str, TypeAdapter[Any]] = {
    "client_id": TypeAdapter(ClientId),
    "campaign_id": TypeAdapter(CampaignId),
    "batch_id": TypeAdapter(BatchId),
    "contact_id": TypeAdapter(ContactId),
    "agent_id": TypeAdapter(AgentId),
    "attempt_id": TypeAdapter(AttemptId),
    "call_id": TypeAdapter(CallId),
    "phone": TypeAdapter(Phone),
    "case_id": TypeAdapter(CaseId),
    "scenario": TypeAdapter(ScenarioName),
    "version": TypeAdapter(Version),
    "suppression_id": TypeAdapter(SuppressionId),
    "erasure_id": TypeAdapter(ErasureId),
    "webhook_id": TypeAdapter(WebhookId),
    "certificate_id": TypeAdapter(CertificateId),
    "user_name": TypeAdapter(UserName),
    "session_id": TypeAdapter(SessionId),
    "key_prefix": TypeAdapter(KeyPrefix),
    "brand_id": TypeAdapter(BrandId),
    "owner": TypeAdapter(Owner),
    "phrase": TypeAdapter(PhraseName),
}


class Nothing(BaseModel):
    """No parameters, or no body."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Asked(Generic[Q, B]):
    """A request that its sender may make, with what it says: checked, and typed."""

    request: web.Request
    service: Service
    metrics: Metrics
    sender: Sender | None
    path: Mapping[str, Any]
    query: Q
    body: B

    @property
    def client_id(self) -> str | None:
        """The one client whose data the sender may see; None: every client's."""
        return self.sender.client_id if self.sender else None

    @property
    def actor(self) -> str:
        """Who is told to have done it; "key:" where nobody was asked who it is."""
        return self.sender.actor if self.sender else "key:"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers, for the document.

    ``media`` other than JSON: a stream, or lines, of the model. ``schema``: of what no model describes.
    ``also``: the same in other media.
    """

    about: str
    model: type[BaseModel] | None = None
    media: str = "application/json"
    headers: Mapping[str, str] | None = None
    schema: Mapping[str, Any] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    summary: str
    about: str
    query: type[BaseModel]
    body: type[BaseModel]
    uploads: tuple[str, ...]
    headers: Mapping[str, str]
    answers: Mapping[HTTPStatus, Answer]
    problems: Mapping[HTTPStatus, str]
    tells_secret: bool
    shows_people: bool
    is_long: bool
    perform: Callable[[Asked[Any, Any]], Awaitable[web.StreamResponse]]


def operation(
    summary: str,
    answers: Mapping[HTTPStatus, Answer],
    *,
    problems: Mapping[HTTPStatus, str] | None = None,
    uploads: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
    tells_secret: bool = False,
    shows_people: bool = False,
    is_long: bool = False,
) -> Callable[[Callable[[Asked[Q, B]], Awaitable[web.StreamResponse]]], Operation]:
    """Documents an operation. Its parameters and body are those that ``Asked[…]`` names, the text is its docstring.

    Args:
        problems: those of its own; what follows from the route, the parameters and the body is added by itself.
        uploads: the media types that it reads itself, from the stream.
        headers: those of the request that it heeds.
        tells_secret: its answer is told once, and kept for no repetition.
        is_long: it may take minutes, so that few may go on at once.
        shows_people: who asks is written down, as it shows numbers, names or messages.
    """

    def document(perform: Callable[[Asked[Q, B]], Awaitable[web.StreamResponse]]) -> Operation:
        query, body = get_args(get_type_hints(perform)["asked"])
        return Operation(
            name=f"{perform.__module__.removeprefix('api.')}.{perform.__name__}",
            summary=summary,
            about=(perform.__doc__ or "").strip(),
            query=query,
            body=body,
            uploads=uploads,
            headers=headers or {},
            answers=answers,
            problems=problems or {},
            tells_secret=tells_secret,
            shows_people=shows_people,
            is_long=is_long,
            perform=perform,
        )

    return document


@dataclass(frozen=True, slots=True)
class Route:
    """An operation's address. ``scope`` None: anybody may ask. ``local_is_free``: so may this machine itself."""

    method: str
    path: str
    scope: Scope | None
    operation: Operation
    local_is_free: bool = False

    @property
    def is_unsafe(self) -> bool:
        """Whether it is there to change something (RFC 9110, 9.2.1)."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


def handler(route: Route) -> Handler:
    """The request handler of a route: who asks, for what, and only then the operation itself."""

    async def serve(request: web.Request) -> web.StreamResponse:
        service = request.app[SERVICE]
        sender = await access.permitted(request, route.scope, service, local_is_free=route.local_is_free)
        if sender is None:
            if route.is_unsafe:
                address = access.origin(request, service.trusted_proxy)
                request.app[DOORSTEP].admit(address, service.clock.monotonic())
            return await answered(request, service, None)
        rates = request.app[RATES]
        rates.admit(sender, service.clock.monotonic())
        async with rates.long_job(sender.name) if _is_long(request, route.operation) else nullcontext():
            return await answered(request, service, sender)

    async def answered(request: web.Request, service: Service, sender: Sender | None) -> web.StreamResponse:
        asked = Asked(
            request=request,
            service=service,
            metrics=request.app[METRICS],
            sender=sender,
            path=_path(request),
            query=_query(request, route.operation.query),
            body=await _body(request, route.operation.body, service),
        )
        if route.operation.shows_people and sender is not None:
            await request.app[READERS].note(sender, route.operation.name, asked.path, service)
        if not route.is_unsafe:
            return await route.operation.perform(asked)
        return await once(
            request,
            service,
            sender,
            partial(route.operation.perform, asked),
            is_upload=bool(route.operation.uploads),
            tells_secret=route.operation.tells_secret,
        )

    return serve


def _is_long(request: web.Request, operation: Operation) -> bool:
    """Whether it may take minutes. A short upload does not: who has paid is not called while lists come in."""
    said = request.content_length
    is_short = bool(operation.uploads) and said is not None and said <= SHORT
    return operation.is_long and not (is_short and "Content-Encoding" not in request.headers)


def may_be_left_out(body: type[BaseModel]) -> bool:
    return not any(field.is_required() for field in body.model_fields.values())


def reply(
    model: BaseModel, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    return web.Response(
        status=status, text=model.model_dump_json(), content_type="application/json", headers=headers or {}
    )


def seen_tag(request: web.Request) -> str | None:
    """The ETag that the sender has read, without its quotes; None: it does not say, or any will do (``*``)."""
    tag = request.headers.get("If-Match", "*").strip()
    return None if tag == "*" else tag.removeprefix("W/").strip('"')


def _path(request: web.Request) -> Mapping[str, Any]:
    try:
        return {name: PATH_PARAMETERS[name].validate_python(text) for name, text in request.match_info.items()}
    except ValidationError as error:
        raise Problem(
            HTTPStatus.NOT_FOUND, "there is nothing at this address: it names nothing that can exist"
        ) from error


def _query(request: web.Request, model: type[Q]) -> Q:
    repeated = sorted({name for name in request.query if len(request.query.getall(name)) > 1})
    if repeated:
        raise invalid(
            "the address does not fit", [FieldError(parameter=name, detail="given twice") for name in repeated]
        )
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid("the address does not fit", list(parameter_errors(error, model))) from error


async def _body(request: web.Request, model: type[B], service: Service) -> B:
    if model is Nothing or (may_be_left_out(model) and not request.body_exists):
        return model()
    return await read_json(request, model, service.limits)
