"""Does a flow reach a telephone, and does every call end with one report, whatever its callee and its switch do?"""

import asyncio
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ivr.answers import Reply
from ivr.flow.session import FlowScript
from ivr.limits import Limits
from ivr.session import Clip, EndedBy, How
from tests.ivr.flow.transcripts import MODEL, script
from tests.support.agi_peer import AgiPeer
from tests.support.answering import SOON, answering

SECOND = timedelta(seconds=1)
FLOW = script(MODEL)
RECORDING = script(MODEL, recording="/recordings/1")


def sounds(flow: FlowScript) -> dict[str, timedelta]:
    speech = flow.speech
    clips = [each.clip for segments in (*speech.texts.values(), *speech.dated.values()) for each in segments]
    return {clip.path: clip.length for clip in clips} | {clip.path: clip.length for clip in speech.silences.values()}


def at(seconds: float, keys: str, apart: float = 0.0) -> tuple[tuple[timedelta, str], ...]:
    return tuple((timedelta(seconds=seconds + place * apart), key) for place, key in enumerate(keys))


def heard_until(flow: FlowScript, *texts: str) -> timedelta:
    return sum((each.clip.length for text in texts for each in flow.speech.texts[text]), timedelta())


IN_QUESTION = heard_until(FLOW, "B01_open") / SECOND + 1


async def test_keys_lead_through_the_flow() -> None:
    async with answering(call=FLOW) as house:
        peer = house.peer(sounds=sounds(FLOW), presses=[*at(IN_QUESTION, "1"), *at(IN_QUESTION + 2, "321", 1)])
        await peer.call(house.server.address, "call")
        outcome = (await house.reported())[1]

    assert outcome.answers.is_identified
    assert (outcome.how, outcome.heard) == (How.PART, 2 * SECOND)
    assert (outcome.answers.keys, outcome.answers.promised) == ("1321", date(2026, 11, 27))
    assert not any("Kwota do zapłaty" in line for line in peer.said)


async def test_a_promise_is_made_with_a_typed_day_in_one_burst() -> None:
    burst = [*at(IN_QUESTION, "1"), *at(IN_QUESTION + 2, "3"), *at(IN_QUESTION + 3, "4")]
    typed = at(IN_QUESTION + 4, "05121", 0.05)
    async with answering(call=FLOW) as house:
        await house.peer(sounds=sounds(FLOW), presses=[*burst, *typed]).call(house.server.address, "call")
        outcome = (await house.reported())[1]

    assert outcome.answers.promised == date(2026, 12, 5)
    assert outcome.answers.replies == (Reply.PROMISE,)
    assert outcome.ended_by is EndedBy.US


async def test_keys_that_nobody_asked_for_yet_are_not_heard() -> None:
    async with answering(call=FLOW) as house:
        peer = house.peer(sounds=sounds(FLOW), presses=at(1, "1111", 0.1))
        await peer.call(house.server.address, "call")
        outcome = (await house.reported())[1]

    assert (outcome.how, outcome.answers.is_identified, outcome.answers.keys) == (How.NONE, False, "")
    assert any("Nie otrzymaliśmy odpowiedzi" in line for line in peer.said)


async def test_reasons_are_recorded_until_the_hash() -> None:
    presses = [*at(IN_QUESTION, "1"), *at(IN_QUESTION + 2, "4"), *at(IN_QUESTION + 40, "#")]
    async with answering(call=RECORDING) as house:
        peer = house.peer(sounds=sounds(RECORDING), presses=presses)
        await peer.call(house.server.address, "call")
        outcome = (await house.reported())[1]

    assert 'RECORD FILE "/recordings/1" "wav" "#2" "60000" "BEEP"' in peer.said
    assert outcome.answers.recording == "/recordings/1"
    assert outcome.answers.replies == (Reply.DISPUTE,)


