"""What is past its time? It goes, in portions, while calls go on."""

from datetime import timedelta

import structlog

from dialer.core.retention import DEFAULTS
from dialer.every import every
from dialer.ports import Clock
from dialer.ports.store import Retention

EVERY = timedelta(hours=1)
PORTION = 500  # rows of one transaction; those who save and conclude calls get their turn in between
OPERATOR = ""  # whose own lists and readers are kept as long as is the rule

log = structlog.get_logger(__name__)


class Retaining:
    def __init__(self, store: Retention, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        await every(EVERY, self.look, "retain")

    async def look(self) -> None:
        for client in [OPERATOR, *await self._store.clients()]:
            for kind, time in {**DEFAULTS, **await self._store.retention(client)}.items():
                gone, now = 0, self._clock.now()
                while portion := await self._store.sweep(client, kind, now - time, now, PORTION):
                    gone += portion
                if gone:
                    log.info("swept", client=client, kind=kind, rows=gone)
