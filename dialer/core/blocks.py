"""For which reasons is a case never spoken of, and what changes them?

A list's flags say them, somebody's PATCH, a dispute, or the client's own order. A dispute that was opened here and an
order outlive every list: the one blocks until it is decided, the other until the client resumes the case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from dialer.core.cases import CaseOrder, CaseState, Dispute, Flag, Hold, HoldReason, Stage
from dialer.core.clients import AfterRejection
from dialer.core.codes import Code
from dialer.core.feed import EventType

BLOCKED_BY_FLAG = {
    Flag.ATTORNEY: Code.B_ATTORNEY,
    Flag.DECEASED: Code.B_DECEASED,
    Flag.DISPUTE: Code.B_DISPUTE,
    Flag.DO_NOT_CALL: Code.B_DO_NOT_CALL,
    Flag.INSOLVENCY: Code.B_INSOLVENCY,
    Flag.MINOR: Code.B_MINOR,
    Flag.NO_VOICE: Code.B_NO_VOICE,
}
BLOCKED_BY_HOLD = {Hold.PAUSED: Code.B_PAUSED, Hold.STOPPED: Code.B_STOPPED}
_SAID_ANEW: frozenset[Code] = frozenset([*BLOCKED_BY_FLAG.values(), *BLOCKED_BY_HOLD.values()])

_ANY = frozenset(Dispute)
DISPUTE_MOVES: Mapping[Dispute | None, frozenset[Dispute]] = {
    None: frozenset({Dispute.OPEN, Dispute.UPHELD}),  # one may be known to be right from elsewhere
    Dispute.OPEN: _ANY,
    Dispute.EXPLAINED: _ANY,
    Dispute.REJECTED: frozenset({Dispute.REJECTED, Dispute.OPEN, Dispute.UPHELD}),
    Dispute.UPHELD: frozenset({Dispute.UPHELD}),  # the case is closed for good
}

# What an order makes of a case. Stopped is for good: a case that is to be called about after all is sent as another.
HOLDS: Mapping[tuple[Hold | None, CaseOrder], Hold | None] = {
    (None, CaseOrder.PAUSE): Hold.PAUSED,
    (None, CaseOrder.RESUME): None,
    (None, CaseOrder.STOP): Hold.STOPPED,
    (Hold.PAUSED, CaseOrder.PAUSE): Hold.PAUSED,
    (Hold.PAUSED, CaseOrder.RESUME): None,
    (Hold.PAUSED, CaseOrder.STOP): Hold.STOPPED,
    (Hold.STOPPED, CaseOrder.STOP): Hold.STOPPED,
}
_TOLD_OF_HOLD = {None: EventType.CASE_RESUMED, Hold.PAUSED: EventType.CASE_PAUSED, Hold.STOPPED: EventType.CASE_STOPPED}

Happened = tuple[EventType, Mapping[str, object]]


class NotPossible(Exception):
    """The change contradicts how the case stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a client wants of its case, and why; the note is kept with the case alone."""

    order: CaseOrder
    reason: HoldReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a client has ordered of its case."""

    hold: Hold
    reason: HoldReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What a list, a PATCH, a dispute and the client's order have made of a case."""

    flags: frozenset[Flag]
    blocked: tuple[Code, ...]  # B_; empty: it may be spoken of while it is open
    dispute: Dispute | None
    state: CaseState
    stage: Stage
    held: Held | None = None

    @property
    def mark(self) -> str:
        """Tells it from any other standing, for those who must not overwrite what they have not seen."""
        said = (sorted(self.flags), self.blocked, self.dispute, self.state, self.stage, self.held)
        return sha256(repr([str(each) for each in said]).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What is to be different; None leaves it as it is."""

    flags: frozenset[Flag] | None = None  # all of them, in place of those known; then these are added and removed
    add: frozenset[Flag] = frozenset()
    remove: frozenset[Flag] = frozenset()
    dispute: Dispute | None = None
    stage: Stage | None = None
    ordered: Ordered | None = None


def blocked_for(listed: Iterable[Code], dispute: Dispute | None, hold: Hold | None) -> tuple[Code, ...]:
    """Why a case is blocked of which a list gives these reasons, if any."""
    codes = [*listed]
    if dispute is not None and dispute.blocks:
        codes.append(Code.B_DISPUTE)
    if hold is not None:
        codes.append(BLOCKED_BY_HOLD[hold])
    return tuple(dict.fromkeys(codes))


def changed(
    case: CaseStanding, change: CaseChange, after_rejection: AfterRejection = AfterRejection.CALL
) -> CaseStanding:
    """The case afterwards; raises NotPossible."""
    flags = (case.flags if change.flags is None else change.flags) | change.add
    flags -= change.remove
    dispute = _moved(case, change.dispute)
    if dispute is Dispute.REJECTED and change.dispute is not None:
        flags -= {Flag.DISPUTE}  # whoever said so, it has been looked into
    held = _held(case, change.ordered)
    is_rejected_now = dispute is Dispute.REJECTED and case.dispute is not Dispute.REJECTED
    if is_rejected_now and after_rejection is AfterRejection.WAIT and held is None:
        held = Held(Hold.PAUSED, HoldReason.COMPLAINT)  # whoever resumes it later is not told the same again
    others = [code for code in case.blocked if code not in _SAID_ANEW]
    by_flags = [BLOCKED_BY_FLAG[flag] for flag in Flag if flag in flags and flag in BLOCKED_BY_FLAG]
    return replace(
        case,
        flags=flags,
        blocked=blocked_for([*others, *by_flags], dispute, held.hold if held else None),
        dispute=dispute,
        state=CaseState.CLOSED_CANCELLED if dispute is Dispute.UPHELD else case.state,
        stage=change.stage or case.stage,
        held=held,
    )


def _moved(case: CaseStanding, wanted: Dispute | None) -> Dispute | None:
    if wanted is None:
        return case.dispute
    now = case.dispute or (Dispute.OPEN if Flag.DISPUTE in case.flags else None)
    if wanted not in DISPUTE_MOVES[now]:
        known = "there is none" if now is None else f"it is {now}"
        raise NotPossible(f"the dispute cannot become {wanted}: {known}")
    return wanted


def _held(case: CaseStanding, ordered: Ordered | None) -> Held | None:
    if ordered is None:
        return case.held
    now = case.held.hold if case.held else None
    if (now, ordered.order) not in HOLDS:
        raise NotPossible(f"the case cannot be ordered to {ordered.order}: it is {now} for good")
    hold = HOLDS[now, ordered.order]
    return None if hold is None else Held(hold, ordered.reason, ordered.note)


def happened(before: CaseStanding, after: CaseStanding) -> list[Happened]:
    """What is told of a change."""
    told: list[Happened] = []
    if after.dispute is not before.dispute:
        is_new = after.dispute is Dispute.OPEN and before.dispute is not Dispute.EXPLAINED
        type_ = EventType.DISPUTE_OPENED if is_new else EventType.DISPUTE_CHANGED
        told.append((type_, {"dispute": after.dispute, "before": before.dispute}))
    if after.held != before.held:
        hold = after.held.hold if after.held else None
        because = {"reason": after.held.reason} if after.held else {}
        told.append((_TOLD_OF_HOLD[hold], because))
    if after.flags != before.flags or after.stage is not before.stage:
        told.append((EventType.CASE_CHANGED, {"flags": sorted(after.flags), "stage": after.stage}))
    told += blocks_told(before.blocked, after.blocked)
    if after.state is not before.state:
        told.append((EventType.CASE_CLOSED, {"state": after.state}))
    return told


def blocks_told(before: Sequence[str], after: Sequence[str]) -> list[Happened]:
    """What is told of a case that is blocked for other reasons than before, or no more."""
    if set(before) == set(after):
        return []
    return [(EventType.CASE_BLOCKED if after else EventType.CASE_UNBLOCKED, {"codes": [*after]})]
