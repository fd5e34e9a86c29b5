"""How does a client pause, resume or stop its own cases, at once?"""

from http import HTTPStatus
from typing import Annotated, Self, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.cases import CaseChangedShown, CaseQuery, CaseShown, client_of, tag_of
from api.operations import Answer, Asked, operation, reply
from api.pages import CaseId
from api.problems import Problem, not_found
from api.stopped import Stopped
from dialer.change_case import CaseChanging, ChangedTogether
from dialer.core.blocks import CaseChange, NotPossible, Ordered
from dialer.core.cases import CaseOrder, HoldReason
from dialer.ports.store import UnknownCase

MOST_CASES = 500  # of one order: one transaction, and nothing else is written meanwhile


class OrderBody(BaseModel):
    """Why it is ordered."""

    model_config = ConfigDict(extra="forbid")

    reason: HoldReason
    note: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] | None = Field(
        default=None, description="in your own words; shown with the case alone, and erased with its debtor"
    )


class SelectionBody(OrderBody):
    """Which cases, and why."""

    case_ids: Annotated[list[CaseId], Field(min_length=1, max_length=MOST_CASES)]


Body = TypeVar("Body", bound=OrderBody)


class CasesChangedShown(BaseModel):
    cases: list[CaseShown] = Field(description="as they stand now, in the order in which they were named")
    stopped: Stopped

    @classmethod
    def of(cls, changed: ChangedTogether) -> Self:
        cases = [CaseShown.of(each) for each in changed.cases]
        return cls(cases=cases, stopped=Stopped.of(changed.finished, changed.calls))


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
    """All or none: a case that is not known, or cannot be paused, refuses the order."""
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
    changed = await _carried_out(asked, list(dict.fromkeys(asked.body.case_ids)), order)
    return reply(CasesChangedShown.of(changed))


async def _carried_out(asked: Asked[CaseQuery, Body], case_ids: list[str], order: CaseOrder) -> ChangedTogether:
    client_id, service = client_of(asked), asked.service
    changing = CaseChanging(service.store, service.engine.calloff, service.clock)
    ordered = Ordered(order, asked.body.reason, asked.body.note)
    try:
        return await changing.change_all(client_id, case_ids, CaseChange(ordered=ordered), asked.actor)
    except UnknownCase as unknown:
        raise not_found(f"case {unknown.case_id}: nothing was changed") from unknown
    except NotPossible as reason:
        raise Problem(HTTPStatus.CONFLICT, f"{reason}; nothing was changed", code="not_possible") from reason
