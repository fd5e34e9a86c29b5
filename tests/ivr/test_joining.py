"""Does an answered call reach an agent, and does nobody wait in silence if it does not?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agent_acts import (
    AgentFound,
    Ask,
    Join,
    Parted,
    RecordingBegun,
    StartRecording,
    Value,
    WaitForAgent,
    WaitOver,
    Wanted,
)
from ivr.joining import NO_MORE, UNRECORDED, Meeting, Recording
from ivr.lines import Line, nailed_up, ringing
from ivr.message import Message
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    BreakOff,
    CalleeGone,
    CalleePresent,
    Clip,
    ClipBroken,
    ClipEnded,
    ClipInterrupted,
    EndedBy,
    HangUp,
    Happening,
    How,
    Interrupt,
    KeyPressed,
    Lost,
    Notice,
    Outcome,
    Play,
    Stopped,
)
from tests.support.agi_peer import AgiPeer, Clock

PATIENCE, SECOND = timedelta(seconds=2), timedelta(seconds=1)
ANNOUNCEMENT, APOLOGY, NO_MORE_CALLS = (Clip(f"/sounds/{name}", SECOND) for name in ("busy", "sorry", "no-more"))
MEETING = Meeting(PATIENCE, Message((ANNOUNCEMENT,)), Message((APOLOGY,)), Message((NO_MORE_CALLS,)))
ANNA, BERT = nailed_up("leg.anna.0"), nailed_up("leg.bert.0")
MET, NOT_MET = Value("SUCCESS"), Value("NONEXISTENT")
FOUND = AgentFound(ANNA, SECOND / 2)
ENDED = ClipEnded(SECOND, SECOND)


def after(*happenings: Happening) -> Act:
    session, act = MEETING.begin()
    for happening in happenings:
        session, act = session.after(happening)
    return act


def test_the_callee_waits_for_an_agent_but_not_for_long() -> None:
    assert after() == WaitForAgent(PATIENCE, Wanted.FIRST)
    assert after(FOUND) == Join(ANNA)
    assert after(WaitOver()) == Play(ANNOUNCEMENT.path, SECOND, keys=NO_MORE)
    assert after(WaitOver(), ENDED) == HangUp(Outcome(SECOND, SECOND, How.WHOLE, EndedBy.US))


def test_a_talk_ends_when_the_callee_leaves() -> None:
    assert after(FOUND, Parted()) == AskPresence()
    assert after(FOUND, Parted(), CalleeGone()) == HangUp(Outcome(NOTHING, SECOND, How.NONE, EndedBy.CALLEE))


def test_a_callee_whose_agent_is_gone_gets_another_or_an_apology() -> None:
    left = (FOUND, Parted(), CalleePresent())
    assert after(*left) == Ask("BRIDGERESULT")
    assert after(*left, MET) == WaitForAgent(PATIENCE, Wanted.LOST)
    assert after(*left, MET, AgentFound(BERT, NOTHING)) == Join(BERT)
    assert after(*left, MET, WaitOver()) == Play(APOLOGY.path, SECOND, keys=NO_MORE)


def test_an_agent_who_was_not_there_costs_the_callee_no_time() -> None:
    missed = (FOUND, Parted(), CalleePresent(), NOT_MET)
    assert after(*missed) == WaitForAgent(PATIENCE - SECOND / 2, Wanted.NOT_JOINED)
    again = AgentFound(BERT, SECOND)
    assert after(*missed, again, Parted(), CalleePresent(), NOT_MET) == WaitForAgent(SECOND / 2, Wanted.NOT_JOINED)


def test_a_key_during_the_announcement_is_answered_and_ends_it() -> None:
    pressed = KeyPressed(NO_MORE, SECOND / 2, SECOND / 2)
    assert after(WaitOver(), pressed) == Play(NO_MORE_CALLS.path, SECOND)
    assert after(WaitOver(), pressed, ENDED) == HangUp(
        Outcome(SECOND / 2, SECOND, How.PART, EndedBy.US, pressed=NO_MORE)
    )


@pytest.mark.parametrize(
    ("happening", "ended_by"),
    [(CalleeGone(), EndedBy.CALLEE), (Lost(NOTHING), EndedBy.FAILURE), (Stopped(NOTHING), EndedBy.US)],
)
def test_who_ended_the_wait_is_told(happening: Happening, ended_by: EndedBy) -> None:
    for before in ((), (FOUND,)):
        act = after(*before, happening)
        assert isinstance(act, HangUp)
        assert act.outcome.ended_by is ended_by


NOTICE = Clip("/sounds/notice", SECOND)
RECORDED = replace(MEETING, recording=Recording(NOTICE, "/talks/1.wav"))
TOLD = Notice(NOTICE.path, SECOND, keys=UNRECORDED)


def after_in(meeting: Meeting, *happenings: Happening) -> Act:
    session, act = meeting.begin()
    for happening in happenings:
        session, act = session.after(happening)
    return act


def test_a_talk_is_recorded_once_the_callee_was_told_so() -> None:
    assert after_in(RECORDED, FOUND) == TOLD
    assert after_in(RECORDED, FOUND, ENDED) == StartRecording("/talks/1.wav")
    assert after_in(RECORDED, FOUND, ENDED, RecordingBegun()) == Join(ANNA)


@pytest.mark.parametrize(
    "happenings",
    [
        [KeyPressed(UNRECORDED, SECOND / 2, SECOND / 2)],
        [ClipEnded(NOTHING, NOTHING)],
        [ClipBroken(NOTHING, NOTHING), CalleePresent()],
    ],
    ids=["refused", "an empty file", "no file"],
)
def test_who_refuses_or_was_not_told_talks_unrecorded(happenings: list[Happening]) -> None:
    assert after_in(RECORDED, FOUND, *happenings) == Join(ANNA)


def test_a_callee_is_told_of_the_recording_once() -> None:
    again = AgentFound(BERT, NOTHING)
    assert after_in(RECORDED, FOUND, ENDED, RecordingBegun(), Parted(), CalleePresent(), MET, again) == Join(BERT)


def test_who_leaves_while_told_is_gone() -> None:
    left = after_in(RECORDED, FOUND, ClipBroken(SECOND / 2, SECOND / 2), CalleeGone())
    assert isinstance(left, HangUp)
    assert left.outcome.ended_by is EndedBy.CALLEE


def test_a_telephone_that_is_called_for_each_caller_rings_for_a_while() -> None:
    line = ringing("PJSIP/anna", timedelta(seconds=15), "here^ready^1(anna)")
    assert (line.application, line.arguments, line.met) == ("Dial", "PJSIP/anna,15,gb(here^ready^1(anna))", "ANSWER")


# What may follow each act; whatever it is, no path leaves the callee without a word for longer than the patience.
FOLLOWING: dict[type[Act], list[Happening]] = {
    WaitForAgent: [FOUND, WaitOver(), CalleeGone()],
    Join: [Parted(), CalleeGone(), Lost(NOTHING)],
    AskPresence: [CalleePresent(), CalleeGone()],
    Ask: [MET, NOT_MET, Value(""), CalleeGone()],
    Play: [ENDED, KeyPressed(NO_MORE, NOTHING, NOTHING), ClipBroken(SECOND / 2, SECOND / 2)],
}


@given(st.data())
def test_whatever_happens_the_callee_is_spoken_with_or_to(data: st.DataObject) -> None:
    session, act = MEETING.begin()
    silence = NOTHING
    for _ in range(40):
        if isinstance(act, HangUp):
            return
        possible = FOLLOWING[type(act)]
        if isinstance(act, Play) and not act.keys:
            possible = [each for each in possible if not isinstance(each, KeyPressed)]
        happening = data.draw(st.sampled_from(possible))
        if isinstance(act, WaitForAgent):
            silence += act.limit if isinstance(happening, WaitOver) else min(act.limit, SECOND / 2)
            assert silence <= PATIENCE
        if happening == MET or isinstance(act, Play):
            silence = NOTHING
        session, act = session.after(happening)


# ---- over FastAGI ----------------------------------------------------------------------------------


@dataclass
class Floor:
    """A server whose callees wait for agents, and what it did."""

    acts: list[Act] = field(default_factory=list)
    reports: list[Outcome] = field(default_factory=list)
    waits: asyncio.Event = field(default_factory=asyncio.Event)

    def acted(self, _: Request, act: Act) -> None:
        self.acts.append(act)
        if isinstance(act, WaitForAgent):
            self.waits.set()

    def report(self, _: Request, outcome: Outcome) -> None:
        self.reports.append(outcome)


CLOCK = Clock()


@asynccontextmanager
async def serving(patience: timedelta = PATIENCE) -> AsyncIterator[tuple[FastAGIServer, Floor]]:
    floor = Floor()
    meeting = Meeting(patience, MEETING.announcement, MEETING.apology, MEETING.no_more)
    async with FastAGIServer(lambda _: meeting, floor.report, port=0, acted=floor.acted, clock=CLOCK) as server:
        yield server, floor


def a_peer(**agents: timedelta | None) -> AgiPeer:
    sounds = {clip.path: clip.length for clip in (ANNOUNCEMENT, APOLOGY, NO_MORE_CALLS)}
    return AgiPeer(
        sounds, CLOCK.play, announces_hangup=False, agents={f"leg.{name}.0": lasts for name, lasts in agents.items()}
    )


async def called(server: FastAGIServer, floor: Floor, peer: AgiPeer, *lines: Line) -> list[str]:
    """What the switch is told when these agents are found, one after another."""
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(peer.call(server.address))
        for line in lines:
            await floor.waits.wait()
            floor.waits.clear()
            assert server.join("attempt-1", line)
    return [said.replace('"', "") for said in peer.said]


async def test_a_callee_is_joined_with_the_agent_and_asked_after() -> None:
    async with serving() as (server, floor):
        said = await called(server, floor, a_peer(anna=None), ANNA)
    assert said == ["EXEC Bridge leg.anna.0", "CHANNEL STATUS"]
    assert [outcome.ended_by for outcome in floor.reports] == [EndedBy.CALLEE]


async def test_the_next_agent_takes_a_callee_whose_agent_is_not_there() -> None:
    async with serving() as (server, floor):
        said = await called(server, floor, a_peer(bert=None), ANNA, BERT)
    bridged = [each for each in said if each.startswith("EXEC")]
    assert bridged == ["EXEC Bridge leg.anna.0", "EXEC Bridge leg.bert.0"]


async def test_nobody_free_is_announced_in_time() -> None:
    async with serving(timedelta(milliseconds=50)) as (server, floor):
        said = await called(server, floor, a_peer())
        assert not server.join("attempt-1", ANNA)
    assert said == [f"STREAM FILE {ANNOUNCEMENT.path} 9", "HANGUP"]
    assert floor.reports[0].how is How.WHOLE


async def test_a_key_is_told() -> None:
    async with serving(timedelta(milliseconds=50)) as (server, floor):
        peer = a_peer()
        peer.presses = ((SECOND / 2, NO_MORE),)
        await called(server, floor, peer)
    assert [outcome.pressed for outcome in floor.reports] == [NO_MORE]


async def test_a_callee_who_leaves_while_waiting_is_let_go_at_once() -> None:
    async with serving(timedelta(minutes=1)) as (server, floor):
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            tasks.create_task(a_peer().call(server.address))
            await floor.waits.wait()
            server.callee_left("attempt-1")
        assert not server.join("attempt-1", ANNA)
    assert [outcome.ended_by for outcome in floor.reports] == [EndedBy.CALLEE]


# ---- a greeting before the wait ------------------------------------------------------------------

HELLO = Clip("/sounds/hello", SECOND)
GREETING = Meeting(PATIENCE, MEETING.announcement, MEETING.apology, MEETING.no_more, greeting=Message((HELLO,)))


def test_who_is_greeted_hears_something_at_once_and_waits_afterwards() -> None:
    greeted, first = GREETING.begin()
    assert first == Play(HELLO.path, SECOND)
    _, then = greeted.after(ENDED)
    assert then == WaitForAgent(PATIENCE, Wanted.FIRST)


@pytest.mark.parametrize(
    ("happening", "ended_by"),
    [(CalleeGone(), EndedBy.CALLEE), (Lost(SECOND), EndedBy.FAILURE), (Stopped(SECOND), EndedBy.US)],
)
def test_who_leaves_while_greeted_has_heard_nothing_of_a_message(happening: Happening, ended_by: EndedBy) -> None:
    greeted, _ = GREETING.begin()
    assert greeted.after(happening)[1] == HangUp(Outcome(NOTHING, SECOND, How.NONE, ended_by))


def test_a_greeting_can_be_broken_off() -> None:
    greeted, _ = GREETING.begin()
    stopping, act = greeted.after(BreakOff(Message((APOLOGY,))))
    assert act == Interrupt()
    leaving, act = stopping.after(ClipInterrupted(SECOND / 2))
    assert act == Play(APOLOGY.path, SECOND)
    nothing = Outcome(NOTHING, SECOND, How.NONE, EndedBy.BREAK_OFF, instead=How.WHOLE)
    assert leaving.after(ENDED)[1] == HangUp(nothing)
