"""Which brands are there, and what is recorded for them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.core.brands import BrandSettings


@dataclass(frozen=True, slots=True)
class Brand:
    id: str
    settings: BrandSettings
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recording that is played in place of fixed words, for a brand or for all campaigns of a client."""

    owner: str  # a brand's or a client's id
    phrase: str
    words: str
    digest: str  # of the audio
    duration: timedelta
    updated_at: datetime
    actor: str


class Brands(Protocol):
    async def brand(self, brand_id: str) -> Brand | None: ...

    async def brands(self) -> Sequence[Brand]:
        """All, by id."""
        ...

    async def put_brand(
        self, brand_id: str, settings: BrandSettings, now: datetime, actor: str, revision: int | None = None
    ) -> Brand:
        """Create or change it; every campaign that names it changes with it, in the same transaction.

        Args:
            revision: the one that the change was decided on; 0: there is none yet; None: whatever it is.

        Raises:
            Overtaken: it has another revision.
            Conflict: it belongs to another client, or another brand presents the same caller number.
        """
        ...

    async def prompts(self, owners: Sequence[str]) -> Sequence[Prompt]:
        """Those of any of the owners; of the same words, the first owner's come first."""
        ...

    async def prompt_audio(self, digest: str) -> bytes | None: ...

    async def put_prompt(self, prompt: Prompt, audio: bytes) -> bool:
        """Whether it is new. The messages of the owner's campaigns are rendered anew."""
        ...

    async def remove_prompt(self, owner: str, phrase: str, now: datetime, actor: str) -> bool:
        """Whether it was there."""
        ...
