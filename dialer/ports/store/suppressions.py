"""Who asked not to be called?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.suppressions import SuppressionReason, Wish
from dialer.ports.store.calloffs import CalledOff


@dataclass(frozen=True, slots=True)
class Suppression:
    """A wish that is kept; one that was lifted stays as history."""

    id: int
    wish: Wish
    actor: str
    created_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What keeping a wish has changed."""

    suppression: Suppression
    is_new: bool
    finished: int  # contacts that are called no more, some of them when their call is over
    called_off: Sequence[CalledOff]  # attempts that are open, and are not to go on


@dataclass(frozen=True, slots=True)
class Lifted:
    suppression: Suppression
    returned: int  # contacts that are called again


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which suppressions are meant; None does not ask."""

    client_id: str | None = None
    number: str | None = None
    debtor_ref: str | None = None
    reason: SuppressionReason | None = None
    is_lifted: bool | None = None


class Suppressions(Protocol):
    async def suppress(self, wish: Wish, actor: str, now: datetime) -> Suppressed:
        """Keep the wish; the same one twice is one, and holds for the longer of the two times.

        When this returns, no attempt that the wish forbids can be leased any more; those leased before and still open
        are named, also when the wish was known.
        """
        ...

    async def lift_suppression(self, suppression_id: int, actor: str, now: datetime) -> Lifted | None:
        """It holds no more, and whoever was not called for its sake alone is called again. None: there is none."""
        ...

    async def outlived_suppressions(self, now: datetime) -> Sequence[int]:
        """Those whose time is over, and that hold still."""
        ...

    async def lift_if_outlived(self, suppression_id: int, now: datetime) -> Lifted | None:
        """The same as lifting it, unless it has been lifted or prolonged meanwhile: then None."""
        ...

    async def suppression(self, suppression_id: int) -> Suppression | None: ...

    async def suppressions(self, which: SuppressionFilter, after: int, limit: int) -> Sequence[Suppression]:
        """A page in the order in which they came, from behind ``after``."""
        ...
