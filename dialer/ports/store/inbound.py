"""Who called us, and what did they tell?"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from dialer.core.inbound import InboundCall

Rest = Callable[[int], datetime | None]
"""Until when the contacts of that lane are left in peace for what was told; None: nothing asks for it."""


class InboundCalls(Protocol):
    async def take_inbound(self, call: InboundCall, rest: Rest) -> int:
        """Write it down once, with all that follows from it, and tell of it; how many debtors have that number.

        What was told concerns the cases of the debtor whose number it is, if it is one debtor's only.
        """
        ...
