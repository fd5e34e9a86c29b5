"""Which call lists came in, and what became of their rows?"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.feed import ENGINE
from dialer.core.plan import Mailing
from dialer.core.rows.verdicts import RowVerdict


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """A call list to be taken, as its sender names it."""

    owner: str  # the key's client; "" is the operator
    batch_id: str
    digest: str  # SHA-256 of the body
    mode: str
    mailing: Mailing | None
    as_of: datetime | None
    received_at: datetime
    notices: Sequence[tuple[str, str]] = ()  # codes, with a detail
    actor: str = ENGINE  # who sent it, as the feed tells


@dataclass(frozen=True, slots=True)
class Batch:
    key: int
    batch_id: str
    state: str  # receiving, done, failed
    problem: str | None
    counts: Mapping[str, int]
    received_at: datetime
    digest: str
    notices: Sequence[tuple[str, str]] = ()
    owner: str = ""  # as in its order


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which batches are asked for; None: whatever it is."""

    owner: str | None = None  # "" is the operator
    state: str | None = None
    since: datetime | None = None  # received then or later
    until: datetime | None = None  # received before
    campaign_id: str | None = None  # rows of it were taken for this campaign


@dataclass(frozen=True, slots=True)
class BatchRow:
    row: int
    case_id: str
    status: str
    codes: Sequence[str]
    phones: Sequence[str]


@dataclass(frozen=True, slots=True)
class TakenRow:
    """A verdict, and the time zone in which its contact is called (None: not called)."""

    verdict: RowVerdict
    timezone: str | None
    misfit: str = ""  # what does not fit in a row that cannot be told apart into values


class Batches(Protocol):
    async def begin_batch(self, order: BatchOrder) -> tuple[Batch, bool]:
        """Open the batch; the flag tells whether it is to be taken now (False: it was taken before).

        Raises:
            Conflict: the id was used with another body, or is being received at this moment.
        """
        ...

    async def add_rows(self, batch: int, rows: Sequence[TakenRow]) -> None:
        """Put judged rows aside, in any order and from any process: nothing else changes yet."""
        ...

    async def finish_batch(self, batch: int, now: datetime) -> Batch:
        """Keep all rows that were added: verdicts, and the accepted ones' debtors, cases, contacts and numbers.

        Of rows that name one case the first accepted one is kept. Numbers and, in replace mode, contacts that the list
        does not name are called no more. To be repeated if it fails: see ``fail_batch``.
        """
        ...

    async def add_notices(self, batch: int, notices: Sequence[tuple[str, str]]) -> None:
        """What was noticed of the list while its rows were judged."""
        ...

    async def fail_batch(self, batch: int, problem: str) -> bool:
        """Drop the rows that were added; False: some are kept already, so that the batch has to be finished."""
        ...

    async def fail_interrupted_batches(self) -> int:
        """At start: those being received when the engine went away; how many."""
        ...

    async def half_taken_batches(self) -> Sequence[int]:
        """At start: those of which some rows were kept when the engine went away; they have to be finished."""
        ...

    async def batch(self, owner: str | None, batch_id: str) -> Batch | None: ...

    async def batches(self, which: BatchFilter, after: int | None, limit: int) -> Sequence[Batch]:
        """A page, the newest first, from behind ``after``, a ``key``."""
        ...

    def batch_rows(self, batch: int) -> AsyncIterator[Sequence[BatchRow]]: ...
