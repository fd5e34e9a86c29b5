"""Who may connect to the FastAGI port, and how many; how does it start and stop?

AGI has no authentication: whoever reaches the port can ask for a message. So it listens on loopback, or, if told
so twice (``allow_remote`` and a list of peers), to the switches named.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address, ip_network
from types import TracebackType
from typing import Self

import structlog

from ivr.conversation import Conversation
from ivr.desk import Clock, Desk
from ivr.limits import Counts, Limits
from ivr.lines import Line
from ivr.message import Message
from ivr.owner import Acted, Find, Owner, Report
from ivr.request import Request
from ivr.session import Act, Clip, Session

log = structlog.get_logger(__name__)

CLOSING = timedelta(seconds=1)  # how long closed sockets may take to say so


def _unheeded(_: Request, __: Act) -> None: ...


def loop_clock() -> timedelta:
    return timedelta(seconds=asyncio.get_running_loop().time())


class FastAGIServer:
    """Plays to each call what ``find`` gives for its request, and reports how it went.

    ``find`` and ``report`` are plain functions, called on the event loop: neither may wait for anything. ``find``
    returns None for a call nobody knows; it is then hung up. ``report`` is called exactly once for every script
    that was begun. An exception from either is logged and harms no other call.

        async with FastAGIServer(find, report, port=4573) as server: ...
    """

    def __init__(
        self,
        find: Find,
        report: Report,
        *,
        host: str = "127.0.0.1",
        port: int = 4573,
        limits: Limits | None = None,
        allow_remote: bool = False,
        peers: Iterable[str] = (),
        clock: Clock = loop_clock,
        acted: Acted = _unheeded,
    ) -> None:
        """``peers`` are addresses or networks. Raises ValueError for a host that is no address, or not loopback."""
        self._peers = tuple(ip_network(peer) for peer in peers)
        if not ip_address(host).is_loopback and not (allow_remote and self._peers):
            raise ValueError(f"{host} is not loopback: FastAGI needs allow_remote and the peers to be allowed")
        self._host, self._port = host, port
        self._limits = limits or Limits()
        self.counts = Counts()
        self._desk = Desk(self, Owner(find, report, acted, self.counts), self._limits, self.counts, clock)
        self._unopened: dict[Conversation, None] = {}  # in order of arrival
        self._opened: set[Conversation] = set()
        self._by_call: dict[str, Conversation] = {}
        self._stopping = False
        self._all_left = asyncio.Event()
        self._listening: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the port is the real one also if 0 was asked for. Only between start and stop."""
        if not self._listening:
            raise RuntimeError("the FastAGI server does not listen")
        host, port = self._listening.sockets[0].getsockname()[:2]
        return host, port

    @property
    def open_connections(self) -> int:
        return len(self._unopened) + len(self._opened)

    def playing(self, uniqueid: str) -> str | None:
        """The path of the clip that plays to this call; None when ``break_off`` would do nothing."""
        conversation = self._by_call.get(uniqueid)
        return conversation.playing if conversation else None

    def session(self, uniqueid: str) -> Session | None:
        """How far this call has come; None when it is over, or not begun."""
        conversation = self._by_call.get(uniqueid)
        return conversation.session if conversation else None

    def break_off(self, uniqueid: str, clips: tuple[Clip, ...]) -> bool:
        """Stop this call's message now, play the clips and hang up; the report tells how much was heard of the message.

        False: nothing plays to such a call, or its message was broken off already.
        """
        conversation = self._by_call.get(uniqueid)
        return conversation is not None and conversation.break_off(Message(clips))

    def say_instead(self, uniqueid: str, clips: tuple[Clip, ...]) -> bool:
        """Play these clips now in place of what plays, and hang up after them; it may be asked again while they play.

        False: nothing plays to such a call, or it is being stopped at this moment.
        """
        conversation = self._by_call.get(uniqueid)
        return conversation is not None and conversation.say_instead(Message(clips))

    def join(self, uniqueid: str, line: Line) -> bool:
        """Join this call with an agent; False if it does not wait for one (any more)."""
        conversation = self._by_call.get(uniqueid)
        return conversation is not None and conversation.join(line)

    def callee_left(self, uniqueid: str) -> None:
        """The callee has hung up: whoever waits with this call need not wait any longer."""
        if conversation := self._by_call.get(uniqueid):
            conversation.callee_left()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(
            lambda: Conversation(self._desk), self._host, self._port, backlog=self._limits.connections
        )
        log.info("agi_listening", host=self._host, port=self.address[1])

    async def stop(self) -> None:
        """Accept nobody, let running messages end within the grace, break off the others, report them all."""
        if not self._listening:
            return
        self._stopping = True
        self._listening.close()
        for conversation in tuple(self._unopened):
            conversation.drop()
        try:
            await self._wait_until_all_left(self._limits.grace)
        finally:  # also when we are cancelled: nobody's report is lost
            for conversation in tuple(self._opened):
                conversation.stop()
        await self._wait_until_all_left(CLOSING)
        self._listening = None
        log.info("agi_stopped", sessions=self.counts.sessions, finished=self.counts.finished)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _wait_until_all_left(self, limit: timedelta) -> None:
        if not self.open_connections:
            return
        self._all_left.clear()
        try:
            async with asyncio.timeout(limit.total_seconds()):
                await self._all_left.wait()
        except TimeoutError:
            log.info("agi_still_open", connections=self.open_connections)

    # The door of ivr/conversation.py

    def admit(self, conversation: Conversation, peer: str) -> bool:
        self.counts.connections += 1
        if self._stopping:
            return False
        if not self._may_enter(peer):
            self.counts.strangers += 1
            log.debug("agi_stranger", peer=peer, strangers=self.counts.strangers)
            return False
        if self.open_connections >= self._limits.connections and not self._displace_one():
            self.counts.refused_full += 1
            log.warning("agi_full", refused_full=self.counts.refused_full)
            return False
        self._unopened[conversation] = None
        return True

    def opened(self, conversation: Conversation) -> None:
        del self._unopened[conversation]
        self._opened.add(conversation)
        self._by_call[conversation.call] = conversation

    def left(self, conversation: Conversation) -> None:
        self._unopened.pop(conversation, None)
        self._opened.discard(conversation)
        if self._by_call.get(conversation.call) is conversation:
            del self._by_call[conversation.call]
        if not self.open_connections:
            self._all_left.set()

    def _may_enter(self, peer: str) -> bool:
        address = ip_address(peer)
        if not self._peers:
            return address.is_loopback
        return any(address in network for network in self._peers)

    def _displace_one(self) -> bool:
        """Make room at the cost of who has been silent longest: Asterisk speaks at once, a flood of probes does not."""
        for silent in self._unopened:
            self.counts.displaced += 1
            silent.drop()
            self.left(silent)
            return True
        return False
