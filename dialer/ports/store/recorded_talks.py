"""Which talks were recorded?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RecordedTalk:
    """A talk of which there is a file; it is named after the attempt."""

    attempt_id: str
    client_id: str
    campaign_id: str
    contact_id: int
    debtor: str  # the client's own id
    agent_id: str | None  # whom the callee spoke with, last
    begun_at: datetime


class RecordedTalks(Protocol):
    async def note_recordings(self, attempt_ids: Collection[str], now: datetime) -> Collection[str]:
        """Write down that these talks are recorded; what is known already stays. Answers those whose attempts exist."""
        ...

    async def recorded_talks(
        self, client_id: str | None, campaign_id: str | None, after: str, limit: int
    ) -> Sequence[RecordedTalk]:
        """A page by attempt, from behind ``after``; None: of all clients, of all campaigns."""
        ...

    async def recorded_talk(self, attempt_id: str) -> RecordedTalk | None: ...

    async def recordings_of(self, client_id: str, debtor: str) -> Sequence[str]:
        """The attempts of one debtor that were recorded."""
        ...

    async def recordings_before(self, moment: datetime, limit: int) -> Sequence[str]:
        """The attempts whose recordings began before that moment."""
        ...

    async def note_recording_heard(self, talk: RecordedTalk, now: datetime, actor: str) -> None:
        """Write down who took a recording out, in the audit log."""
        ...

    async def remove_recordings(self, attempt_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
        """Forget them, and write that down; their files are gone already."""
        ...
