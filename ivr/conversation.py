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
from datetime import timedelta
from typing import cast

import structlog

from ivr import meaning
from ivr.agent_acts import AgentFound, WaitForAgent, WaitOver
from ivr.commands import Commanded, command
from ivr.deadline import Deadline
from ivr.desk import Desk
from ivr.lines import Line
from ivr.message import Message
from ivr.owner import UNKNOWN
from ivr.protocol import AgiProtocol, Event, Garbled, HangupSeen, Interrupted, Opened, Phase, Reply
from ivr.request import Request
from ivr.session import (
    NOTHING,
    Act,
    BreakOff,
    CalleeGone,
    EndedBy,
    HangUp,
    Happening,
    Hold,
    Interrupt,
    Lost,
    Outcome,
    Play,
    Record,
    Session,
    Stopped,
)

log = structlog.get_logger(__name__)


class Conversation(asyncio.BufferedProtocol):
    __slots__ = (
        "_agi", "_deadline", "_desk", "_gone", "_holds", "_interrupts", "_is_broken_off", "_is_taken", "_means",
        "_playing", "_request", "_session", "_since", "_transport", "_waits",
    )  # fmt: skip

    _transport: asyncio.Transport

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._agi = AgiProtocol(desk.limits.bounds)
        self._request: Request | None = None
        self._session: Session | None = None
        self._playing: str | None = None
        self._means: Callable[[Reply], Happening] | None = None  # an answer; None: what became of a clip
        self._since = NOTHING  # when the clip, the recording or the wait began
        self._waits = False  # for an agent, and for no answer
        self._holds = False  # it waits for an agent while a clip plays
        self._is_taken = False  # by an agent, or nobody is looked for any more: the clip is being ended for that
        self._is_broken_off = False
        self._interrupts = 0
        self._deadline = Deadline(self._overdue)
        self._gone = False  # by our choice; otherwise the peer has left

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")  # None: it has left already
        if peer and self._desk.door.admit(self, peer[0]):
            self._deadline.expect_within(self._desk.limits.header)
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
        self._deadline.expect_nothing()
        if not self._request and not self._gone:
            self._desk.counts.left_early += 1
            log.debug("agi_left_early", left_early=self._desk.counts.left_early)
        self._gone = True
        self._give_up(Lost(self._took()))
        self._desk.door.left(self)

    @property
    def call(self) -> str:
        """The call's identity; empty while it is not known."""
        return self._request.uniqueid if self._request else ""

    @property
    def session(self) -> Session | None:
        return self._session

    @property
    def playing(self) -> str | None:
        """The path of the clip that plays, unless nothing does or it is being ended already."""
        return None if self._is_broken_off or self._is_taken or not self._session else self._playing

    def break_off(self, instead: Message) -> bool:
        """Have that said in place of the message, then hang up; False when nothing is playing to be broken off."""
        if self.playing is None:
            return False
        self._is_broken_off, self._holds = True, False
        self._happen(BreakOff(instead))
        return True

    def say_instead(self, instead: Message) -> bool:
        """Have that said in place of whatever plays, also of what was said in its place; False when nothing can be."""
        if self._playing is None or self._session is None or self._agi.phase is not Phase.WAITING:
            return False
        self._is_broken_off, self._interrupts = True, 0
        self._happen(BreakOff(instead))
        return True

    def join(self, line: Line) -> bool:
        """An agent is found; False when the callee does not wait for one."""
        if not self._waits and not self._holds:
            return False
        self._is_taken, self._waits, self._holds = self._holds, False, False
        self._happen(AgentFound(line, self._desk.clock() - self._since))
        return True

    def callee_left(self) -> None:
        """It was heard elsewhere, while nothing is under way here that would tell."""
        if self._waits:
            self._waits = False
            self._happen(CalleeGone())

    def stop(self) -> None:
        """End it now, whatever is going on, and report."""
        self._give_up(Stopped(self._took()))
        self.drop()

    def drop(self) -> None:
        """Close without another word. A running session is reported as lost."""
        self._gone = True
        self._deadline.expect_nothing()
        self._transport.abort()

    # What is heard from the switch

    def _hear(self, event: Event) -> None:
        match event:
            case Opened(environment):
                self._open(environment)
            case Garbled(reason):
                self._refuse(reason)
            case Reply() if self._session:
                took = self._desk.clock() - self._since
                self._happen(self._means(event) if self._means else meaning.of_clip(event, took))
            case Interrupted(reply) if self._session:
                self._happen(meaning.of_interrupted_clip(reply, self._took()))
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
        if begun := self._desk.owner.begin(request):
            self._session, act = begun
            self._desk.counts.sessions += 1
            self._perform(act)
        elif request.is_inbound:
            self._leave()  # the dialplan refuses it: it was not answered
        else:
            self._hang_up()

    # What the session wants

    def _happen(self, happening: Happening) -> None:
        self._perform(self._decide(happening))

    def _give_up(self, happening: Lost | Stopped) -> None:
        if self._session:
            act = self._decide(happening)
            # If the session wants to go on, there is nobody to go on with.
            self._finish(act.outcome if isinstance(act, HangUp) else UNKNOWN)

    def _decide(self, happening: Happening) -> Act:
        session, request = cast(Session, self._session), cast(Request, self._request)
        self._session, act = self._desk.owner.decide(session, happening, request)
        return act

    def _perform(self, act: Act) -> None:
        self._holds = isinstance(act, Hold)
        if not isinstance(act, Interrupt):
            self._is_taken, self._interrupts = False, 0
        match act:
            case Interrupt():
                self._interrupt()
            case WaitForAgent(limit):
                self._playing, self._waits, self._since = None, True, self._desk.clock()
                self._deadline.expect_within(limit)
            case HangUp(outcome):
                self._finish(outcome)
            case _:
                self._command(act)
        # Last of all: whoever is told may find an agent at once, and the session goes on from there.
        self._desk.owner.note(cast(Request, self._request), act)

    def _command(self, act: Commanded) -> None:
        given = command(act)
        self._playing = act.path if isinstance(act, Play) else None
        self._means = given.means
        if isinstance(act, Play | Record):
            self._since = self._desk.clock()
        self._say(None if given.lasts is None else self._desk.limits.reply + given.lasts, *given.words)
        if isinstance(act, Hold) and act.limit < act.length:
            self._deadline.expect_within(act.limit)

    def _finish(self, outcome: Outcome) -> None:
        request, self._session, self._waits = cast(Request, self._request), None, False
        if outcome.ended_by is EndedBy.CALLEE or self._agi.phase is not Phase.IDLE:
            self._leave()  # at once: Asterisk keeps the call's channel until we close
        else:
            self._hang_up()
        self._desk.counts.finished += 1
        heard = outcome.heard.total_seconds()
        log.debug("session_over", attempt=self.call, how=outcome.how, ended_by=outcome.ended_by, heard=heard)
        self._desk.owner.over(request, outcome)

    # The wire and the clock

    def _say(self, limit: timedelta | None, verb: str, *arguments: str) -> None:
        if limit is None:
            self._deadline.expect_nothing()
        else:
            self._deadline.expect_within(limit)
        self._transport.write(self._agi.send(verb, *arguments))

    def _interrupt(self) -> None:
        self._interrupts += 1
        self._deadline.expect_within(self._desk.limits.interrupt)
        self._transport.write(self._agi.interrupt())

    def _hang_up(self) -> None:
        self._say(self._desk.limits.reply, "HANGUP")

    def _leave(self) -> None:
        self._gone = True
        self._deadline.expect_nothing()
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # a peer that does not read shall not keep us waiting
        else:
            self._transport.close()

    def _refuse(self, reason: str) -> None:
        self._desk.counts.garbled += 1
        log.debug("agi_garbled", reason=reason, garbled=self._desk.counts.garbled)
        self.drop()

    def _took(self) -> timedelta:
        return NOTHING if self._playing is None else self._desk.clock() - self._since

    def _overdue(self) -> None:
        counts, limits = self._desk.counts, self._desk.limits
        if self._waits:
            self._waits = False
            self._happen(WaitOver())
            return
        if self._holds:
            self._is_taken, self._holds = True, False
            self._happen(WaitOver())
            return
        if self._agi.phase is Phase.INTERRUPTING and self._interrupts * limits.interrupt < limits.reply:
            self._interrupt()
            return
        if self._request:
            counts.reply_timeouts += 1
            log.warning("agi_silent", attempt=self._request.uniqueid, reply_timeouts=counts.reply_timeouts)
        else:
            counts.header_timeouts += 1
            log.debug("agi_header_overdue", header_timeouts=counts.header_timeouts)
        self._give_up(Lost(self._took()))
        self.drop()
