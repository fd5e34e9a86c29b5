"""How does a call list come in over HTTP, and what was said of its rows?"""

from http import HTTPStatus
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.body import PROBLEMS_OF_FILES, spooled
from api.files import FORMATS, NDJSON, format_of, give, refused
from api.operations import Answer, Asked, BatchId, CampaignId, Nothing, Q, operation, reply
from api.pages import ClientId, Limit, Moment, going_on
from api.problems import FieldError, Problem, invalid, not_found
from api.shown import BatchShown, RowShown
from api.stopped import CallsStopped
from dialer.core.rows.verdicts import Status
from dialer.lists.calllist import FileProblem, Format
from dialer.lists.intake import Offer
from dialer.lists.take_list import ListTaking, Taken
from dialer.ports.store import Batch, BatchFilter, Conflict


class BatchQuery(BaseModel):
    """Of CSV and NDJSON; a JSON document says these things itself."""

    model_config = ConfigDict(extra="forbid")

    batch_id: BatchId | None = Field(
        default=None, description="the sender's own name for the list; needed for CSV and NDJSON"
    )
    mode: Literal["upsert", "replace"] = Field(
        default="upsert",
        description="replace: contacts of the list's campaigns that it does not name are called no more",
    )
    encoding: Annotated[str, Field(max_length=20)] | None = Field(
        default=None,
        description="of CSV, if it is not UTF-8; the charset of Content-Type does as well",
        examples=["cp1250"],
    )
    campaign_id: CampaignId | None = Field(default=None, description="of NDJSON, whose lines do not name it")


class SenderQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(
        default=None,
        description="who sent it; left out by the operator: the operator, or else whoever used the name last",
    )


W = TypeVar("W", bound=SenderQuery)


class RowsQuery(SenderQuery):
    status: Status | None = Field(default=None, description="only rows with this verdict")


class BatchesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only lists that this client sent")
    campaign_id: CampaignId | None = Field(default=None, description="only lists of which rows are this campaign's")
    state: Literal["receiving", "done", "failed"] | None = None
    since: Moment | None = Field(default=None, description="received then or later")
    until: Moment | None = Field(default=None, description="received before it")
    after: Annotated[int, Field(ge=1, lt=1 << 63)] | None = Field(
        default=None, description="where the page before ended, as its `next` says"
    )
    limit: Limit = 100


