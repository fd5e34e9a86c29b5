"""Who was erased, and what was removed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.ports.store.calloffs import CalledOff


class ErasureState(StrEnum):
    ORDERED = "ordered"  # nobody is called any more; calls may not have ended yet
    WIPED = "wiped"  # the database holds nothing any more; what lies beside it may still
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An order to erase a debtor, and its receipt."""

    id: int
    client_id: str
    pseudonym: str  # by which the debtor is known from then on
    debtor_ref: str | None  # the client's own id; None once it is done
    state: ErasureState
    actor: str
    ordered_at: datetime
    done_at: datetime | None
    removed: Mapping[str, int] = field(default_factory=dict)  # how much of each kind


@dataclass(frozen=True, slots=True)
class ErasureBegun:
    erasure: Erasure
    is_new: bool
    finished: int  # contacts that are called no more
    called_off: Sequence[CalledOff]


class Erasures(Protocol):
    async def begin_erasure(self, client_id: str, debtor_ref: str, actor: str, now: datetime) -> ErasureBegun | None:
        """Call the debtor no more; None: the client has none of that id, and has erased none."""
        ...

    async def wipe(self, erasure_id: int, audio_files: int, now: datetime) -> bool:
        """Remove whatever says who the debtor was, in one transaction; False: a call or its wrap-up is not over."""
        ...

    async def complete_erasure(self, erasure_id: int, audio_files: int, now: datetime) -> bool:
        """Note that it is done; False: a list that came before still waits to be taken, or the log cannot be cut."""
        ...

    async def unfinished_erasures(self) -> Sequence[Erasure]: ...

    async def erasure(self, erasure_id: int) -> Erasure | None: ...

    async def erasures(self, client_id: str | None, after: int, limit: int) -> Sequence[Erasure]:
        """A page in the order in which they came, from behind ``after``."""
        ...
