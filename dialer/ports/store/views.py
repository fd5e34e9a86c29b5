"""How do a contact and its attempts look to people?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from dialer.core.blocks import Held
from dialer.core.choice import Candidate
from dialer.core.machines import AnsweredBy
from dialer.core.retry import Number
from dialer.core.rules import Rule


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
    waiting_at: datetime | None
    joined_at: datetime | None
    agent_id: str | None
    outcome: str | None  # of the talk
    message_at: datetime | None
    ended_at: datetime | None
    heard_ms: int | None
    platform_code: str | None
    trunk: str | None
    flow: str | None = None  # what it was led through: name@version
    answers: Mapping[str, Any] | None = None  # what the callee told with keys
    detection: Mapping[str, Any] | None = None  # who answered: ``core.machines.Detection``


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which attempts are asked for; None: whatever it is."""

    client_id: str | None = None
    campaign_id: str | None = None
    disposition: str | None = None
    agent_id: str | None = None
    since: datetime | None = None  # saved then or later
    until: datetime | None = None  # saved before


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts are asked for; None: whatever it is."""

    client_id: str | None = None
    campaign_id: str | None = None
    debtor_id: str | None = None  # as the client names them
    case_id: str | None = None  # one that its campaign calls about
    number: str | None = None  # E.164 with the plus
    state: str | None = None


@dataclass(frozen=True, slots=True)
class CaseStand:
    """Whether a case may be spoken of, as its contact is shown."""

    case_id: str
    state: str
    blocked: Sequence[str]  # B_ codes
    held: Held | None = None  # by its client


@dataclass(frozen=True, slots=True)
class Known:
    """All that a decision about a contact would be told at this moment."""

    candidate: Candidate
    lane_id: int
    waits_for: Rule | None  # the rule that set due_at, if it was not the plan's spacing
    cases: Sequence[CaseStand]


class Views(Protocol):
    async def contact(self, contact_id: int) -> ContactView | None: ...

    async def known(self, contact_id: int, now: datetime, horizon: timedelta) -> Known | None:
        """``horizon``: how far back past calls matter."""
        ...

    async def contacts(self, which: ContactFilter, after: int, limit: int) -> Sequence[ContactView]:
        """A page in the order of the ids, of those behind ``after``."""
        ...

    async def attempts_of(self, contact_id: int) -> Sequence[AttemptView]: ...

    async def attempt(self, attempt_id: str) -> AttemptView | None: ...

    async def correct_attempt(self, attempt_id: str, answered_by: AnsweredBy, now: datetime, actor: str) -> None:
        """Somebody has found out who had answered; the verdict stays, and counts as right or wrong from now on.

        Raises:
            Conflict: there was no verdict.
        """
        ...

    async def attempts(self, which: AttemptFilter, after: str, limit: int) -> Sequence[AttemptView]:
        """A page in the order they were saved, from behind ``after``, an attempt's id; "" begins."""
        ...
