"""Which contacts lack a message, and which have one?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialer.core.cases import CaseRow
from dialer.core.reminders import Reminded


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
    next_round: datetime | None = None  # when its attempts begin anew, should it be finished by then


class Messages(Protocol):
    async def unvoiced(
        self, lane_ids: Sequence[int], due_before: datetime, now: datetime, limit: int
    ) -> Sequence[Unvoiced]:
        """Contacts without a message, the soonest due first, with the cases it is to speak of."""
        ...

    async def cases_of(self, contact_id: int) -> Sequence[CaseRow]:
        """The cases that a call to the contact would be about now."""
        ...

    async def reminded(self, contact_ids: Sequence[int]) -> Mapping[int, Reminded]:
        """What calls of other campaigns to the debtors of these contacts came to; those without any are left out."""
        ...

    async def voice(self, asked: Sequence[Unvoiced], voiced: Sequence[Voiced]) -> None:
        """Keep the messages made of what was asked for; one whose contact has changed meanwhile is made again."""
        ...

    async def hold(self, contact_ids: Sequence[int], because: str, until: datetime) -> None:
        """These have no message for now; they are asked for again from the moment given on."""
        ...

    async def postpone(self, contact_ids: Sequence[int], because: str, until: datetime) -> None:
        """There is nothing to say to these before that moment: they are not due until then."""
        ...

    async def unvoice(self, contact_ids: Sequence[int]) -> None:
        """Their audio has gone: render it again before anything else."""
        ...

    async def unvoice_outdated(self, days: Mapping[int, date]) -> int:
        """Messages of these lanes that speak of another day than the one given are to be rendered again; how many."""
        ...
