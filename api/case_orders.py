"""How does a client pause, resume or stop its own cases, at once?"""

from http import HTTPStatus
from typing import Annotated, Self, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.cases import CaseChangedShown, CaseQuery, CaseShown, client_of, tag_of
from api.operations import Answer, Asked, CampaignId, operation, reply
from api.pages import CaseId, DebtorId
from api.problems import Problem, not_found
from api.stopped import Stopped
from dialer.cases.change_case import CaseChanging, ChangedTogether
from dialer.core.blocks import CaseChange, NotPossible, Ordered
from dialer.core.cases import CaseOrder, CaseState, HoldReason, Stage
from dialer.ports.store import CaseFilter, UnknownCase

MOST_CASES = 500  # of one order: one transaction, and nothing else is written meanwhile


class OrderBody(BaseModel):
    """Why it is ordered."""

    model_config = ConfigDict(extra="forbid")

    reason: HoldReason
    note: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] | None = Field(
        default=None, description="in your own words; shown with the case alone, and erased with its debtor"
    )


class Matching(BaseModel):
    """All cases of the client to which all of this applies."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: CampaignId | None = None
    debtor_id: DebtorId | None = None
    stage: Stage | None = None
    state: CaseState | None = None


class SelectionBody(OrderBody):
    """Which cases, and why."""

    case_ids: Annotated[list[CaseId], Field(min_length=1, max_length=MOST_CASES)] | None = Field(
        default=None, description="all or none of these"
    )
    matching: Matching | None = Field(
        default=None,
        description="in place of case_ids: those for which the order is not carried out yet, in portions; sent again, "
        "it goes on. `{}`: every case of the client",
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.case_ids is None) == (self.matching is None):
            raise ValueError("say which cases: case_ids, or matching")
        return self


Body = TypeVar("Body", bound=OrderBody)


class CasesChangedShown(BaseModel):
    cases: list[CaseShown] = Field(
        description=f"as they stand now, in the order in which they were named or came; the first {MOST_CASES}"
    )
    changed: int = Field(description="how many cases")
    stopped: Stopped

    @classmethod
    def of(cls, changed: ChangedTogether) -> Self:
        cases = [CaseShown.of(each) for each in changed.cases[:MOST_CASES]]
        return cls(cases=cases, changed=len(changed.cases), stopped=Stopped.of(changed.finished, changed.calls))


_PROBLEMS = {HTTPStatus.CONFLICT: "A case was stopped for good, and cannot be paused or resumed."}
_PROBLEMS_OF_SEVERAL = _PROBLEMS | {HTTPStatus.NOT_FOUND: "A case is not known: nothing was changed."}
_ONE = {HTTPStatus.OK: Answer("The case as it stands now, and the calls that were stopped.", CaseChangedShown)}
_SEVERAL = {HTTPStatus.OK: Answer("The cases as they stand now, and the calls that were stopped.", CasesChangedShown)}


@operation("Pause a case", _ONE, problems=_PROBLEMS)
async def pause(asked: Asked[CaseQuery, OrderBody]) -> web.StreamResponse:
    """From the answer on nobody is called about it until it is resumed; calls that rang about it have ended.

    No call list and no PATCH lets calls go on meanwhile.
    """
    return await _one(asked, CaseOrder.PAUSE)


@operation("Resume a case", _ONE, problems=_PROBLEMS)
async def resume(asked: Asked[CaseQuery, OrderBody]) -> web.StreamResponse:
    """Calls go on by the plan, unless something else blocks the case."""
    return await _one(asked, CaseOrder.RESUME)


@operation("Stop a case for good", _ONE, problems=_PROBLEMS)
async def stop(asked: Asked[CaseQuery, OrderBody]) -> web.StreamResponse:
    """As pausing, without an end. What is to be called about after all is sent under another case_id."""
    return await _one(asked, CaseOrder.STOP)


@operation(
    "Pause several cases",
    _SEVERAL,
    problems=_PROBLEMS_OF_SEVERAL,
)
async def pause_several(asked: Asked[CaseQuery, SelectionBody]) -> web.StreamResponse:
    """Of ``case_ids`` all or none: one that is not known, or cannot be paused, refuses the order."""
    return await _several(asked, CaseOrder.PAUSE)


@operation(
    "Resume several cases",
    _SEVERAL,
    problems=_PROBLEMS_OF_SEVERAL,
)
async def resume_several(asked: Asked[CaseQuery, SelectionBody]) -> web.StreamResponse:
    """All or none, as pausing."""
    return await _several(asked, CaseOrder.RESUME)


@operation(
    "Stop several cases for good",
    _SEVERAL,
    problems=_PROBLEMS_OF_SEVERAL,
)
async def stop_several(asked: Asked[CaseQuery, SelectionBody]) -> web.StreamResponse:
    """All or none, as pausing."""
    return await _several(asked, CaseOrder.STOP)


async def _one(asked: Asked[CaseQuery, OrderBody], order: CaseOrder) -> web.StreamResponse:
    changed = await _carried_out(asked, [asked.path["case_id"]], order)
    [case] = changed.cases
    stopped = Stopped.of(changed.finished, changed.calls)
    return reply(CaseChangedShown(**CaseShown.of(case).model_dump(), stopped=stopped), headers=tag_of(case))


async def _several(asked: Asked[CaseQuery, SelectionBody], order: CaseOrder) -> web.StreamResponse:
    body = asked.body
    if body.matching is None:
        return reply(CasesChangedShown.of(await _carried_out(asked, list(dict.fromkeys(body.case_ids or ())), order)))
    which = CaseFilter(
        client_of(asked), body.matching.campaign_id, body.matching.debtor_id, body.matching.state, body.matching.stage
    )
    try:
        changed = await _changing(asked).order_matching(which, Ordered(order, body.reason, body.note), asked.actor)
    except (NotPossible, UnknownCase) as reason:
        raise Problem(
            HTTPStatus.CONFLICT, f"{reason}: cases changed meanwhile, send it again", code="not_possible"
        ) from reason
    return reply(CasesChangedShown.of(changed))


async def _carried_out(asked: Asked[CaseQuery, Body], case_ids: list[str], order: CaseOrder) -> ChangedTogether:
    client_id, changing = client_of(asked), _changing(asked)
    ordered = Ordered(order, asked.body.reason, asked.body.note)
    try:
        return await changing.change_all(client_id, case_ids, CaseChange(ordered=ordered), asked.actor)
    except UnknownCase as unknown:
        raise not_found(f"case {unknown.case_id}: nothing was changed") from unknown
    except NotPossible as reason:
        raise Problem(HTTPStatus.CONFLICT, f"{reason}; nothing was changed", code="not_possible") from reason


def _changing(asked: Asked[CaseQuery, Body]) -> CaseChanging:
    return CaseChanging(asked.service.store, asked.service.engine.calloff, asked.service.clock)
