"""How is a message made where nobody listens? At once, and without a sound."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from dialer.core.brands import BrandSettings
from dialer.core.plan import CampaignSettings
from dialer.ports.store import Unvoiced, Voiced
from dialer.ports.voice import Unusable


class SilentVoice:
    """The Voice port without a speech engine."""

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        return Voiced(contact.contact_id, f"{contact.contact_id}/{contact.revision}/{day}", settings.brand, day)

    def has(self, message_key: str) -> bool:
        return True

    def forget(self, client_id: str, debtor_id: str) -> int:
        return 0

    def phrases(self) -> Mapping[str, str]:
        return {"goodbye": "Do widzenia."}

    async def recorded(self, upload: Path) -> bytes:
        return await asyncio.to_thread(upload.read_bytes)

    async def unheard(self, voice: str) -> str | None:
        return None

    async def unanswerable(self, brand_id: str, brand: BrandSettings) -> str | None:
        return None

    async def answering(self, brand_id: str, brand: BrandSettings, day: date) -> str:
        return f"{brand_id}/{day}"

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        return []
