"""How does a case stand, and how is it changed by hand?"""

from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Self, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.operations import Answer, Asked, B, CampaignId, Nothing, operation, reply, seen_tag
from api.pages import ClientId, DebtorId, Limit, Moment, going_on
from api.problems import FieldError, Problem, invalid, not_found
from api.stopped import Stopped
from dialer.cases.change_case import CaseChanging
from dialer.core.blocks import CaseChange, Held, NotPossible
from dialer.core.cases import CaseState, DebtorType, Dispute, Flag, Hold, HoldReason, PromiseState, Stage
from dialer.ports.store import CaseFilter, CaseView, Conflict


class CaseQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(
        default=None, description="whose case; may be left out by a key that speaks for one client"
    )


C = TypeVar("C", bound=CaseQuery)


class CasesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only this client's")
    campaign_id: CampaignId | None = None
    debtor_id: DebtorId | None = Field(default=None, description="the client's own; the operator says whose")
    state: CaseState | None = None
    stage: Stage | None = None
    dispute: Dispute | None = Field(default=None, description="only those whose dispute has come to this")
    hold: Hold | None = Field(default=None, description="only those of which their client has ordered this")
    promise: PromiseState | None = Field(default=None, description="only those whose last promise has become this")
    blocked: bool | None = Field(default=None, description="only those about which nobody is called, or only others")
    changed_since: Moment | None = Field(
        default=None,
        description="only those of which anything became otherwise then or later, in the order of their changes; "
        "whoever goes on from the `changed_at` of the last one misses none",
    )
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=0, description="where the page before ended, as its `next` says"
    )
    limit: Limit = 100


class FlagsChanged(BaseModel):
    """Flags to add and to remove; those not named stay."""

    model_config = ConfigDict(extra="forbid")

    add: set[Flag] = Field(default_factory=set)
    remove: set[Flag] = Field(default_factory=set)

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if both := self.add & self.remove:
            raise ValueError(f"{', '.join(sorted(both))}: both added and removed")
        return self


