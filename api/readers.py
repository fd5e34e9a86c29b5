"""Who reads personal data? It is written down before it is shown, once a minute for the same.

Those who ask while something is being written down are written down together, next: hundreds who begin to read at once
would otherwise keep the calls from being saved for seconds.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.sender import Sender
from api.service import Service
from dialer.ports.origin import ORIGIN
from dialer.ports.store import Access, Retention

This = tuple[str, str, str]  # who reads, by which operation, about what


class Readers:
    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._noted: set[This] = set()
        self._waiting: dict[This, Access] = {}
        self._writing: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None  # writes what waits, once nothing else is being written

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
        self._waiting.setdefault(this, access)
        if self._next is None:
            self._next = asyncio.create_task(self._write(self._writing, service.store))
        await asyncio.shield(self._next)  # others wait for it, too
        if minute == self._minute:
            self._noted.add(this)

    async def _write(self, before: asyncio.Task[None] | None, store: Retention) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._writing, self._next = self._next, None
        accesses, self._waiting = list(self._waiting.values()), {}
        await store.note_accesses(accesses)
