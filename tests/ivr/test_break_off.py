"""Is a message that must not go on broken off at once, whatever the switch does at that moment?"""

import asyncio
from datetime import timedelta

import pytest

from ivr.limits import Limits
from ivr.session import Clip, EndedBy, How, Outcome
from tests.support.agi_peer import DEAD, environment
from tests.support.answering import LENGTH, SOUNDS, Answering, answering, to_the_end

BYE = Clip("/sounds/bye", timedelta(seconds=2))
STATUS = b"CHANNEL STATUS\n"
THERE = b"200 result=6\n"
PLAY_BYE = b'STREAM FILE "/sounds/bye" ""\n'
IMPATIENT = Limits(interrupt=timedelta(milliseconds=20), reply=timedelta(milliseconds=100))


def part(heard: timedelta, ended_by: EndedBy = EndedBy.BREAK_OFF, instead: How = How.NONE) -> Outcome:
    return Outcome(heard, 2 * LENGTH, How.PART if heard else How.NONE, ended_by, instead=instead)


async def begun(house: Answering) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A raw peer that was asked to play the greeting, three seconds ago."""
    reader, writer = await house.raw(environment())
    assert await reader.readline() == b'STREAM FILE "/sounds/hello" ""\n'
    await house.clock.play(timedelta(seconds=3))
    return reader, writer


async def test_the_callee_hears_the_words_said_instead_and_no_more_of_the_message() -> None:
    async with answering() as house:

        async def play(length: timedelta) -> None:
            if length == LENGTH:  # the greeting: broken off after three seconds
                await house.clock.play(timedelta(seconds=3))
                assert house.server.break_off("attempt-1", (BYE,))
                await asyncio.Event().wait()
            await house.clock.play(length)

        peer = house.peer(play=play, sounds=SOUNDS | {BYE.path: BYE.length})
        await peer.call(house.server.address)
        assert [f"{line}\n".encode() for line in peer.said[1:]] == [STATUS, PLAY_BYE, b"HANGUP\n"]
        assert await house.reported() == ("attempt-1", part(timedelta(seconds=3), instead=How.WHOLE))


async def test_it_is_known_what_plays_until_it_is_broken_off() -> None:
    async with answering() as house:
        assert house.server.playing("attempt-1") is None
        reader, writer = await begun(house)
        assert house.server.playing("attempt-1") == "/sounds/hello"
        house.server.break_off("attempt-1", (BYE,))
        assert house.server.playing("attempt-1") is None
        writer.write(THERE + b"HANGUP\n")
        await to_the_end(reader, writer)
        await house.reported()


async def test_nothing_is_broken_off_twice() -> None:
    async with answering() as house:
        reader, writer = await begun(house)
        assert house.server.break_off("attempt-1", (BYE,))
        assert not house.server.break_off("attempt-1", (BYE,))
        writer.write(THERE)
        assert await reader.readline() == STATUS
        assert await reader.readline() == PLAY_BYE
        assert not house.server.break_off("attempt-1", (BYE,))
        writer.close()
        await house.reported()


async def test_a_call_that_is_not_there_or_was_let_go_is_not_broken_off() -> None:
    async with answering() as house:
        assert not house.server.break_off("attempt-9", (BYE,))
        await house.peer().call(house.server.address)
        await house.reported()
        assert not house.server.break_off("attempt-1", (BYE,))


async def test_while_the_callees_presence_is_asked_for_nothing_plays() -> None:
    async with answering() as house:
        reader, writer = await begun(house)
        writer.write(b"200 result=-1 endpos=0\n")
        assert await reader.readline() == STATUS
        assert not house.server.break_off("attempt-1", (BYE,))
        writer.write(DEAD.encode())
        await to_the_end(reader, writer)
        assert (await house.reported())[1] == part(timedelta(), EndedBy.CALLEE)


async def test_a_switch_that_does_not_see_the_interruption_is_asked_again() -> None:
    """It does not when it reads the question in one go with the command that is to end."""
    async with answering(Limits(interrupt=timedelta(milliseconds=20))) as house:
        reader, writer = await begun(house)
        house.server.break_off("attempt-1", (BYE,))
        assert await reader.readline() == STATUS  # unseen
        assert await reader.readline() == STATUS
        writer.write(2 * THERE)
        while (line := await reader.readline()) == STATUS:  # it may have been sent meanwhile
            writer.write(THERE)
        assert line == PLAY_BYE
        writer.write(b"HANGUP\n")
        await to_the_end(reader, writer)
        assert (await house.reported())[1] == part(timedelta(seconds=3))


async def test_a_switch_that_does_not_react_at_all_is_left() -> None:
    async with answering(IMPATIENT) as house:
        reader, writer = await begun(house)
        house.server.break_off("attempt-1", (BYE,))
        assert set((await to_the_end(reader, writer)).splitlines(keepends=True)) == {STATUS}
        assert (await house.reported())[1] == part(timedelta(seconds=3), EndedBy.FAILURE)
        assert house.server.counts.reply_timeouts == 1


@pytest.mark.parametrize("answer", [DEAD.encode(), b"200 result=-1 endpos=24000\n" + DEAD.encode()])
async def test_who_leaves_at_that_moment_has_heard_what_was_played(answer: bytes) -> None:
    async with answering() as house:
        reader, writer = await begun(house)
        house.server.break_off("attempt-1", (BYE,))
        writer.write(answer)
        assert await to_the_end(reader, writer) == STATUS
        assert (await house.reported())[1] == part(timedelta(seconds=3), EndedBy.CALLEE)


async def test_of_two_connections_of_one_call_the_later_is_broken_off() -> None:
    async with answering() as house:
        _, first = await begun(house)
        reader, second = await begun(house)
        assert house.server.break_off("attempt-1", (BYE,))
        assert await reader.readline() == STATUS
        first.close()
        second.close()
        await house.reported()
        await house.reported()
