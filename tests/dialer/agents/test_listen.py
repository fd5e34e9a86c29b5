"""Is it known who listens to whom, do they follow the agent, and is nobody heard who is not to be?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from dialer.adapters.simulated.ears import SimulatedEars
from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.agents.listen import Listening, NotToBeHeard
from dialer.core.call import End
from dialer.core.listening import EarState, ListenMode
from dialer.model import LegKind
from dialer.ports import Presence, SwitchAway
from dialer.ports.ears import ear_id_for
from dialer.ports.store import Listened, StoreFailed
from tests.support.clock import SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import Floor, a_floor, an_agent

BOSS = "phone-boss"


@dataclass
class Book:
    """What was written down."""

    entries: list[Listened] = field(default_factory=list)
    fails: bool = False

    async def note_listening(self, entries: Sequence[Listened], now: datetime) -> None:
        if self.fails:
            raise StoreFailed("the disk is full")
        self.entries += entries

    def steps(self) -> list[tuple[str, str, str]]:
        return [(entry.agent_id, entry.phone, entry.what) for entry in self.entries]


@dataclass
class World:
    floor: Floor
    listening: Listening
    ears: SimulatedEars
    phones: SimulatedLegs
    book: Book

    def states(self, agent_id: str = "anna") -> list[EarState]:
        return [ear.state for ear in self.listening.at(agent_id)]


@asynccontextmanager
async def a_world(folder: Path, book: Book | None = None) -> AsyncIterator[World]:
    async with a_floor(folder, an_agent("anna"), an_agent("bert"), an_agent("cleo", leg=LegKind.RING)) as floor:
        phones = SimulatedLegs([BOSS], floor.clock)
        ears, book = SimulatedEars(phones), book or Book()
        listening = Listening(book, floor.roster, floor.clock, lambda _: f"{len(phones.called):032x}")
        listening.connect(ears)
        ears.begin(listening)
        task = asyncio.create_task(listening.run())
        try:
            yield World(floor, listening, ears, phones, book)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@in_virtual_time
async def test_who_listened_when_is_written_down(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        assert world.book.steps() == [("anna", BOSS, "asked")], "before the telephone rings"
        await passes(SECOND)
        world.listening.end("anna", BOSS)
        await passes(SECOND)
        assert [step for *_, step in world.book.steps()] == ["asked", "began", "ended"]
        assert {entry.actor for entry in world.book.entries} == {"key:boss"}
        assert world.states() == [EarState.ENDED]


@in_virtual_time
async def test_what_cannot_be_written_down_is_not_listened_to(tmp_path: Path) -> None:
    async with a_world(tmp_path, Book(fails=True)) as world:
        with pytest.raises(StoreFailed):
            await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        assert (world.phones.called, world.states()) == ([], [])


@in_virtual_time
async def test_an_end_that_could_not_be_written_down_is_written_later(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        world.book.fails = True
        await passes(SECOND)
        world.listening.end("anna", BOSS)
        await passes(SECOND)
        world.book.fails = False
        await passes(5 * SECOND)
        assert [step for *_, step in world.book.steps()] == ["asked", "began", "ended"]


@in_virtual_time
async def test_another_mode_is_taken_without_calling_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        await passes(SECOND)
        ear = await world.listening.begin("anna", BOSS, ListenMode.WHISPER, "key:boss")
        assert (world.ears.modes, world.phones.called) == ({ear.id: ListenMode.WHISPER}, [BOSS])
        assert [entry.mode for entry in world.book.entries if entry.what == "asked"] == [
            ListenMode.LISTEN,
            ListenMode.WHISPER,
        ]


@in_virtual_time
async def test_who_barges_in_is_led_to_every_new_callee_and_away_from_those_who_have_left(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        ear = await world.listening.begin("anna", BOSS, ListenMode.BARGE, "key:boss")
        await passes(SECOND)
        for other in ("bert", "cleo"):
            world.floor.roster.pause(other, "lunch")
        for talks in (1, 2):
            call = world.floor.answer()
            await passes(SECOND)
            assert world.ears.modes == {ear.id: ListenMode.BARGE}, talks
            world.floor.leave(call)
            assert world.ears.modes == {ear.id: ListenMode.WHISPER}, "a callee who has left is not held on to"
            await passes(11 * SECOND)


@in_virtual_time
async def test_an_agent_is_heard_whose_telephone_is_called_for_each_caller(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        ear = await world.listening.begin("cleo", BOSS, ListenMode.BARGE, "key:boss")
        await passes(SECOND)
        for other in ("anna", "bert"):
            world.floor.roster.pause(other, "lunch")
        call = world.floor.answer()
        await passes(SECOND)
        assert world.floor.agent("cleo").attempt_id == call
        assert (world.states("cleo"), world.ears.modes) == ([EarState.LISTENING], {ear.id: ListenMode.BARGE})


@in_virtual_time
async def test_nobody_is_heard_who_is_not_there_or_at_a_telephone_in_use(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        world.floor.roster.log_out("bert")
        for agent_id, phone, why in (
            ("bert", "phone-other", "not logged in"),
            ("anna", "phone-anna", "telephone of an agent"),
        ):
            with pytest.raises(NotToBeHeard, match=why):
                await world.listening.begin(agent_id, phone, ListenMode.LISTEN, "key:boss")
        world.floor.roster.log_in("bert")
        with pytest.raises(NotToBeHeard, match="hears anna"):
            await world.listening.begin("bert", BOSS, ListenMode.LISTEN, "key:boss")
        assert len(world.book.entries) == 1
        assert world.listening.end("bert", BOSS) is None


@in_virtual_time
async def test_an_agent_who_logs_out_is_heard_no_more(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        await passes(SECOND)
        assert world.states() == [EarState.LISTENING]
        world.floor.roster.log_out("anna")
        await passes(SECOND)
        assert world.states() == [EarState.ENDED]
        await passes(61 * SECOND)
        assert world.states() == [], "shown for a minute"


@in_virtual_time
async def test_a_supervisor_who_is_not_there_is_seen_to_be_not(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.phones.registered.clear()
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        await passes(SECOND)
        assert [(ear.state, ear.why) for ear in world.listening.at("anna")] == [(EarState.ENDED, End.NOT_PLACED)]


@in_virtual_time
async def test_without_a_switch_nobody_is_called(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.phones.become(Presence.AWAY)
        with pytest.raises(SwitchAway):
            await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        assert world.book.entries == []


@in_virtual_time
async def test_when_the_engine_stops_nobody_listens_any_more(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        await passes(SECOND)
        world.listening.close()
        await world.listening.write_down()
        assert await world.ears.live_ears() == []
        assert [step for *_, step in world.book.steps()] == ["asked", "began", "ended"]


@in_virtual_time
async def test_whoever_an_earlier_engine_left_listening_is_hung_up(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        stray = ear_id_for("anna", "f" * 32)
        world.ears.call_supervisor(stray, BOSS, ListenMode.LISTEN, 5 * SECOND)
        await passes(SECOND)
        world.phones.become(Presence.READY)
        await passes(SECOND)
        assert await world.ears.live_ears() == []
        assert [(entry.agent_id, entry.what, entry.why) for entry in world.book.entries] == [
            ("anna", "ended", End.LOST)
        ]


@in_virtual_time
async def test_who_was_cut_off_while_nobody_could_hear_it_is_seen_to_be_gone(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.listening.begin("anna", BOSS, ListenMode.LISTEN, "key:boss")
        await passes(SECOND)
        world.phones.restart()
        await passes(SECOND)
        assert world.states() == [EarState.ENDED]
