"""How does a connection become a secret one, and what is said of one that does not?

Connections are accepted here and not by one of asyncio's servers: each takes the certificates of its moment, and the
failure of a handshake, of which those servers say nothing, is told with the peer's address.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address

import structlog

from api.problems import trace
from api.tls import Tls, reason

PATIENCE = timedelta(seconds=10)  # for a handshake
REST = timedelta(seconds=1)  # when the machine has no room for another connection
BACKLOG = 100

log = structlog.get_logger(__name__)


class Handshakes:
    """Those that are going on, and those who want to begin one.

    Args:
        meet: makes what speaks with a peer once nobody else can listen.
        refuses: told how many handshakes go on, whether there is no room for another.
    """

    def __init__(self, tls: Tls, meet: Callable[[], asyncio.Protocol], refuses: Callable[[int], bool]) -> None:
        self._tls = tls
        self._meet = meet
        self._refuses = refuses

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
        """For as long as the block runs; handshakes that go on at its end are broken off. Gives the address.

        Raises:
            OSError: the address cannot be listened on.
        """
        family = socket.AF_INET if ip_address(host).version == 4 else socket.AF_INET6
        with socket.create_server((host, port), family=family, backlog=BACKLOG) as listener:
            listener.setblocking(False)
            accepting = asyncio.create_task(self._accept(listener), name="accepting")
            try:
                at, bound, *_ = listener.getsockname()
                yield at, bound
            finally:
                accepting.cancel()
                await asyncio.wait([accepting])

    async def _accept(self, listener: socket.socket) -> None:
        loop, going_on = asyncio.get_running_loop(), set[asyncio.Task[None]]()
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    peer, (address, *_) = await loop.sock_accept(listener)
                except OSError as error:  # too many open files; one that has gone again is accepted all the same
                    log.error("connection_not_accepted", because=error.strerror)
                    await asyncio.sleep(REST.total_seconds())
                    continue
                if self._refuses(len(going_on)):
                    peer.close()
                    continue
                task = tasks.create_task(self._shake_hands(peer, address), name="handshake")
                going_on.add(task)
                task.add_done_callback(going_on.discard)

    async def _shake_hands(self, peer: socket.socket, address: str) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._meet, peer, ssl=self._tls.context, ssl_handshake_timeout=PATIENCE.total_seconds()
            )
        except OSError as error:  # ssl.SSLError, ConnectionError and TimeoutError are
            log.warning("tls_refused", peer=address, because=reason(error))
        except Exception as error:  # whatever one peer brings about, the others are listened to
            log.error("unexpected", **trace(error))
