"""Which attempts that a killed engine left open were surely never placed?"""

from collections.abc import Collection, Iterable
from typing import Protocol


class PlacingLog(Protocol):
    """Outlives the engine's process; what it proves is that a call was not placed, never that it was."""

    def note(self, attempt_id: str) -> None:
        """The call is placed next. When this returns, a later engine does not take it for one that was never placed."""
        ...

    def never_placed(self, attempt_ids: Iterable[str]) -> Collection[str]:
        """Those of them that an earlier engine saved and did not place; whatever is in doubt is not among them."""
        ...


class NothingNoted:
    """For engines that nobody kills: of all that is left open it is in doubt whether it was placed."""

    def note(self, attempt_id: str) -> None:
        return

    def never_placed(self, attempt_ids: Iterable[str]) -> Collection[str]:
        return ()
