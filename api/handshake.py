"""How does a connection become a secret one, and what is said of one that does not?

The handshake is made after the connection: so each takes the certificates of its moment, and its failure is told with
the peer's address, which asyncio's own servers keep to themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import cast

import structlog

from api.tls import Tls, reason

PATIENCE = timedelta(seconds=10)  # for a handshake

Speaker = Callable[[], asyncio.Protocol]

log = structlog.get_logger(__name__)


class Handshakes:
    """Those that are going on."""

    def __init__(self, tls: Tls, tasks: asyncio.TaskGroup) -> None:
        self._tls = tls
        self._tasks = tasks
        self._going_on = set[asyncio.Task[None]]()

    def __len__(self) -> int:
        return len(self._going_on)

    def first(self, speaker: Speaker) -> asyncio.Protocol:
        """What a connection meets before it meets the speaker."""
        return _Beginning(partial(self._begin, speaker))

    def end_all(self) -> None:
        for task in self._going_on:
            task.cancel()

    def _begin(self, speaker: Speaker, transport: asyncio.Transport) -> None:
        task = self._tasks.create_task(self._secure(speaker, transport), name="handshake")
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _secure(self, speaker: Speaker, transport: asyncio.Transport) -> None:
        held, peer = _Held(), transport.get_extra_info("peername")
        try:
            secret = await asyncio.get_running_loop().start_tls(
                transport,
                held,
                self._tls.context,
                server_side=True,
                ssl_handshake_timeout=PATIENCE.total_seconds(),
            )
        except OSError as error:  # ssl.SSLError, ConnectionError and TimeoutError are
            log.warning("tls_refused", peer=peer[0] if peer else None, because=reason(error))
            transport.abort()
            return
        if secret is None or held.is_over:
            return
        met = speaker()
        secret.set_protocol(met)
        met.connection_made(secret)
        if held.said:
            met.data_received(bytes(held.said))


@asynccontextmanager
async def handshakes(tls: Tls) -> AsyncIterator[Handshakes]:
    """For as long as the block runs; those that go on at its end are broken off."""
    async with asyncio.TaskGroup() as tasks:
        going_on = Handshakes(tls, tasks)
        try:
            yield going_on
        finally:
            going_on.end_all()


class _Beginning(asyncio.Protocol):
    """A connection on which nothing was said yet."""

    def __init__(self, begin: Callable[[asyncio.Transport], None]) -> None:
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._begin(cast(asyncio.Transport, transport))  # uvloop's are none, but do what one does


class _Held(asyncio.Protocol):
    """Keeps what a peer says right behind its handshake, until somebody listens."""

    def __init__(self) -> None:
        self.said = bytearray()
        self.is_over = False

    def data_received(self, data: bytes) -> None:
        self.said += data

    def connection_lost(self, _: Exception | None) -> None:
        self.is_over = True