async def test_nothing_is_broken_off_while_something_is_recorded() -> None:
    recording = asyncio.Event()
    over = asyncio.Event()

    async def play(length: timedelta) -> None:
        if length == 60 * SECOND:
            recording.set()
            await over.wait()
        await house.clock.play(length)

    presses = [*at(IN_QUESTION, "1"), *at(IN_QUESTION + 2, "4")]
    async with answering(call=RECORDING) as house, asyncio.TaskGroup() as group:
        peer = house.peer(sounds=sounds(RECORDING), presses=presses, play=play)
        group.create_task(peer.call(house.server.address, "call"))
        await recording.wait()
        assert house.server.playing("call") is None
        assert not house.server.break_off("call", (Clip("/sounds/bye", SECOND),))
        over.set()
        assert (await house.reported())[1].ended_by is EndedBy.US


# ---- whatever happens -----------------------------------------------------------------------------------


class Garbling(AgiPeer):
    """A switch that talks nonsense after so many commands."""

    after = 0
    nonsense = "nonsense\n"

    async def _answer(self, command: list[str], hearing: asyncio.Future[bytes]) -> str:
        return await super()._answer(command, hearing) if len(self.said) <= self.after else self.nonsense


def random_peers(flow: FlowScript, seed: int) -> Iterator[dict[str, object]]:
    """How callees press keys in bursts and leave at random moments."""
    chance = random.Random(seed)
    for _ in range(12):
        presses: list[tuple[timedelta, str]] = []
        moment = 0.0
        while moment < 150:
            moment += chance.choice([0.0, 0.0, 0.1, 3.0, 8.0, 20.0])
            presses.append((timedelta(seconds=moment), chance.choice("111234567890*#")))
        leaves = timedelta(seconds=chance.uniform(0, 120)) if chance.random() < 0.6 else None
        yield {"sounds": sounds(flow), "presses": presses, "leaves_after": leaves}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "flow", [FLOW, RECORDING, script("S12_inbound_complaints")], ids=["flow", "recording", "inbound"]
)
async def test_a_call_has_one_outcome_whenever_its_callee_presses_and_leaves(flow: FlowScript, seed: int) -> None:
    peers = list(random_peers(flow, seed))
    async with answering(**{f"call{number}": flow for number in range(len(peers))}) as house:
        for number, traits in enumerate(peers):
            await house.peer(**traits).call(house.server.address, f"call{number}")
            call, outcome = await house.reported()
            assert call == f"call{number}"
            assert outcome.ended_by in (EndedBy.US, EndedBy.CALLEE)
        assert house.server.open_connections == 0


@pytest.mark.parametrize("after", [0, 1, 3, 5, 8])
@pytest.mark.parametrize("nonsense", ["nonsense\n", "200 result=49\n200 result=49\n", "520-Usage\n" * 2000, "HANGUP\n"])
async def test_a_switch_that_talks_nonsense_ends_its_own_call_only(nonsense: str, after: int) -> None:
    async with answering(Limits(reply=SOON), call=FLOW) as house:
        peer = Garbling(sounds=sounds(FLOW), play=house.clock.play, presses=at(IN_QUESTION, "1"))
        peer.after, peer.nonsense = after, nonsense
        calling = asyncio.create_task(peer.call(house.server.address, "call"))
        call, _ = await house.reported()
        await calling
        assert call == "call"
        await house.serves()


async def test_a_call_that_is_under_way_when_we_end_is_reported_with_what_was_answered() -> None:
    asked = asyncio.Event()

    async def play(length: timedelta) -> None:
        await house.clock.play(length)
        if house.clock.now > timedelta(hours=1) + (IN_QUESTION + 4) * SECOND:
            asked.set()
            await asyncio.Event().wait()

    async with answering(Limits(grace=SOON), call=FLOW) as house, asyncio.TaskGroup() as group:
        peer = house.peer(sounds=sounds(FLOW), presses=at(IN_QUESTION, "1"), play=play)
        group.create_task(peer.call(house.server.address, "call"))
        await asked.wait()
        await house.server.stop()
        outcome = (await house.reported())[1]
        assert outcome.ended_by is EndedBy.US
        assert outcome.answers.is_identified
