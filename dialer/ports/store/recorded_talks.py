"""Which talks were recorded?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RecordedTalk:
    """A call of which there is a file; it is named after the attempt, or after the call to us."""

    call_id: str
    client_id: str
    campaign_id: str | None  # None: they called us
    contact_id: int | None
    debtor: str | None  # the client's own id; None: a caller's number is nobody's, or several debtors'
    agent_id: str | None  # whom the callee spoke with, last
    begun_at: datetime


class RecordedTalks(Protocol):
    async def note_recordings(self, call_ids: Collection[str], now: datetime) -> Collection[str]:
        """Write down that these talks are recorded; what is known already stays. Answers those of calls that exist."""
        ...

    async def recorded_talks(
        self, client_id: str | None, campaign_id: str | None, after: str, limit: int
    ) -> Sequence[RecordedTalk]:
        """A page by call, from behind ``after``; None: of all clients, of all campaigns."""
        ...

    async def recorded_talk(self, call_id: str) -> RecordedTalk | None: ...

    async def recordings_of(self, client_id: str, debtor: str) -> Sequence[str]:
        """The calls of one debtor that were recorded."""
        ...

    async def recordings_before(self, moment: datetime, limit: int) -> Sequence[str]:
        """The calls whose recordings began before that moment."""
        ...

    async def note_recording_heard(self, talk: RecordedTalk, now: datetime, actor: str) -> None:
        """Write down who took a recording out, in the audit log."""
        ...

    async def remove_recordings(self, call_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
        """Forget them, and write that down; their files are gone already."""
        ...
