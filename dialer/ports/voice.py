"""What is needed of the voice: a contact's message, as audio, before anybody is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from dialer.core.brands import BrandSettings
from dialer.core.plan import CampaignSettings
from dialer.ports.store import Unvoiced, Voiced


class VoiceAway(Exception):
    """No audio can be made at present, for anybody: the engine is missing or fails, the disk is full."""


class NotSpeakable(Exception):
    """This contact's message cannot be made; trying again will not help before something is changed."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A setting of a campaign that cannot be spoken by."""

    field: str
    detail: str


class InvalidScenario(ValueError):
    """A flow that cannot be used; the ``problems`` name file and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


Sources = Callable[[str, str | None], Mapping[str, str]]
"""The files of the flow of that name and source, its own first; a shipped one's where no source is given.

Raises InvalidScenario with everything that is wrong.
"""


class Voice(Protocol):
    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        """The contact's message as it is true on that day at the callee, its audio ready to be played.

        Raises:
            VoiceAway, NotSpeakable: there is none, so the contact may not be called.
        """
        ...

    def has(self, message_key: str) -> bool:
        """Whether the audio is still there."""
        ...

    def forget(self, client_id: str, debtor_id: str) -> int:
        """Remove all audio that was made for that debtor, in whatever voice; how many files there were. Blocks."""
        ...

    def phrases(self) -> Mapping[str, str]:
        """The fixed phrases that may be recorded: their words by their names."""
        ...

    async def recorded(self, upload: Path) -> bytes:
        """A recording as it is played.

        Raises:
            NotSpeakable: it is none; the message says what to send instead.
        """
        ...

    async def unheard(self, voice: str) -> str | None:
        """Why that voice cannot speak here, with those that can; None if it can."""
        ...

    async def unanswerable(self, brand_id: str, brand: BrandSettings) -> str | None:
        """Why callers cannot be led through the brand's ``answers_with``; None if they can."""
        ...

    async def answering(self, brand_id: str, brand: BrandSettings, day: date) -> str:
        """The message key of what the brand's callers hear on that day, its audio ready to be played.

        Raises:
            VoiceAway, NotSpeakable: there is none, so nobody is answered.
        """
        ...

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        """Why the campaign's text, scenario or voice cannot be used; empty if they can."""
        ...
