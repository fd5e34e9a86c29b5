"""A voice that renders nothing and remembers what it was asked for."""

import asyncio
from dataclasses import dataclass, field
from datetime import date

from dialer.adapters.simulated.voice import SilentVoice as SoundlessVoice
from dialer.core.plan import CampaignSettings
from dialer.ports.store import Unvoiced, Voiced
from dialer.ports.voice import NotSpeakable, VoiceAway


@dataclass
class SilentVoice(SoundlessVoice):
    """The simulated voice, which fails as a test wants it to."""

    away: bool = False
    fails_with: set[int] = field(default_factory=set)
    unspeakable: set[int] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)  # rendered audio that is not there any more
    rendered: list[tuple[int, date]] = field(default_factory=list)
    forgotten: list[tuple[str, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        await asyncio.sleep(0.02)
        if self.away or contact.contact_id in self.fails_with:
            raise VoiceAway("the speech engine does not answer")
        if contact.contact_id in self.unspeakable:
            raise NotSpeakable("no case is left to speak of")
        self.rendered.append((contact.contact_id, day))
        key = f"{contact.contact_id}/{day}/{len(self.rendered)}"
        self.keys.add(key)
        return Voiced(contact.contact_id, key, f"Dzień dobry, {settings.brand}.", day)

    def forget(self, client_id: str, debtor_id: str) -> int:
        self.forgotten.append((client_id, debtor_id))
        return 1

    def has(self, message_key: str) -> bool:
        return not self.away and message_key not in self.gone
