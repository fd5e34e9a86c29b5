"""Who asked not to be called, and who may say so?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, B, Nothing, Q, operation, reply
from api.pages import ClientId, DebtorId, Limit, Moment, going_on
from api.problems import FieldError, invalid, not_found
from api.stopped import Stopped
from api.telephones import Number, normalised
from dialer.cases.suppress import Suppressing
from dialer.core.suppressions import EVERY_CLIENT, SuppressionReason, Wish, refusals
from dialer.ports.store import Suppression, SuppressionFilter


class SuppressionBody(BaseModel):
    """A wish: about a number, a debtor, one debtor's number, or everybody whom the client may call."""

    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(
        default=None, description="null: of every client, with a key of the operator's; the key's own otherwise"
    )
    number: Number | None = None
    debtor_id: DebtorId | None = Field(default=None, description="the client's own; with a number: this debtor's only")
    everybody: bool = Field(default=False, description="the client calls nobody: in place of number and debtor_id")
    reason: SuppressionReason
    note: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,500}$")] | None = None
    until: Moment | None = Field(default=None, description="it is lifted by itself within a minute of this")


class SuppressionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = None
    number: Number | None = None
    debtor_id: DebtorId | None = None
    reason: SuppressionReason | None = None
    lifted: bool | None = Field(default=None, description="only those lifted, or only those that hold")
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=0, description="the last suppression_id of the page before"
    )
    limit: Limit = 100


class SuppressionShown(BaseModel):
    suppression_id: int
    client_id: str | None = Field(description="null: of every client")
    number: str | None = Field(description="null: every number")
    debtor_id: str | None = Field(description="null: whoever has the number; both null: everybody")
    reason: SuppressionReason
    note: str | None
    until: datetime | None
    actor: str
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None

    @classmethod
    def of(cls, suppression: Suppression) -> Self:
        wish = suppression.wish
        return cls(
            suppression_id=suppression.id,
            client_id=wish.client_id or None,
            number=wish.number,
            debtor_id=wish.debtor_ref,
            reason=wish.reason,
            note=wish.note,
            until=wish.until,
            actor=suppression.actor,
            created_at=suppression.created_at,
            lifted_at=suppression.lifted_at,
            lifted_by=suppression.lifted_by,
        )


class SuppressionsShown(BaseModel):
    suppressions: list[SuppressionShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class SuppressedShown(SuppressionShown):
    stopped: Stopped


class LiftedShown(SuppressionShown):
    contacts_returned: int = Field(description="contacts that are called again")


@operation(
    "Leave somebody in peace",
    {
        HTTPStatus.CREATED: Answer("The wish, and what it has stopped.", SuppressedShown),
        HTTPStatus.OK: Answer("The same wish was known.", SuppressedShown),
    },
)
async def add(asked: Asked[Nothing, SuppressionBody]) -> web.StreamResponse:
    """Holds from the answer on, for every list that is known and every one to come, until it is lifted.

    The same wish twice is one, and lasts for the longer of the two times.
    """
    service, wish = asked.service, _wish(asked)
    kept = await Suppressing(service.store, service.engine.calloff, service.clock).suppress(wish, asked.actor)
    shown = SuppressedShown(
        **SuppressionShown.of(kept.suppressed.suppression).model_dump(),
        stopped=Stopped.of(kept.suppressed.finished, kept.calls),
    )
    return reply(shown, HTTPStatus.CREATED if kept.suppressed.is_new else HTTPStatus.OK)


@operation(
    "List who is left in peace",
    {HTTPStatus.OK: Answer("A page, the oldest first.", SuppressionsShown)},
    shows_people=True,
)
async def list_all(asked: Asked[SuppressionQuery, Nothing]) -> web.StreamResponse:
    """To a client's key, wishes of its own client only."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(SuppressionsShown(suppressions=[], next=None))
    errors: list[FieldError] = []
    number = normalised(query.number, asked.service.engine.bounds.plan, errors, parameter="number")
    if errors:
        raise invalid("the address does not fit", errors)
    which = SuppressionFilter(query.client_id or asked.client_id, number, query.debtor_id, query.reason, query.lifted)
    found = await asked.service.store.suppressions(which, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(SuppressionsShown(suppressions=[SuppressionShown.of(each) for each in found], next=following))


@operation(
    "See a wish",
    {HTTPStatus.OK: Answer("The wish, lifted or not.", SuppressionShown)},
    shows_people=True,
)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(SuppressionShown.of(await _visible(asked)))


@operation("Lift a wish", {HTTPStatus.OK: Answer("The wish, lifted; it stays as history.", LiftedShown)})
async def lift(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Contacts that were not called for its sake alone are called again. One of every client is the operator's."""
    suppression, service = await _visible(asked), asked.service
    suppressing = Suppressing(service.store, service.engine.calloff, service.clock)
    lifted = await suppressing.lift(suppression.id, asked.actor)
    if lifted is None:
        raise not_found(f"suppression {suppression.id}")
    shown = SuppressionShown.of(lifted.suppression).model_dump()
    return reply(LiftedShown(**shown, contacts_returned=lifted.returned))


async def _visible(asked: Asked[Q, B]) -> Suppression:
    """The wish of the address; to a client, another client's and those of every client do not exist."""
    suppression_id = asked.path["suppression_id"]
    found = await asked.service.store.suppression(suppression_id)
    if found is None or asked.client_id not in (None, found.wish.client_id):
        raise not_found(f"suppression {suppression_id}")
    return found


def _wish(asked: Asked[Nothing, SuppressionBody]) -> Wish:
    body, errors = asked.body, list[FieldError]()
    if asked.client_id not in (None, body.client_id or asked.client_id):
        errors.append(FieldError(pointer="#/client_id", detail=f"the key speaks for {asked.client_id} only"))
    if body.everybody == (body.number is not None or body.debtor_id is not None):
        errors.append(FieldError(pointer="#", detail="name a number, a debtor_id, or both; or say everybody"))
    number = normalised(body.number, asked.service.engine.bounds.plan, errors, pointer="#/number")
    client = body.client_id or asked.client_id or EVERY_CLIENT
    wish = Wish(client, number, body.debtor_id, body.reason, body.note, body.until)
    if not errors:
        found = refusals(wish, asked.service.clock.now())
        errors = [FieldError(pointer=f"#/{field}", detail=detail) for field, detail in found]
    if errors:
        raise invalid("the wish cannot be kept", errors)
    return wish
