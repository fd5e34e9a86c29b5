"""What does the engine keep, and in which units of work?

Every method is one transaction: it happened wholly and is on disk when the method returns, or it did not happen.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialer.core.call import Call
from dialer.core.cases import CaseRow, RowVerdict
from dialer.core.plan import CampaignSettings, Mailing
from dialer.core.retry import Again, Done, Number
from dialer.model import Attempt, CampaignState, Disposition, FinishReason, Lane


class StoreFailed(Exception):
    """The database could not do its work now; nothing was changed. Trying again may help."""


class Conflict(Exception):
    """What is to be changed has changed meanwhile, or exists with other content."""


# --- campaigns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    state: CampaignState
    settings: CampaignSettings
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """How a campaign stands: contacts by state and by reason of their end, attempts by disposition."""

    contacts: Mapping[str, int]
    finished: Mapping[str, int]
    attempts: Mapping[str, int]  # "open" counts those without a disposition yet
    held: int  # contacts without a message, with the reason kept


class Campaigns(Protocol):
    async def campaign(self, campaign_id: str) -> Campaign | None: ...

    async def campaigns(self, client_id: str | None) -> Sequence[Campaign]:
        """All campaigns, or one client's, by id."""
        ...

    async def put_campaign(
        self, campaign_id: str, settings: CampaignSettings, now: datetime, revision: int | None
    ) -> Campaign:
        """Create it as a draft, or change its settings; messages are rendered anew if their text may differ.

        Raises:
            Conflict: it belongs to another client, or is no longer at the revision given.
        """
        ...

    async def set_campaign_state(self, campaign_id: str, state: CampaignState, now: datetime) -> None: ...

    async def campaign_figures(self, campaign_id: str) -> CampaignFigures: ...

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        """Every lane with its campaign's state."""
        ...


# --- batches -----------------------------------------------------------------------------------------------------


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
    notices: Sequence[tuple[str, str]] = ()  # W_ codes of the file, with a detail


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


class Batches(Protocol):
    async def begin_batch(self, order: BatchOrder) -> tuple[Batch, bool]:
        """Open the batch; the flag tells whether it is to be taken now (False: it was taken before).

        Raises:
            Conflict: the id was used with another body, or is being received at this moment.
        """
        ...

    async def add_rows(self, batch: int, rows: Sequence[TakenRow], now: datetime) -> None:
        """Keep the verdicts, and the accepted rows' debtors, cases, contacts and numbers."""
        ...

    async def finish_batch(self, batch: int, now: datetime) -> Batch:
        """Close the batch: numbers and, in replace mode, contacts that it does not name are called no more."""
        ...

    async def fail_batch(self, batch: int, problem: str) -> None: ...

    async def fail_interrupted_batches(self) -> int:
        """At start: those being received when the engine went away; how many."""
        ...

    async def batch(self, owner: str | None, batch_id: str) -> Batch | None: ...

    def batch_rows(self, batch: int) -> AsyncIterator[Sequence[BatchRow]]: ...


# --- contacts and attempts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that is due."""

    contact_id: int
    attempts: int
    message_key: str
    message_day: date  # the day, at the callee, on which its text is true
    numbers: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A call that is over, and what it was."""

    attempt: Attempt
    call: Call
    disposition: Disposition
    counted: bool


@dataclass(frozen=True, slots=True)
class Concluded:
    """What an attempt's end made of its number and its contact."""

    number: Number
    next: Again | Done
    rest_until: datetime  # no attempt of the contact before it, should a newer list begin it anew


@dataclass(frozen=True, slots=True)
class Unvoiced:
    """A contact without a message, and what the message is to say."""

    contact_id: int
    revision: int  # counts the changes of what it is to say
    campaign_id: str
    lane_id: int
    cases: Sequence[CaseRow]


