"""What do agents do at their desks? They come, rest and go by their shifts, and say what came of each talk."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from dialer.adapters.simulated.shifts import Shift
from dialer.agents.preview import NothingShown
from dialer.agents.roster import Change
from dialer.agents.wrap_up import NothingToWrapUp
from dialer.core.agents import AgentState
from dialer.core.inbound import InboundCall
from dialer.core.wrap_up import TalkOutcome, WrapUp
from dialer.engine import Engine
from dialer.model import AgentProfile, Attempt
from dialer.ports.store import Conflict

BREAK = "break"
LOOKS = timedelta(seconds=8)  # at a contact that is shown before anybody is called
SHORTEST = timedelta(milliseconds=500)  # of a wrap-up: the two clicks

log = structlog.get_logger(__name__)


def profiles(shifts: Sequence[Shift], skills: frozenset[str]) -> list[AgentProfile]:
    """The agents, each with a telephone of their own."""
    return [AgentProfile(name, name, f"phone-{name}", skills) for name in dict.fromkeys(each.agent for each in shifts)]


class Desks:
    """``run`` lets the day pass; what agents are busy with is told to the engine as their screens would."""

    def __init__(
        self,
        engine: Engine,
        shifts: Sequence[Shift],
        wrap_up: Callable[[], timedelta],
        notices: Callable[[], timedelta],
        is_voicemail: Callable[[str], bool],
    ) -> None:
        """``wrap_up`` draws how long one takes, ``notices`` how long until a voicemail is hung up on."""
        self._engine = engine
        self._shifts = shifts
        self._wrap_up = wrap_up
        self._notices = notices
        self._is_voicemail = is_voicemail
        self._tasks: asyncio.TaskGroup | None = None
        self._working: list[asyncio.Task[None]] = []
        engine.roster.watchers.append(self._on_agent)
        engine.joins.reserved.append(self._on_screen)

    async def run(self) -> None:
        """Until cancelled: the last talks may outlast the last shift."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._working = [
                    tasks.create_task(self._work(each), name=f"shift of {each.agent}") for each in self._shifts
                ]
                await asyncio.Event().wait()
        finally:
            self._tasks = None

    def send_home(self) -> None:
        """The day is over, whatever the shifts say; who talks goes after the wrap-up."""
        for shift in self._working:
            shift.cancel()
        for agent in list(self._engine.roster.agents):
            self._engine.roster.log_out(agent.id)

    @property
    def still_in(self) -> list[str]:
        return [agent.id for agent in self._engine.roster.agents if agent.state is not AgentState.LOGGED_OUT]

    async def _work(self, shift: Shift) -> None:
        roster, name = self._engine.roster, shift.agent
        await self._sleep_until(shift.span.begins)
        roster.log_in(name)
        roster.be_ready(name)
        for rest in sorted(shift.breaks, key=lambda rest: rest.begins):
            await self._sleep_until(rest.begins)
            roster.pause(name, BREAK)
            await self._sleep_until(rest.ends)
            roster.be_ready(name)
        await self._sleep_until(shift.span.ends)
        roster.log_out(name)

    async def _sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(max((moment - self._engine.clock.now()).total_seconds(), 0.0))

    # ---- what comes upon their screens -----------------------------------------------------------

    def _on_agent(self, change: Change) -> None:
        agent = change.after
        if self._tasks is None or agent.attempt_id is None or agent.state is change.before.state:
            return
        if agent.state is AgentState.WRAP_UP:
            self._tasks.create_task(self._say(agent.id, agent.attempt_id))
        elif agent.state is AgentState.TALKING and self._is_voicemail(agent.attempt_id):
            self._tasks.create_task(self._leave(agent.id, agent.attempt_id))

    def _on_screen(self, agent_id: str, call: Attempt | InboundCall) -> None:
        if self._tasks is not None and self._engine.previews.decide_by(call.id) is not None:
            self._tasks.create_task(self._look(agent_id))

    async def _look(self, agent_id: str) -> None:
        await asyncio.sleep(LOOKS.total_seconds())
        try:
            self._engine.previews.call(agent_id)
        except NothingShown:
            log.debug("preview_gone", agent=agent_id)

    async def _leave(self, agent_id: str, attempt_id: str) -> None:
        """Nobody is there: some words of a greeting tell so."""
        await asyncio.sleep(self._notices().total_seconds())
        if self._engine.roster.agent(agent_id).attempt_id == attempt_id:
            self._engine.joins.hang_up(agent_id)

    async def _say(self, agent_id: str, attempt_id: str) -> None:
        is_voicemail = self._is_voicemail(attempt_id)
        await asyncio.sleep((SHORTEST if is_voicemail else max(self._wrap_up(), SHORTEST)).total_seconds())
        outcome = TalkOutcome.MACHINE if is_voicemail else TalkOutcome.INFORMED
        said = WrapUp(attempt_id, outcome, self._engine.clock.now(), agent_id)
        try:
            await self._engine.wrapping_up.say(agent_id, said)
        except (NothingToWrapUp, Conflict):
            log.debug("wrapped_up_late", agent=agent_id, attempt=attempt_id)  # wrap_up_seconds had passed
