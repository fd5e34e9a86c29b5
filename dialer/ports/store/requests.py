"""Which requests were answered before, and with what?

A sender names a request; repeated under the same name it is not carried out again, but answered as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NamedRequest:
    """What one sender asked under a name of its own."""

    owner: str  # the prefix of the sender's key
    name: str
    address: str  # a digest of method, path and query


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    body_digest: str  # of the request's body, SHA-256
    status: int
    headers: Mapping[str, str]
    body: bytes | None  # None: it was told once, and is not kept


@dataclass(frozen=True, slots=True)
class Repeated:
    """A request under a name that was used before; ``answer`` None: it is being carried out."""

    address: str
    answer: KeptAnswer | None


class Requests(Protocol):
    async def begin_request(self, request: NamedRequest, now: datetime, until: datetime) -> Repeated | None:
        """Take the name, at most until then; None: it is free, carry the request out. Else what is known of it."""
        ...

    async def keep_answer(self, request: NamedRequest, answer: KeptAnswer, until: datetime) -> None: ...

    async def forget_request(self, request: NamedRequest) -> None:
        """It came to nothing: the name is free again."""
        ...

    async def forget_unanswered(self) -> int:
        """After a start: requests that ended with the process that carried them out; how many there were."""
        ...
