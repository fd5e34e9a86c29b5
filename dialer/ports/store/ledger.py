"""Who is to be called, and what came of the calls?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.core.call import Call
from dialer.core.choice import Candidate, Wait
from dialer.core.retry import Again, Done, Stand
from dialer.core.rules import Rule
from dialer.model import Attempt, Disposition, FinishReason


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A call that is over, and what it was."""

    attempt: Attempt
    call: Call
    disposition: Disposition
    trunk: str | None = None  # that carried it, if it is known
    put_off: timedelta | None = None  # how much later than by its plan the contact is called again


@dataclass(frozen=True, slots=True)
class Concluded:
    """What an attempt's end made of its contact."""

    stand: Stand
    next: Again | Done
    rest_until: datetime  # no attempt of the contact before it, should a newer list begin it anew
    counted: bool  # whether the attempt uses up one of those allowed
    waits_for: Rule | None = None  # what has to come first, if it is not the plan's spacing
    call_back_at: datetime | None = None  # a call by whichever agent is free was promised for then


WOKEN = 5_000  # contacts in one transaction: when a window opens on a long list, calls are saved in between


class Ledger(Protocol):
    async def wake(self, now: datetime, most: int = WOKEN) -> Mapping[int, int]:
        """Contacts that are due and have a message become ready, the first due first; how many in which lanes."""
        ...

    async def lease(
        self,
        lane_id: int,
        limit: int,
        decide: Callable[[Candidate], Attempt | Wait | Done | None],
        now: datetime,
        horizon: timedelta,
    ) -> Sequence[Attempt]:
        """Save an attempt for each due contact that the decision makes one of, and return those saved.

        ``decide`` answers an attempt, until when the contact waits, its end, or None to leave it as it is. It is
        asked of one contact after another, each with the attempts that were decided before it among its calls.

        Args:
            horizon: how far back past calls matter.

        Raises:
            Stopped: the whole engine is; nothing was saved.
        """
        ...

    async def conclude(
        self,
        conclusions: Sequence[Conclusion],
        decide: Callable[[Conclusion, Stand], Concluded],
    ) -> None:
        """Close attempts, each once; those closed already are left alone.

        ``decide`` gets how the contact stood before the attempt.
        """
        ...

    async def finish_lane(self, lane_id: int, reason: FinishReason, now: datetime, limit: int) -> int:
        """Finish contacts of the lane that are not being dialled at this moment, so many at most; how many it were."""
        ...

    async def open_attempts(self) -> Sequence[Attempt]:
        """Attempts without a disposition: after a start, those that a crash left open."""
        ...
