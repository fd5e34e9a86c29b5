"""How is a case changed by hand, and what becomes of the calls about it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from dialer.calloff import CallOff, Ending
from dialer.core.blocks import CaseChange, NotPossible, Ordered
from dialer.core.calendar import stage_agrees
from dialer.core.cases import CaseOrder, Hold, Stage
from dialer.ports import Clock
from dialer.ports.store import CaseFilter, CaseView, Store

PORTION = 200  # cases of one transaction, in which nothing else is written

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Changed:
    case: CaseView
    finished: int  # contacts that are called no more
    calls: Sequence[Ending]  # attempts that were open


@dataclass(frozen=True, slots=True)
class ChangedTogether:
    cases: Sequence[CaseView]
    finished: int
    calls: Sequence[Ending]

    def __add__(self, other: "ChangedTogether") -> "ChangedTogether":
        cases, calls = [*self.cases, *other.cases], [*self.calls, *other.calls]
        return ChangedTogether(cases, self.finished + other.finished, calls)


# In which an order changes nothing, or may not change anything.
_DONE = {
    CaseOrder.PAUSE: frozenset({Hold.PAUSED, Hold.STOPPED}),
    CaseOrder.RESUME: frozenset({None, Hold.STOPPED}),
    CaseOrder.STOP: frozenset({Hold.STOPPED}),
}


class CaseChanging:
    def __init__(self, store: Store, calloff: CallOff, clock: Clock) -> None:
        self._store = store
        self._calloff = calloff
        self._clock = clock

    async def change(
        self, client_id: str, case_id: str, change: CaseChange, actor: str, seen: str | None = None
    ) -> Changed | None:
        """Change the case; None: there is none.

        When this returns, nothing rings any more that would speak of a blocked or closed case, and nothing will.

        Args:
            seen: the mark of the standing that the change was decided on; None: whatever it is.

        Raises:
            Conflict: it does not stand so any more; nothing was changed.
            NotPossible: the change contradicts how the case stands; nothing was changed.
            StoreFailed: the same.
        """
        known = await self._store.case(client_id, case_id)
        if known is None:
            return None
        if change.stage is not None:
            await self._check(known, change.stage)
        changing = self._store.change_case(client_id, case_id, change, actor, self._clock.now(), seen)
        changed, calls = await self._calloff.carry_out(changing)
        await self._calloff.all_over(calls)
        log.info("case_changed", case=case_id, client=client_id, calls=len(calls))
        return Changed(changed.case, changed.finished, calls)

    async def change_all(
        self, client_id: str, case_ids: Sequence[str], change: CaseChange, actor: str
    ) -> ChangedTogether:
        """Change several cases alike, all or none; as ``change``, but for a stage.

        Raises:
            NotPossible: the change contradicts how one of them stands; nothing was changed.
            UnknownCase: the client has no such case; nothing was changed.
            StoreFailed: the same.
        """
        changing = self._store.change_cases(client_id, case_ids, change, actor, self._clock.now())
        changed, calls = await self._calloff.carry_out(changing)
        await self._calloff.all_over(calls)
        log.info("cases_changed", cases=len(case_ids), client=client_id, calls=len(calls))
        return ChangedTogether(changed.cases, changed.finished, calls)

    async def order_matching(self, which: CaseFilter, ordered: Ordered, actor: str) -> ChangedTogether:
        """Carry an order out on all cases of a client that are asked for, in portions, each of them all or none.

        A case that a list brings meanwhile may be left out. The order may be sent again: what is done is passed over.

        Raises:
            NotPossible, StoreFailed: those of the portions before are changed.
        """
        if which.client_id is None:
            raise ValueError("cases are a client's")
        after, changed = 0, ChangedTogether((), 0, ())
        while page := await self._store.cases(which, after, PORTION):
            after = page[-1].key
            due = [each.case_id for each in page if _hold(each) not in _DONE[ordered.order]]
            if due:
                changed += await self.change_all(which.client_id, due, CaseChange(ordered=ordered), actor)
        return changed

    async def _check(self, case: CaseView, stage: Stage) -> None:
        """What a list may not say of it, nobody may."""
        campaign = await self._store.campaign(case.campaign_id)
        if campaign is None or stage not in campaign.settings.stages:
            raise NotPossible(f"campaign {case.campaign_id} does not handle the stage {stage}")
        today = self._clock.now().astimezone(ZoneInfo(campaign.settings.timezone)).date()
        if not stage_agrees(stage, case.due_date, today, campaign.settings.holidays):
            raise NotPossible(f"the stage {stage} contradicts the due date {case.due_date}")


def _hold(case: CaseView) -> Hold | None:
    held = case.standing.held
    return held.hold if held else None
