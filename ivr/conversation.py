"""How is one FastAGI connection carried, from its first byte to its report?

The session decides, the protocol writes and reads; here are the socket, the time limits and the promise that
every accepted session is reported exactly once, however the connection ends:

    connected ──environment──► find() ──script──► session ──HangUp──► report(), HANGUP, close
        │ late, garbled           │ None, raised     │ callee gone, lost, overdue, stopped
        ▼                         ▼                  ▼
      abort                   HANGUP, close       report(), close

No task and no await lies between the environment and the first STREAM FILE.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, cast

import structlog

from ivr.limits import Counts, Limits
from ivr.protocol import AgiProtocol, Event, Garbled, HangupSeen, Opened, Phase, Reply
from ivr.request import Request
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    CalleeGone,
    CalleePresent,
    ClipBroken,
    ClipEnded,
    EndedBy,
    HangUp,
    Happening,
    How,
    Lost,
    Outcome,
    Play,
    Script,
    Session,
    Stopped,
)

DEAD_CHANNEL = 511
READ_AT_ONCE = 16_384  # bytes; more waits in the socket
UNKNOWN = Outcome(NOTHING, NOTHING, How.NONE, EndedBy.FAILURE)  # what a broken script leaves behind

log = structlog.get_logger(__name__)

Find = Callable[[Request], Script | None]
Report = Callable[[Request, Outcome], None]
Clock = Callable[[], timedelta]


class Door(Protocol):
    """Who lets conversations in and sees them leave."""

    def admit(self, conversation: "Conversation", peer: str) -> bool: ...
    def opened(self, conversation: "Conversation") -> None: ...
    def left(self, conversation: "Conversation") -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What all conversations of a server share.

    One buffer is enough: the loop fills it and tells us before it turns to the next socket. It makes 1.7 times as many
    commands a second as the bytes object of 256 KiB that asyncio.Protocol gets for every read (bench/agi.py).
    """

    door: Door
    find: Find
    report: Report
    limits: Limits
    counts: Counts
    clock: Clock
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(READ_AT_ONCE)))


