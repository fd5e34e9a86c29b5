"""May the engine place calls at all?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LONGEST_REASON = 500  # characters


class Stopped(Exception):
    """No attempt may be saved: the engine is ordered to stop."""


@dataclass(frozen=True, slots=True)
class StopOrder:
    """The order in force for the whole engine; ``revision`` 0: nobody has ordered anything yet."""

    revision: int = 0
    is_stopped: bool = False
    hangs_up: bool = False  # calls that ring are given up, too
    reason: str | None = None
    actor: str = ""
    ordered_at: datetime | None = None
    obeyed: int = 0  # the last revision that an engine has carried out
    obeyed_at: datetime | None = None

    @property
    def is_obeyed(self) -> bool:
        return self.obeyed >= self.revision


class StopOrders(Protocol):
    async def stop_order(self) -> StopOrder: ...

    async def order_stop(self, actor: str, reason: str | None, now: datetime, *, hangs_up: bool) -> StopOrder:
        """The order in force from now on; one that says the same already is left as it is, with its own reason."""
        ...

    async def order_resume(self, actor: str, reason: str | None, now: datetime) -> StopOrder:
        """As ``order_stop``."""
        ...

    async def stop_order_obeyed(self, revision: int, now: datetime) -> StopOrder:
        """An engine has carried the order out; what is in force meanwhile."""
        ...