@dataclass(frozen=True, slots=True)
class Voiced:
    contact_id: int
    message_key: str
    text: str
    day: date


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as it is shown."""

    id: int
    campaign_id: str
    client_id: str
    debtor_ref: str
    state: str
    finished: str | None
    due_at: datetime
    attempts: int
    held_because: str | None
    message_text: str | None
    numbers: Sequence[Number]
    cases: Sequence[str]


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as it is shown: its row tells the story of the call."""

    id: str
    contact_id: int
    campaign_id: str
    ordinal: int
    number: str
    message_key: str  # names the rendered body of the message
    disposition: str | None
    counted: bool | None
    saved_at: datetime
    placed_at: datetime | None
    started_at: datetime | None
    rang_at: datetime | None
    answered_at: datetime | None
    message_at: datetime | None
    ended_at: datetime | None
    heard_ms: int | None
    platform_code: str | None


class Ledger(Protocol):
    async def wake(self, now: datetime) -> int:
        """Contacts that are due and have a message become ready; how many."""
        ...

    async def lease(
        self, lane_id: int, limit: int, decide: Callable[[Candidate], Attempt | Done | None]
    ) -> Sequence[Attempt]:
        """Save an attempt for each due contact that the decision makes one of, and return those saved.

        ``decide`` answers an attempt, the end of the contact, or None to leave it as it is.
        """
        ...

    async def conclude(
        self,
        conclusions: Sequence[Conclusion],
        decide: Callable[[Conclusion, int, Sequence[Number]], Concluded],
    ) -> None:
        """Close attempts, each once; those closed already are left alone.

        ``decide`` gets how many attempts of the contact did not count before this one, and its numbers.
        """
        ...

    async def finish_lane(self, lane_id: int, reason: FinishReason) -> int:
        """Finish the lane's contacts that are not being dialled at this moment; how many."""
        ...

    async def open_attempts(self) -> Sequence[Attempt]:
        """Attempts without a disposition: after a start, those that a crash left open."""
        ...


class Messages(Protocol):
    async def unvoiced(
        self, lane_ids: Sequence[int], due_before: datetime, now: datetime, limit: int
    ) -> Sequence[Unvoiced]:
        """Contacts without a message, the soonest due first, with the cases it is to speak of."""
        ...

    async def voice(self, asked: Sequence[Unvoiced], voiced: Sequence[Voiced]) -> None:
        """Keep the messages made of what was asked for; one whose contact has changed meanwhile is made again."""
        ...

    async def hold(self, contact_ids: Sequence[int], because: str, until: datetime) -> None:
        """These have no message for now; they are asked for again from the moment given on."""
        ...

    async def unvoice(self, contact_ids: Sequence[int]) -> None:
        """Their audio has gone: render it again before anything else."""
        ...

    async def unvoice_outdated(self, days: Mapping[int, date]) -> int:
        """Messages of these lanes that speak of another day than the one given are to be rendered again; how many."""
        ...


class Views(Protocol):
    async def contact(self, contact_id: int) -> ContactView | None: ...

    async def contacts(
        self, campaign_id: str, case_id: str | None, state: str | None, after: int, limit: int
    ) -> Sequence[ContactView]:
        """A page of a campaign's contacts in the order of their ids, from behind ``after``."""
        ...

    async def attempts_of(self, contact_id: int) -> Sequence[AttemptView]: ...

    async def attempts(self, campaign_id: str, after: str, limit: int) -> Sequence[AttemptView]:
        """A page of a campaign's attempts in the order they were saved, from behind ``after``."""
        ...


# --- keys --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    prefix: str
    scopes: frozenset[str]
    client_id: str | None
    label: str


class Keys(Protocol):
    async def add_key(self, key: Key, secret_hash: str, now: datetime) -> None: ...

    async def key(self, prefix: str, secret_hash: str) -> Key | None:
        """The key if it is known, not revoked and its secret is right."""
        ...


class Store(Campaigns, Batches, Ledger, Messages, Views, Keys, Protocol):
    """Everything that is kept."""
