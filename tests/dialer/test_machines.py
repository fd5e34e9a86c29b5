"""Does a machine get what its campaign wants, and does nobody else notice?"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dialer.core.call import Started
from dialer.core.machines import AnsweredBy, TalkStarted, TalkStopped
from dialer.machines import BEEP, Machines
from dialer.model import Disposition, Lane, Voicemail
from tests.support.clock import MS, SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import Floor, a_floor, a_lane, an_agent

SILENT_ENOUGH = BEEP.quiet + 10 * MS


class Wire:
    """The Machine port, and a callee who talks."""

    def __init__(self, floor: Floor, lane: int = 1) -> None:
        self.said: list[str] = []
        self.presses = False
        self.is_busy = False
        self.floor = floor
        self.machines = Machines(floor.tracker, floor.lanes, floor.clock)
        self.machines.connect(floor, self)  # type: ignore[arg-type]
        self.call = floor.call(lane)
        floor.tracker.on_call(Started(self.call, floor.clock.now()))

    def is_person(self, attempt_id: str) -> bool:
        return self.presses

    def say_meanwhile(self, attempt_id: str) -> bool:
        if not self.is_busy:
            self.said.append("meanwhile")
        return not self.is_busy

    def leave_message(self, attempt_id: str) -> bool:
        if not self.is_busy:
            self.said.append("message")
        return not self.is_busy

    async def talk(self, span: timedelta) -> None:
        self.machines.on_talk(TalkStarted(self.call, self.floor.clock.now()))
        await passes(span)
        self.machines.on_talk(TalkStopped(self.call, self.floor.clock.now(), span))

    async def greet(self) -> None:
        """As a machine does."""
        self.floor.tracker.on_message_started(self.call)
        for _ in range(4):
            await passes(300 * MS)
            await self.talk(SECOND)

    async def leave(self) -> Disposition:
        self.floor.leave(self.call)
        [over] = self.floor.over
        return over.disposition


def a_list(voicemail: Voicemail | None) -> Lane:
    """A lane of messages."""
    return replace(a_lane(), agents=None, voicemail=voicemail)


@in_virtual_time
async def test_a_machine_is_hung_up_on(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.HANG_UP),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        assert floor.hung_up == [wire.call]
        [over] = floor.over
        assert over.disposition is Disposition.MACHINE
        assert over.call.detection is not None
        assert over.call.detection.words == 4


@in_virtual_time
async def test_a_person_hears_the_message_to_its_end(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        floor.tracker.on_message_started(wire.call)
        await passes(300 * MS)
        await wire.talk(400 * MS)
        await passes(5 * SECOND)
        await wire.talk(5 * SECOND)
        assert (floor.hung_up, wire.said) == ([], [])
        assert await wire.leave() is Disposition.HUNG_UP
        [over] = floor.over
        assert over.call.detection is not None
        assert over.call.detection.answered_by is AnsweredBy.PERSON


@in_virtual_time
async def test_nobody_is_judged_where_nobody_asks(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(None),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        assert floor.hung_up == []
        assert await wire.leave() is Disposition.HUNG_UP


@in_virtual_time
async def test_who_pressed_a_key_is_not_hung_up_on(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.HANG_UP),)) as floor:
        wire = Wire(floor)
        wire.presses = True
        await wire.greet()
        assert floor.hung_up == []


@in_virtual_time
async def test_who_talks_with_an_agent_is_not_cut_off(tmp_path: Path) -> None:
    lane = replace(a_lane(), voicemail=Voicemail.HANG_UP)
    async with a_floor(tmp_path, an_agent("anna"), lanes=(lane,)) as floor:
        wire = Wire(floor)
        floor.wait(wire.call)
        await passes(SECOND)
        for _ in range(5):
            await wire.talk(SECOND)
        assert floor.hung_up == []
        assert await wire.leave() is Disposition.CONNECTED


@in_virtual_time
async def test_the_message_is_left_when_the_machine_has_fallen_silent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        assert wire.said == ["meanwhile"]
        await passes(SECOND)
        await wire.talk(SECOND)  # the rest of its greeting, and the beep
        await passes(SECOND)
        assert wire.said == ["meanwhile"]
        await passes(SECOND)
        assert wire.said == ["meanwhile", "message"]
        assert floor.hung_up == []
        assert await wire.leave() is Disposition.MACHINE


@in_virtual_time
async def test_a_beep_that_comes_late_makes_the_message_begin_anew(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        await passes(SILENT_ENOUGH + SECOND)
        assert wire.said == ["meanwhile", "message"]
        await wire.talk(400 * MS)
        assert wire.said == ["meanwhile", "message", "meanwhile"]
        await passes(SILENT_ENOUGH)
        assert wire.said == ["meanwhile", "message", "meanwhile", "message"]


@in_virtual_time
async def test_what_cannot_be_silenced_is_hung_up_on(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        wire.is_busy = True
        await wire.greet()
        assert floor.hung_up == [wire.call]


@in_virtual_time
async def test_the_message_waits_until_what_played_has_stopped(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        wire.is_busy = True
        await passes(SILENT_ENOUGH + SECOND)
        wire.is_busy = False
        await passes(SECOND)
        assert wire.said == ["meanwhile", "message"]


@in_virtual_time
async def test_nothing_happens_to_a_call_that_is_over(tmp_path: Path) -> None:
    async with a_floor(tmp_path, lanes=(a_list(Voicemail.MESSAGE),)) as floor:
        wire = Wire(floor)
        await wire.greet()
        await wire.leave()
        await passes(10 * SECOND)
        assert wire.said == ["meanwhile"]
