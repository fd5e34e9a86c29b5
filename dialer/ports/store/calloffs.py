"""Which attempts are not to go on?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.model import FinishReason


@dataclass(frozen=True, slots=True)
class CalledOff:
    """An open attempt that is not to go on as it was meant."""

    attempt_id: str
    contact_id: int
    finished: FinishReason | None  # why its contact is called no more; None: only its message is not true any more


class CallOffs(Protocol):
    async def called_off(self) -> Sequence[CalledOff]:
        """Every open attempt that is not to go on: its contact is finished, or its message is not true any more.

        For orders that are carried out elsewhere, and for what a crash kept from being ended.
        """
        ...