class CaseBody(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    flags: set[Flag] | FlagsChanged | None = Field(
        default=None, description="all of them, or those to add and to remove"
    )
    dispute: Dispute | None = None
    stage: Stage | None = None

    def change(self) -> CaseChange:
        if isinstance(self.flags, FlagsChanged):
            added, removed = frozenset(self.flags.add), frozenset(self.flags.remove)
            return CaseChange(add=added, remove=removed, dispute=self.dispute, stage=self.stage)
        flags = None if self.flags is None else frozenset(self.flags)
        return CaseChange(flags, dispute=self.dispute, stage=self.stage)


class HeldShown(BaseModel):
    """What the client has ordered of its case."""

    hold: Hold
    reason: HoldReason
    note: str | None

    @classmethod
    def of(cls, held: Held | None) -> Self | None:
        return None if held is None else cls(hold=held.hold, reason=held.reason, note=held.note)


class CaseShown(BaseModel):
    client_id: str
    case_id: str
    campaign_id: str
    contact_id: int | None = Field(description="null: nobody is to be called about it")
    debtor_id: str = Field(description="the client's own")
    debtor_type: DebtorType
    state: CaseState
    closed_at: datetime | None
    blocked: list[str] = Field(description="B_ codes: why nobody is called about it; empty while it may be spoken of")
    flags: list[Flag]
    dispute: Dispute | None = Field(description="null: never disputed here")
    held: HeldShown | None = Field(description="null: nothing was ordered, or it was resumed")
    stage: Stage
    amount: Decimal
    currency: str
    due_date: date
    balance_version: int
    balance_as_of: datetime | None
    changed_at: datetime | None = Field(description="when anything of this last became otherwise")
    promised_by: date | None = Field(description="the day of the last promise to pay")
    promise: PromiseState | None = Field(description="what has become of that promise; null: none was made")
    paid_claimed_at: datetime | None = Field(description="when the debtor last said that it is paid")

    @classmethod
    def of(cls, case: CaseView) -> Self:
        standing = case.standing
        return cls(
            client_id=case.client_id,
            case_id=case.case_id,
            campaign_id=case.campaign_id,
            contact_id=case.contact_id,
            debtor_id=case.debtor_ref,
            debtor_type=case.debtor_type,
            state=standing.state,
            closed_at=case.closed_at,
            blocked=list(standing.blocked),
            flags=sorted(standing.flags),
            dispute=standing.dispute,
            held=HeldShown.of(standing.held),
            stage=standing.stage,
            amount=case.amount,
            currency=case.currency,
            due_date=case.due_date,
            balance_version=case.balance_version,
            balance_as_of=case.balance_as_of,
            changed_at=case.changed_at,
            promised_by=case.promised_by,
            promise=case.promise,
            paid_claimed_at=case.paid_claimed_at,
        )


class CasesShown(BaseModel):
    cases: list[CaseShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class CaseChangedShown(CaseShown):
    stopped: Stopped


_WHOSE = "whose debtor? Its id is the client's own"
_TAGGED = {"ETag": "names how the case stands: flags, dispute, stage, state"}


@operation("List the cases", {HTTPStatus.OK: Answer("A page, in the order in which they came.", CasesShown)})
async def list_all(asked: Asked[CasesQuery, Nothing]) -> web.StreamResponse:
    """As each stands now; to a client's key, its own client's only. Whoever keeps up with changes asks for events."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(CasesShown(cases=[], next=None))
    client_id = query.client_id or asked.client_id
    if query.debtor_id is not None and client_id is None:
        raise invalid("the address does not fit", [FieldError(parameter="client_id", detail=_WHOSE)])
    which = CaseFilter(
        client_id, query.campaign_id, query.debtor_id, query.state, query.stage, query.dispute, query.hold,
        query.promise, query.blocked, query.changed_since,
    )  # fmt: skip
    found = await asked.service.store.cases(which, query.after, query.limit)
    following = None
    if len(found) == query.limit:
        here = {} if query.changed_since is None else {"changed_since": found[-1].changed_at}
        following = going_on(asked.request, query.model_copy(update=here), found[-1].key)
    return reply(CasesShown(cases=[CaseShown.of(case) for case in found], next=following))


@operation("See a case", {HTTPStatus.OK: Answer("The case.", CaseShown, headers=_TAGGED)})
async def show(asked: Asked[CaseQuery, Nothing]) -> web.StreamResponse:
    client_id, case_id = client_of(asked), asked.path["case_id"]
    case = await asked.service.store.case(client_id, case_id)
    if case is None:
        raise not_found(f"case {case_id}")
    return reply(CaseShown.of(case), headers=tag_of(case))


@operation(
    "Change a case: its flags, its dispute, its stage",
    {
        HTTPStatus.OK: Answer(
            "The case as it stands now, and the calls that were stopped.", CaseChangedShown, headers=_TAGGED
        )
    },
    problems={
        HTTPStatus.CONFLICT: "The change contradicts how the case stands.",
        HTTPStatus.PRECONDITION_FAILED: "It has changed since it was read.",
    },
    headers={"If-Match": "the ETag that was read: refuses to overwrite somebody else's change"},
)
async def change(asked: Asked[CaseQuery, CaseBody]) -> web.StreamResponse:
    """From the answer on nobody is called about a case that is blocked or disputed, until that is over.

    A later call list replaces the flags; a dispute outlives every list. `upheld` closes the case for good, `rejected`
    lets calls go on, or pauses the case, as its client has decided.
    """
    client_id, case_id, service = client_of(asked), asked.path["case_id"], asked.service
    changing = CaseChanging(service.store, service.engine.calloff, service.clock)
    try:
        changed = await changing.change(client_id, case_id, asked.body.change(), asked.actor, seen_tag(asked.request))
    except Conflict as conflict:
        raise Problem(HTTPStatus.PRECONDITION_FAILED, f"{conflict}: read it again and decide anew") from conflict
    except NotPossible as reason:
        raise Problem(HTTPStatus.CONFLICT, f"{reason}: read the case and decide anew", code="not_possible") from reason
    if changed is None:
        raise not_found(f"case {case_id}")
    shown = CaseShown.of(changed.case).model_dump()
    return reply(
        CaseChangedShown(**shown, stopped=Stopped.of(changed.finished, changed.calls)), headers=tag_of(changed.case)
    )


def tag_of(case: CaseView) -> dict[str, str]:
    return {"ETag": f'"{case.standing.mark}"'}


def client_of(asked: Asked[C, B]) -> str:
    """Whose case is meant; to a client, another client has none."""
    named = asked.query.client_id or asked.client_id
    if named is None:
        detail = "whose case? Its number is the client's own"
        raise invalid("the address does not fit", [FieldError(parameter="client_id", detail=detail)])
    if asked.client_id not in (None, named):
        raise not_found(f"case {asked.path.get('case_id', '')}".rstrip())
    return named