class Conversation(asyncio.BufferedProtocol):
    __slots__ = ("_agi", "_desk", "_due", "_gone", "_playing_since", "_request", "_session", "_timer", "_transport")

    _transport: asyncio.Transport

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._agi = AgiProtocol(desk.limits.bounds)
        self._request: Request | None = None
        self._session: Session | None = None
        self._playing_since: timedelta | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # in the loop's own time
        self._gone = False  # by our choice; otherwise the peer has left

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")  # None: it has left already
        if peer and self._desk.door.admit(self, peer[0]):
            self._expect_within(self._desk.limits.header)
        else:
            self.drop()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._desk.buffer

    def buffer_updated(self, nbytes: int) -> None:
        for event in self._agi.receive(bytes(self._desk.buffer[:nbytes])):
            self._hear(event)
            if self._gone:
                break

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        if not self._request and not self._gone:
            self._desk.counts.left_early += 1
            log.debug("agi_left_early", left_early=self._desk.counts.left_early)
        self._gone = True
        self._break_off(Lost(self._took()))
        self._desk.door.left(self)

    def stop(self) -> None:
        """Break off now, whatever is going on, and report."""
        self._break_off(Stopped(self._took()))
        self.drop()

    def drop(self) -> None:
        """Close without another word. A running session is reported as lost."""
        self._gone = True
        self._expect_nothing()
        self._transport.abort()

    # What is heard from the switch

    def _hear(self, event: Event) -> None:
        match event:
            case Opened(environment):
                self._open(environment)
            case Garbled(reason):
                self._refuse(reason)
            case Reply() if self._session:
                self._happen(self._meaning(event))
            case HangupSeen() if self._session:
                self._happen(CalleeGone())
            case _:  # the answer to our HANGUP
                self._leave()

    def _open(self, environment: Mapping[str, str]) -> None:
        try:
            self._request = request = Request.of(environment)
        except ValueError as error:
            self._refuse(str(error))
            return
        self._desk.door.opened(self)
        act = self._find_and_begin(request)
        if act:
            self._desk.counts.sessions += 1
            self._perform(act)
        else:
            self._hang_up()

    def _find_and_begin(self, request: Request) -> Act | None:
        try:
            script = self._desk.find(request)
            if script:
                self._session, act = script.begin()
                return act
        except Exception:
            self._note_broken("find")
            return None
        self._desk.counts.unknown += 1
        log.info("agi_unknown", route=request.route[:80], attempt=request.uniqueid)
        return None

    def _meaning(self, reply: Reply) -> Happening:
        took = self._took()
        if reply.code == DEAD_CHANNEL:
            return CalleeGone()
        if reply.code != 200:
            return Lost(took)
        if self._playing_since is None:
            return CalleePresent()
        return (ClipBroken if reply.result == "-1" else ClipEnded)(reply.position, took)

    # What the session wants

    def _happen(self, happening: Happening) -> None:
        self._perform(self._decide(happening))

    def _break_off(self, happening: Lost | Stopped) -> None:
        if self._session:
            act = self._decide(happening)
            # If the session wants to go on, there is nobody to go on with.
            self._finish(act.outcome if isinstance(act, HangUp) else UNKNOWN)

    def _decide(self, happening: Happening) -> Act:
        """Ask the session; one that breaks ends its own call and no other."""
        try:
            self._session, act = cast(Session, self._session).after(happening)
        except Exception:
            self._note_broken("session")
            return HangUp(UNKNOWN)
        return act

    def _perform(self, act: Act) -> None:
        match act:
            case Play(path, length):
                self._playing_since = self._desk.clock()
                self._say(self._desk.limits.reply + length, "STREAM FILE", path, "")
            case AskPresence():
                self._playing_since = None
                self._say(self._desk.limits.reply, "CHANNEL STATUS")
            case HangUp(outcome):
                self._finish(outcome)

    def _finish(self, outcome: Outcome) -> None:
        request, self._session = cast(Request, self._request), None
        if outcome.ended_by is EndedBy.CALLEE or self._agi.phase is not Phase.IDLE:
            self._leave()  # at once: Asterisk keeps the call's channel until we close
        else:
            self._hang_up()
        self._desk.counts.finished += 1
        log.debug(
            "session_over",
            attempt=request.uniqueid,
            how=outcome.how,
            ended_by=outcome.ended_by,
            heard=outcome.heard.total_seconds(),
        )
        try:
            self._desk.report(request, outcome)
        except Exception:
            self._note_broken("report")

    # The wire and the clock

    def _say(self, limit: timedelta, verb: str, *arguments: str) -> None:
        self._expect_within(limit)
        self._transport.write(self._agi.send(verb, *arguments))

    def _hang_up(self) -> None:
        self._say(self._desk.limits.reply, "HANGUP")

    def _leave(self) -> None:
        self._gone = True
        self._expect_nothing()
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # a peer that does not read shall not keep us waiting
        else:
            self._transport.close()

    def _refuse(self, reason: str) -> None:
        self._desk.counts.garbled += 1
        log.debug("agi_garbled", reason=reason, garbled=self._desk.counts.garbled)
        self.drop()

    def _took(self) -> timedelta:
        return NOTHING if self._playing_since is None else self._desk.clock() - self._playing_since

    def _expect_within(self, limit: timedelta) -> None:
        """Set the time limit for what comes next.

        A timer that would ring too early is left alone and set again when it rings: nearly every answer is in time.
        """
        loop = asyncio.get_running_loop()
        self._due = loop.time() + limit.total_seconds()
        if self._timer and self._timer.when() > self._due:
            self._expect_nothing()
        if not self._timer:
            self._timer = loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._timer = loop.call_at(self._due, self._ring)
        else:
            self._overdue()

    def _expect_nothing(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _overdue(self) -> None:
        counts = self._desk.counts
        if self._request:
            counts.reply_timeouts += 1
            log.warning("agi_silent", attempt=self._request.uniqueid, reply_timeouts=counts.reply_timeouts)
        else:
            counts.header_timeouts += 1
            log.debug("agi_header_overdue", header_timeouts=counts.header_timeouts)
        self._break_off(Lost(self._took()))
        self.drop()

    def _note_broken(self, what: str) -> None:
        self._desk.counts.broken_callbacks += 1
        log.exception("agi_callback_broken", callback=what, attempt=self._request and self._request.uniqueid)
