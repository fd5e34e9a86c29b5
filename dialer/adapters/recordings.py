"""What was recorded for a campaign's brand or client, ready to be played?"""

from collections.abc import Awaitable, Callable, Mapping

from audio.phrases import Phrase, Phrases, content_key
from dialer.core.plan import CampaignSettings
from dialer.ports.store import Brands, Prompt

Recordings = Callable[[CampaignSettings], Awaitable[Mapping[str, Phrase]]]
"""The recordings of a campaign, by the words that they are played in place of."""


async def nothing_recorded(_: CampaignSettings) -> Mapping[str, Phrase]:
    return {}


class RecordedPhrases:
    """Recordings are kept in the database, and played from the phrase cache like everything else."""

    def __init__(self, store: Brands, phrases: Phrases) -> None:
        self._store = store
        self._phrases = phrases

    async def of(self, settings: CampaignSettings) -> Mapping[str, Phrase]:
        """The brand's own before its client's."""
        owners = [owner for owner in (settings.brand_id, settings.client_id) if owner]
        found: dict[str, Phrase] = {}
        for prompt in await self._store.prompts(owners):
            if prompt.words not in found and (phrase := await self._ready(prompt)):
                found[prompt.words] = phrase
        return found

    async def _ready(self, prompt: Prompt) -> Phrase | None:
        key = content_key("prompt", prompt.digest)
        if phrase := self._phrases.find(key):
            self._phrases.touch(key)
            return phrase
        audio = await self._store.prompt_audio(prompt.digest)
        return None if audio is None else await self._phrases.keep(key, audio)
