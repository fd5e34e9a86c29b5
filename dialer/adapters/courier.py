"""How are events brought to a receiver whose address somebody else has chosen?

Whoever may subscribe could name an address within our own network, and read from the answers what is there. So the
address that is connected to is judged, not the name: a name may lead elsewhere a moment later. Redirects are not
followed, proxies of the environment are not asked, and nothing of an answer is kept but its status.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dialer.core.webhooks import Answered, Network, may_be_told

CONNECTING = timedelta(seconds=5)
ANSWERING = timedelta(seconds=15)  # altogether
READING = timedelta(seconds=1)  # the rest of an answer, so that its connection can be used again
LONGEST_ANSWER = 64 << 10  # bytes
CONNECTIONS = 64

log = structlog.get_logger(__name__)


class _Forbidden(OSError):
    """The address may not be told of events."""


class HttpCourier:
    """The Courier port over HTTP; to be made by ``courier``."""

    def __init__(self, sessions: Mapping[str, aiohttp.ClientSession], allowed: Sequence[Network]) -> None:
        self._sessions = sessions
        self._allowed = allowed

    async def bring(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        try:
            target = URL(url)
            session = self._sessions[target.scheme]
            self._judge_literal(target)
            async with session.post(target, data=body, headers=headers, allow_redirects=False) as response:
                await _read_rest(response)
                if 300 <= response.status < 400:
                    return Answered(response.status, f"answered {response.status}: redirects are not followed")
                return Answered(response.status)
        except TimeoutError:
            return Answered(None, "did not answer in time")
        except (aiohttp.ClientError, OSError, ValueError, KeyError) as error:
            return Answered(None, _reason(error))

    def _judge_literal(self, target: URL) -> None:
        """A name is judged when it is resolved; an address is not resolved."""
        with suppress(ValueError):
            address = ip_address(target.host or "")
            if not may_be_told(address, self._allowed, is_encrypted=target.scheme == "https"):
                raise _Forbidden(f"{address} may not be told of events")


@asynccontextmanager
async def courier(
    allowed: Sequence[Network] = (), resolver: AbstractResolver | None = None, answering: timedelta = ANSWERING
) -> AsyncIterator[HttpCourier]:
    """A courier that may go anywhere public over HTTPS, and anyhow to the networks that are allowed."""
    async with AsyncExitStack() as stack:
        sessions = {}
        for scheme, is_encrypted in (("http", False), ("https", True)):
            judge = _Judge(resolver, allowed, is_encrypted=is_encrypted)
            sessions[scheme] = await stack.enter_async_context(_session(judge, answering))
        yield HttpCourier(sessions, allowed)


def _session(judge: _Judge, answering: timedelta) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, resolver=judge, use_dns_cache=False),
        timeout=aiohttp.ClientTimeout(total=answering.total_seconds(), sock_connect=CONNECTING.total_seconds()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "Dzwonek"},
        auto_decompress=False,
    )


@dataclass
class _Judge(AbstractResolver):
    """Resolves names; what is answered here is what is connected to."""

    inner: AbstractResolver | None
    allowed: Sequence[Network]
    is_encrypted: bool

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        resolver = self.inner or aiohttp.ThreadedResolver()
        found = await resolver.resolve(host, port, family)
        for each in found:
            address = ip_address(each["host"])
            if not may_be_told(address, self.allowed, is_encrypted=self.is_encrypted):
                log.warning("webhook_forbidden", host=host, address=str(address))  # whoever chose it is told less
                raise _Forbidden(f"{host} leads to a network that may not be told of events")
        return found

    async def close(self) -> None:
        if self.inner is not None:
            await self.inner.close()


async def _read_rest(response: aiohttp.ClientResponse) -> None:
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(READING.total_seconds()):
            await response.content.read(LONGEST_ANSWER)


def _reason(error: BaseException) -> str:
    """Without the receiver's own words."""
    match error:
        case _Forbidden():
            return str(error)
        case aiohttp.ClientConnectorError(os_error=_Forbidden() as forbidden):
            return str(forbidden)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "its certificate or its TLS is not trusted"
        case aiohttp.ClientConnectorError():
            return f"cannot be connected: {error.os_error.strerror or 'unreachable'}"
        case aiohttp.ServerDisconnectedError():
            return "closed the connection without an answer"
    return f"cannot be reached: {type(error).__name__}"
