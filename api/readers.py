"""Who reads personal data? It is written down before it is shown, once a minute for the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.sender import Sender
from api.service import Service
from dialer.ports.origin import ORIGIN
from dialer.ports.store import Access


class Readers:
    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._noted: set[tuple[str, str, str]] = set()

    async def note(self, sender: Sender, operation: str, path: Mapping[str, Any], service: Service) -> None:
        """Raises StoreFailed: it cannot be written down, and so nothing may be shown."""
        now = service.clock.now()
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._noted = minute, set()
        subject = "/".join(str(value) for value in path.values())
        this = sender.actor, operation, subject
        if this in self._noted:
            return
        access = Access(now, sender.actor, ORIGIN.get(), operation, sender.client_id or "", subject)
        await service.store.note_access(access)
        self._noted.add(this)