class BatchesShown(BaseModel):
    batches: list[BatchShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class BatchTaken(BatchShown):
    """A batch that was just sent."""

    stopped: CallsStopped


@operation(
    "Send a call list",
    {
        HTTPStatus.CREATED: Answer("The list was taken.", BatchTaken, headers={"Location": "the batch"}),
        HTTPStatus.OK: Answer("The same list was taken before; nothing was changed.", BatchTaken),
    },
    problems=PROBLEMS_OF_FILES
    | {HTTPStatus.CONFLICT: "The batch_id was used for another list, or is being received now."},
    uploads=tuple(FORMATS),
    headers={"Content-Encoding": "gzip, or left out"},
    is_long=True,
)
async def take(asked: Asked[BatchQuery, Nothing]) -> web.StreamResponse:
    """Takes it wholly or not at all, row by row: bad rows are refused alone. Repeating the request does no harm.

    From the answer on nothing rings at those whom the list leaves out or blocks, nor with words that are untrue since.
    """
    format_ = format_of(asked.request)
    _check(asked.query, format_)
    service, begun_at = asked.service, asked.service.clock.now()
    most = service.limits.list_document if format_ is Format.JSON else service.limits.list_rows
    async with spooled(asked.request, service.spool, most, service.limits) as body:
        offer = Offer(
            client_id=asked.client_id,
            format=format_,
            path=body.path,
            digest=body.digest,
            batch_id=asked.query.batch_id,
            mode=asked.query.mode,
            encoding=asked.query.encoding or asked.request.charset,
            campaign_id=asked.query.campaign_id,
            actor=asked.actor,
        )
        try:
            taken = await ListTaking(service.intake, service.store, service.engine.calloff).take(offer)
        except FileProblem as problem:
            raise refused(problem) from problem
        except Conflict as conflict:
            raise Problem(HTTPStatus.CONFLICT, str(conflict)) from conflict
    batch = taken.batch
    shown = _taken(taken)
    if batch.received_at < begun_at:
        return reply(shown)
    asked.metrics.taken(batch.counts)
    return reply(shown, HTTPStatus.CREATED, {"Location": shown.links["self"]})


@operation("List the batches", {HTTPStatus.OK: Answer("A page, the newest first.", BatchesShown)})
async def list_all(asked: Asked[BatchesQuery, Nothing]) -> web.StreamResponse:
    """To a client's key, those that its own client sent; to the operator, everybody's."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(BatchesShown(batches=[], next=None))
    which = BatchFilter(query.client_id or asked.client_id, query.state, query.since, query.until, query.campaign_id)
    found = await asked.service.store.batches(which, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].key) if len(found) == query.limit else None
    return reply(BatchesShown(batches=[_shown(asked, batch) for batch in found], next=following))


@operation("See a batch", {HTTPStatus.OK: Answer("The batch.", BatchShown)})
async def show(asked: Asked[SenderQuery, Nothing]) -> web.StreamResponse:
    return reply(_shown(asked, await _batch(asked)))


@operation(
    "Read the verdicts on a batch's rows",
    {HTTPStatus.OK: Answer("One JSON object per line, in the order of the rows.", RowShown, NDJSON)},
    shows_people=True,
)
async def rows(asked: Asked[RowsQuery, Nothing]) -> web.StreamResponse:
    batch = await _batch(asked)
    response = web.StreamResponse(headers={"Content-Type": NDJSON})
    await response.prepare(asked.request)
    async for page in asked.service.store.batch_rows(batch.key):
        wanted = (row for row in page if asked.query.status in (None, row.status))
        lines = "".join(f"{RowShown.of(row).model_dump_json()}\n" for row in wanted)
        await give(response, lines.encode(), asked.service.limits.silence)
    await response.write_eof()
    return response


def _taken(taken: Taken) -> BatchTaken:
    shown = BatchShown.of(taken.batch, _links(taken.batch))
    return BatchTaken(**dict(shown), stopped=CallsStopped.of_calls(taken.calls))


def _check(query: BatchQuery, format_: Format) -> None:
    needed = {Format.CSV: ("batch_id",), Format.NDJSON: ("batch_id", "campaign_id"), Format.JSON: ()}[format_]
    allowed = {Format.CSV: ("batch_id", "mode", "encoding"), Format.NDJSON: ("batch_id", "mode", "campaign_id")}
    errors = [
        FieldError(parameter=name, detail=f"needed with {format_}: add ?{name}=…")
        for name in needed
        if name not in query.model_fields_set
    ] + [
        FieldError(parameter=name, detail=f"not with {format_}: leave it out")
        for name in sorted(query.model_fields_set - set(allowed.get(format_, ())))
    ]
    if errors:
        raise invalid("the address does not fit", errors)


async def _batch(asked: Asked[W, Nothing]) -> Batch:
    """The batch of that id, of the sender that is named or else of whoever asks."""
    batch_id, named, store = asked.path["batch_id"], asked.query.client_id, asked.service.store
    batch = None
    if asked.client_id in (None, named or asked.client_id):
        batch = await store.batch(named or asked.client_id or "", batch_id)
    if batch is None and asked.client_id is None and named is None:
        batch = await store.batch(None, batch_id)
    if batch is None:
        raise not_found(f"batch {batch_id}")
    return batch


def _shown(asked: Asked[Q, Nothing], batch: Batch) -> BatchShown:
    """To the operator the addresses say whose it is: another client may have used the name."""
    return BatchShown.of(batch, _links(batch, batch.owner if asked.client_id is None else ""))


def _links(batch: Batch, of_client: str = "") -> dict[str, str]:
    here = f"/v1/batches/{quote(batch.batch_id, safe='')}"
    whose = f"?{urlencode({'client_id': of_client})}" if of_client else ""
    return {"self": here + whose, "rows": f"{here}/rows{whose}"}
