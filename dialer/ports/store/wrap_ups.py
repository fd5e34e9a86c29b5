"""What came of the talks with agents?"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from dialer.core.retry import Again, Done, Stand
from dialer.core.wrap_up import WrapUp
from dialer.model import Attempt


class WrapUps(Protocol):
    async def wrap_up(self, said: WrapUp, decide: Callable[[Attempt, Stand, datetime], Again | Done]) -> None:
        """Write down what came of a talk that is over, and let follow what was said.

        ``decide`` gets how the contact stands, and when the talk ended.

        Raises:
            Conflict: it was no talk, is not over, or is wrapped up already.
        """
        ...

    async def calls_of_agents(self) -> Sequence[Attempt]:
        """The callers of agents, as last saved, from the reservation to the end of the wrap-up; over or not."""
        ...

    async def talks_to_wrap_up(self, before: datetime) -> Sequence[str]:
        """Attempts that ended before then, of whose talks nobody has said what came of them."""
        ...
