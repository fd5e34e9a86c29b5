"""What is known of a case, and what is changed by hand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from dialer.core.blocks import CaseChange, CaseStanding
from dialer.core.cases import CaseState, DebtorType, Dispute, Hold, PromiseState, Stage
from dialer.ports.store.calloffs import CalledOff


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it is shown."""

    key: int  # ours
    client_id: str
    case_id: str
    campaign_id: str
    debtor_ref: str
    debtor_type: DebtorType
    contact_id: int | None  # None: nobody is to be called about it
    standing: CaseStanding
    closed_at: datetime | None
    amount: Decimal
    currency: str
    due_date: date
    balance_version: int
    balance_as_of: datetime | None
    changed_at: datetime | None  # when any of this last became otherwise
    promised_by: date | None = None  # the day of the last promise to pay
    promise: PromiseState | None = None  # what has become of it
    paid_claimed_at: datetime | None = None  # when the debtor last said that it is paid


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are asked for; None: whatever it is."""

    client_id: str | None = None
    campaign_id: str | None = None
    debtor_ref: str | None = None
    state: CaseState | None = None
    stage: Stage | None = None
    dispute: Dispute | None = None
    hold: Hold | None = None
    promise: PromiseState | None = None
    is_blocked: bool | None = None  # nobody is called about it
    changed_since: datetime | None = None  # became otherwise then or later


@dataclass(frozen=True, slots=True)
class CaseChanged:
    case: CaseView
    finished: int  # contacts that are called no more, perhaps when their call is over
    called_off: Sequence[CalledOff]  # attempts that are open, and are not to go on


@dataclass(frozen=True, slots=True)
class CasesChanged:
    cases: Sequence[CaseView]
    finished: int
    called_off: Sequence[CalledOff]


class UnknownCase(KeyError):
    """The client has no case of this name; nothing was changed."""

    def __init__(self, client_id: str, case_id: str) -> None:
        super().__init__(f"{client_id} has no case {case_id}")
        self.case_id = case_id


class Cases(Protocol):
    async def case(self, client_id: str, case_id: str) -> CaseView | None: ...

    async def cases(self, which: CaseFilter, after: int, limit: int) -> Sequence[CaseView]:
        """A page in the order in which they came, from behind ``after``, a ``key``.

        With ``changed_since`` in the order of their changes; ``after`` is the key of one that changed at that moment.
        Whoever goes on from the last of a page misses no change, also of those that are made meanwhile.
        """
        ...

    async def change_case(
        self, client_id: str, case_id: str, change: CaseChange, actor: str, now: datetime, seen: str | None = None
    ) -> CaseChanged:
        """Change it, and let its contact follow: called no more, with another message, or again.

        When this returns, no attempt that speaks of a blocked or closed case can be leased any more; those leased
        before and still open are named.

        Args:
            seen: the mark of the standing that the change was decided on; None: whatever it is.

        Raises:
            Conflict: it does not stand so any more; nothing was changed.
            UnknownCase: there is no such case.
            NotPossible: the change contradicts how the case stands; nothing was changed.
        """
        ...

    async def change_cases(
        self, client_id: str, case_ids: Sequence[str], change: CaseChange, actor: str, now: datetime
    ) -> CasesChanged:
        """The same of several, all or none.

        Raises:
            NotPossible: the change contradicts how one of them stands.
            UnknownCase: one of them is not there.
        """
        ...
