"""Which calls are not to go on, and have they ended?

    saved, not placed     never placed: the dispatcher asks right before it would
    dialled, ringing      hung up
    its message plays     broken off with a farewell; hung up if it cannot be
    the message is over   left to its own end

An attempt is named, not its contact: those named are all that were saved before the contact was called off, and one
that is saved later, should the debtor owe again, is another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

import structlog

from dialer.conclude import Concluder
from dialer.core.call import State
from dialer.core.farewell import Words
from dialer.core.rules import Rule
from dialer.model import Disposition, FinishReason
from dialer.ports import Farewell, Switch
from dialer.ports.store import CalledOff, Conclusion
from dialer.track import Tracker

# A farewell is over within seconds. Whoever is still up then is not listening to one: the call is cut.
PATIENCE = timedelta(seconds=10)
CUTTING = timedelta(seconds=2)  # how long the switch may take to tell that a call was cut

log = structlog.get_logger(__name__)


class Found(StrEnum):
    """How far an attempt had come when it was called off."""

    SAVED = "saved"
    RINGING = "ringing"  # placed, and not answered yet
    PLAYING = "playing"
    TALKING = "talking"  # with an agent: it goes on
    ENDED = "ended"


_FOUND = {
    State.PLACED: Found.RINGING,
    State.STARTED: Found.RINGING,
    State.RINGING: Found.RINGING,
    State.ANSWERED: Found.RINGING,  # nothing was said yet
    State.WAITING: Found.RINGING,
    State.TALKING: Found.TALKING,
    State.PLAYING: Found.PLAYING,
    State.PLAYED: Found.PLAYING,
    State.ENDING: Found.ENDED,
}


@dataclass(slots=True)
class Ending:
    """An attempt that is not to go on, and what has become of it."""

    called_off: CalledOff
    found: Found
    may_go_on: bool = False  # what plays of a message that is not true any more is not taken back
    takes_leave: bool = False
    outcome: Disposition | None = None  # once it is over

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to wait for."""
        return self.outcome is not None or self.may_go_on or self.found is Found.ENDED


class Decision(Protocol):
    """What was decided, and written down."""

    @property
    def called_off(self) -> Sequence[CalledOff]: ...


D = TypeVar("D", bound=Decision)


class CallOff:
    """Ends attempts; ``over`` hears of every attempt that is over."""

    def __init__(self, tracker: Tracker, concluder: Concluder) -> None:
        self._tracker = tracker
        self._concluder = concluder
        self._switch: Switch | None = None
        self._farewell: Farewell | None = None
        self._ending: dict[str, Ending] = {}
        self._over = asyncio.Event()
        self.saved: Callable[[str, str], None] = lambda _, __: None  # told of those that are not placed yet, and why

    def connect(self, switch: Switch, farewell: Farewell) -> None:
        self._switch, self._farewell = switch, farewell

    def refusal(self, attempt_id: str) -> Rule | None:
        """Why the attempt may not be placed."""
        found = self._ending.get(attempt_id)
        if found is None:
            return None
        return Rule.SUM_CHANGED if found.called_off.finished is None else Rule.CALLED_OFF

    def stop(self, these: Sequence[CalledOff]) -> list[Ending]:
        """Let none of these go on, at once; those that were called off before are not disturbed in their farewell."""
        ended = self._concluder.waiting
        ending = [self._named(each, ended.get(each.attempt_id)) for each in these]
        for each in ending:
            self._end(each)
        return ending

    async def carry_out(self, decision: Awaitable[D]) -> tuple[D, list[Ending]]:
        """Carry out a decision, and stop what it calls off.

        Whoever waits for it may go away; between the commit and the calls' end nothing may come.
        """

        async def work() -> tuple[D, list[Ending]]:
            decided = await decision
            return decided, self.stop(decided.called_off)

        working = asyncio.ensure_future(work())
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await working
            raise

    def insist(self) -> None:
        """The switch is back: what it did not hear is said again."""
        for each in list(self._ending.values()):
            self._end(each)

    async def all_over(self, these: Sequence[Ending]) -> None:
        """Wait until the switch has told the end of all that had to end; cut what lasts too long."""

        if await self._until_done(these, PATIENCE):
            return
        for each in these:
            if not each.is_done:
                self._hang_up(each)
        if not await self._until_done(these, CUTTING):
            log.warning("calls_not_ended", calls=sum(not each.is_done for each in these))

    def over(self, conclusion: Conclusion) -> None:
        found = self._ending.pop(conclusion.attempt.id, None)
        if found is not None:
            found.outcome = conclusion.disposition
            self._over.set()

    def _named(self, called_off: CalledOff, ended: Conclusion | None) -> Ending:
        if ended is not None:
            return Ending(called_off, Found.ENDED, outcome=ended.disposition)
        known = self._ending.get(called_off.attempt_id)
        if known is None:
            live = self._tracker.find(called_off.attempt_id)
            known = Ending(called_off, Found.SAVED if live is None else _FOUND[live.call.state])
            self._ending[called_off.attempt_id] = known
        elif known.called_off.finished is None:
            known.called_off, known.may_go_on = called_off, False
        return known

    def _end(self, each: Ending) -> None:
        live = self._tracker.find(each.called_off.attempt_id)
        if live is None:  # saved: the dispatcher withdraws it, unless an agent still looks at it
            if rule := self.refusal(each.called_off.attempt_id):
                self.saved(each.called_off.attempt_id, rule)
            return
        match live.call.state:
            case State.PLAYING if each.called_off.finished is None and not live.is_called_off:
                each.may_go_on = True
                return
            case State.PLAYING:
                self._take_leave(each)
            case State.WAITING if live.call.asked_at is not None:  # hears words to wait by
                self._take_leave(each)
            case State.TALKING:  # with an agent, who is told, and says what has changed
                each.may_go_on = True
                return
            case State.PLAYED | State.ENDING | State.ENDED:
                return
            case _:
                self._hang_up(each)
        live.is_called_off = True

    def _take_leave(self, each: Ending) -> None:
        if each.takes_leave:
            return
        words = Words.PAID if each.called_off.finished is FinishReason.SETTLED else Words.NEUTRAL
        each.takes_leave = self._farewell is not None and self._farewell.break_off(each.called_off.attempt_id, words)
        if not each.takes_leave:
            self._hang_up(each)

    def _hang_up(self, each: Ending) -> None:
        if self._switch is not None:
            self._switch.hang_up(each.called_off.attempt_id)

    async def _until_done(self, these: Sequence[Ending], limit: timedelta) -> bool:
        try:
            async with asyncio.timeout(limit.total_seconds()):
                while not all(each.is_done for each in these):
                    self._over.clear()
                    await self._over.wait()
        except TimeoutError:
            return False
        return True
