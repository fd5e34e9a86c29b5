"""Which callers asked to be called back, and has somebody done so?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CallBack:
    """A caller whom nobody could take, and who waits for a call."""

    call_id: str
    client_id: str
    brand_id: str
    number: str  # E.164, from which they called
    asked_at: datetime
    debtor: str | None  # the client's own id; None: nobody's number, or several debtors'
    contact_id: int | None  # who is called for it; None: somebody has to call by hand


class CallBacks(Protocol):
    async def call_backs(self, after: str, limit: int) -> Sequence[CallBack]:
        """Those that nobody has made, a page by call from behind ``after``.

        One is made when an agent has spoken with the contact, or with whoever calls again from the number, since.
        """
        ...

    async def call_back_made(self, call_id: str, now: datetime, actor: str) -> bool:
        """Somebody has called them by hand; False: they have not asked for it. Repeated, it changes nothing."""
        ...
