"""What does the engine ask of what plays to a machine?"""

from typing import Protocol


class Machine(Protocol):
    """Falls silent before a machine, and leaves the limited message with it."""

    def is_person(self, attempt_id: str) -> bool:
        """Whether the callee has pressed a key, as no machine does."""
        ...

    def hush(self, attempt_id: str) -> bool:
        """Play nothing more, and wait. False: that is not possible now."""
        ...

    def leave_message(self, attempt_id: str) -> bool:
        """Say the campaign's limited message from its beginning, then hang up. False: that is not possible now."""
        ...
