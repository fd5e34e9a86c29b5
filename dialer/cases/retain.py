"""What is past its time? It goes, in portions, while calls go on."""

from datetime import timedelta
from typing import Protocol

import structlog

from dialer.core.retention import DEFAULTS
from dialer.every import every
from dialer.ports import Clock
from dialer.ports.store import Clients, Retention

EVERY = timedelta(hours=1)
PORTION = 500  # rows of one transaction; those who save and conclude calls get their turn in between
OPERATOR = ""  # whose own lists and readers are kept as long as is the rule

log = structlog.get_logger(__name__)


class _Store(Retention, Clients, Protocol): ...


class Retaining:
    def __init__(self, store: _Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        await every(EVERY, self.look, "retain")

    async def look(self) -> None:
        for client in [OPERATOR, *(client.id for client in await self._store.clients(None))]:
            for kind, time in {**DEFAULTS, **await self._store.retention(client)}.items():
                gone, now = 0, self._clock.now()
                while portion := await self._store.sweep(client, kind, now - time, now, PORTION):
                    gone += portion
                if gone:
                    log.info("swept", client=client, kind=kind, rows=gone)
