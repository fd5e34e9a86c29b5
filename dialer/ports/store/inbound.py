"""Who called us, and what did they tell?"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from dialer.core.cases import CaseRow
from dialer.core.inbound import InboundCall
from dialer.core.wrap_up import WrapUp

Rest = Callable[[int], datetime | None]
"""Until when the contacts of that lane are left in peace for what was told; None: nothing asks for it."""

Served = Callable[[int], bool]
"""Whether agents take calls of that lane now."""


class InboundCalls(Protocol):
    async def take_inbound(self, call: InboundCall, rest: Rest, served: Served) -> int:
        """Write it down once, with all that follows from it, and tell of it; how many debtors have that number.

        What was told concerns the cases of the debtor whose number it is, if it is one debtor's only. So does a
        call-back: others who asked for one are called by hand (``CallBacks``).
        """
        ...

    async def cases_of_caller(self, client_id: str, number: str) -> Sequence[CaseRow]:
        """What the client's one debtor with that number owes, disputed or not; none if several have it, or nobody."""
        ...

    async def wrap_up_inbound(self, said: WrapUp, rest: Rest, served: Served) -> None:
        """What an agent says came of the talk with a caller; for the same debtor as what the caller told with keys.

        Raises:
            Conflict: it was no talk, is not written down, or is wrapped up already; or there is nobody to call back,
                or nobody who would.
        """
        ...
