"""How do agents take part in a simulated day of the whole engine? Desks, telephones and talks, and how it went."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from dialer.adapters.carrier.witness import Promise, were_placed
from dialer.adapters.simulated import agents_promises
from dialer.adapters.simulated.attendance import Attendance
from dialer.adapters.simulated.desks import Desks, profiles
from dialer.adapters.simulated.kept import Day
from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.adapters.simulated.meetings import Meeting, SimulatedMeetings
from dialer.adapters.simulated.stories import Errors, Greetings
from dialer.adapters.simulated.story import Stories, Story
from dialer.adapters.simulated.switch import SimulatedSwitch
from dialer.commands import simulate_agents
from dialer.engine import Engine
from dialer.model import AgentProfile, ContactState, Disposition, Lane, Mode, OutgoingCall
from dialer.ports import Clock
from dialer.trials.compare import Outcome, merged
from dialer.trials.dice import Chance
from dialer.trials.floor import SPAN, Counts
from dialer.trials.stories import DicedStories

LAST_TALKS = timedelta(minutes=30)  # after the end of the shift, at most
PART = timedelta(seconds=SPAN)
ENGINE = "the whole engine"


@dataclass(frozen=True, slots=True)
class Team:
    """Who takes the calls, and for how long they talk."""

    floor: simulate_agents.Wanted
    mode: Mode | None = None  # of every campaign; None: as each says


@dataclass(frozen=True, slots=True)
class TeamsDay:
    """What came of it."""

    wanted: simulate_agents.Wanted
    floor: Outcome  # the same figures that the floor alone has
    talks: Mapping[str, int]  # of each agent
    longest_silence: timedelta


class RememberedStories:
    """Stories, kept by attempt."""

    def __init__(self, stories: Stories) -> None:
        self._stories = stories
        self._of: dict[str, Story] = {}

    def __call__(self, call: OutgoingCall) -> Story:
        story = self._of[call.attempt_id] = self._stories(call)
        return story

    def is_voicemail(self, attempt_id: str) -> bool:
        return attempt_id in self._of and self._of[attempt_id].is_voicemail


class Playing:
    """A team's day, beside the engine's."""

    def __init__(self, team: Team, engine: Engine, clock: Clock, seed: int) -> None:
        self._team = team
        self._engine = engine
        self._clock = clock
        self._began = clock.monotonic()
        self._begins = clock.now()
        self._chance = Chance(team.floor.world, seed)
        self._seed = seed
        self._is_voicemail: Callable[[str], bool] = lambda _: False
        self._desks: Desks | None = None
        self.meetings: SimulatedMeetings | None = None
        self.legs = SimulatedLegs((profile.phone for profile in self._profiles(frozenset())), clock)
        self._attendance = Attendance(engine.roster, clock, PART)
        self._moved = asyncio.Event()
        engine.roster.watchers.append(lambda _: self._moved.set())

    def diced(self, errors: Errors) -> Stories:
        """What becomes of calls by the world's dice."""
        greets = Greetings(self._seed, errors)
        return DicedStories(self._chance, greets, self._team.floor.world.ring_limit, self._passed)

    def meet(self, switch: SimulatedSwitch, stories: RememberedStories) -> None:
        """Answered calls of that switch are joined with the team."""
        engine = self._engine
        self._desks = Desks(engine, self._team.floor.shifts, self._wrap_up, self._notices, stories.is_voicemail)
        self._is_voicemail = stories.is_voicemail
        self.legs.begin(engine.lines)
        self.meetings = SimulatedMeetings(
            switch, self.legs, engine.tracker, engine.joins, engine.lanes, self._clock, self._talk
        )

    async def hire(self, lanes: Sequence[Lane]) -> None:
        """Everybody has every skill that any campaign asks for."""
        skills = frozenset[str]().union(*(lane.agents.skills for lane in lanes if lane.agents))
        for profile in self._profiles(skills):
            await self._engine.roster.put(profile)

    @asynccontextmanager
    async def at_their_desks(self) -> AsyncIterator[None]:
        """While it lasts, the team works; then the talks that go on come to their end."""
        if self._desks is None:
            raise RuntimeError("nobody joins calls yet")
        working = asyncio.create_task(self._desks.run(), name="desks")
        yield
        self._desks.send_home()
        with suppress(TimeoutError):  # then a promise is broken
            async with asyncio.timeout(LAST_TALKS.total_seconds()):
                while self._desks.still_in:
                    self._moved.clear()
                    await self._moved.wait()
        self._attendance.end()
        working.cancel()
        await asyncio.wait([working])
        if not working.cancelled():
            working.result()

    # ---- how it went -----------------------------------------------------------------------------

    def promises(self, day: Day, lanes: Mapping[int, Lane]) -> list[Promise]:
        return agents_promises.promises(day, lanes, self._met, self._desks.still_in if self._desks else ())

    def outcome(self, day: Day, lanes: Mapping[int, Lane]) -> TeamsDay:
        answers = agents_promises.live_answers(day, self._met)
        course = [
            Counts(
                busy=self._attendance.busy(part).total_seconds(), staffed=self._attendance.there(part).total_seconds()
            )
            for part in range(self._attendance.parts)
        ]
        for met, is_abandoned in answers:
            part = course[(met.answered_at - self._begins) // PART]
            part.live_answers += 1
            part.abandoned += is_abandoned
        counts = merged(course)
        parts = max(1, ceil(self._team.floor.world.lasts / PART))  # what the last talks add behind it shows nothing
        waits = [met.joined_at - met.answered_at for met, _ in answers if met.joined_at is not None]
        counts.machines = sum(met.joined_at is not None and self._is_voicemail(met.attempt_id) for met, _ in answers)
        counts.joined, counts.waited = len(waits), sum(waits, timedelta()).total_seconds()
        counts.given_up = sum(each.disposition == Disposition.CANCELLED for each in day.attempts)
        counts.placed = len(were_placed(day.attempts))
        over = [each.state == ContactState.FINISHED for each in day.contacts.values()]
        floor = Outcome(
            world=self._team.floor.world,
            policy=ENGINE,
            seed=self._seed,
            counts=counts,
            course=course[:parts],
            took=timedelta(seconds=self._passed()),
            is_finished=all(over),
            called=sum(over) / max(len(over), 1),
        )
        limit = min(lane.agents.abandonment_limit for lane in lanes.values() if lane.agents)
        wanted = self._team.floor
        return TeamsDay(
            wanted=replace(
                wanted,
                world=replace(wanted.world, contacts=len(day.contacts)),
                seeds=1,
                rules=replace(wanted.rules, abandonment_limit=limit),
            ),
            floor=floor,
            talks=dict(self._attendance.talks),
            longest_silence=max((met.silence for met in self._met), default=timedelta()),
        )

    @property
    def _met(self) -> Collection[Meeting]:
        return self.meetings.all.values() if self.meetings else ()

    def _profiles(self, skills: frozenset[str]) -> list[AgentProfile]:
        return profiles(self._team.floor.shifts, skills)

    def _passed(self) -> float:
        return self._clock.monotonic() - self._began

    def _talk(self) -> timedelta:
        return timedelta(seconds=self._chance.conversation(self._passed()))

    def _notices(self) -> timedelta:
        return timedelta(seconds=self._chance.noticing())

    def _wrap_up(self) -> timedelta:
        return timedelta(seconds=self._chance.wrap_up())
