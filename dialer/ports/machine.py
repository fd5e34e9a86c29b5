"""What does the engine ask of what plays to a machine?"""

from typing import Protocol


class Machine(Protocol):
    """Speaks to a machine, and to whoever was taken for one."""

    def is_person(self, attempt_id: str) -> bool:
        """Whether the callee has pressed a key, as no machine does."""
        ...

    def say_meanwhile(self, attempt_id: str) -> bool:
        """Say the limited message in place of what plays, and wait: it may be a person after all, or has not beeped.

        False: that is not possible now.
        """
        ...

    def leave_message(self, attempt_id: str) -> bool:
        """Say the campaign's limited message from its beginning, then hang up. False: that is not possible now."""
        ...
