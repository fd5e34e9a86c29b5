"""How is a message made where nobody listens? At once, and without a sound."""

from collections.abc import Sequence
from datetime import date

from dialer.core.plan import CampaignSettings
from dialer.ports.store import Unvoiced, Voiced
from dialer.ports.voice import Unusable


class SilentVoice:
    """The Voice port without a speech engine."""

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        return Voiced(contact.contact_id, f"{contact.contact_id}/{contact.revision}/{day}", settings.brand, day)

    def has(self, message_key: str) -> bool:
        return True

    async def unheard(self, voice: str) -> str | None:
        return None

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        return []
