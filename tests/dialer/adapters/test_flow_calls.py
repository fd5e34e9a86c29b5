"""What becomes of a call that is led through a scenario, from its keys to its end, and how is leave taken of it?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest

from audio.engines.tone import Tones
from audio.message import GOODBYE, PAID, STANDING
from audio.phrases import Phrase, Phrases
from dialer.adapters.flows import MessageFlows, SpokenFarewell
from dialer.core.answers import Reply
from dialer.core.call import Answered, End, Ended
from dialer.lanes import Lanes
from dialer.model import AttemptRules, CallingHours, CampaignState, Disposition, Lane
from dialer.ports import Words
from dialer.ports.store import Campaigns, Conclusion
from ivr.flow.session import FlowSession
from ivr.server import FastAGIServer
from tests.dialer.adapters.test_prepared import Setup, scenario
from tests.support.agi_peer import AgiPeer
from tests.support.clock import SECOND
from tests.support.playing import CALL, WARSAW, Followed


class FlowCall(Followed):
    """One call in the shipped flow, over FastAGI; whatever plays takes no time to wait for."""

    def __init__(self, setup: Setup, phrases: Phrases, key: str, standing: dict[str, Phrase]) -> None:
        super().__init__(key)
        rules = AttemptRules(per_number=3, spacing=SECOND, ring_time=20 * SECOND)
        self._lane = Lane(1, "RENT", None, CallingHours({}, WARSAW), rules, "+48388000001", 100)
        self.known = Lanes(cast(Campaigns, self))
        self.words = {phrase.key: words for words, phrase in standing.items()}
        flows = MessageFlows(
            self.tracker, self.known, phrases, lambda *_: standing, self.clock, lambda each: each.key, setup.prepared
        )
        self.server = FastAGIServer(
            flows.find, flows.report, port=0, clock=lambda: timedelta(seconds=self.clock.monotonic())
        )
        self.farewell = SpokenFarewell(self.server, flows)
        self._phrases = phrases
        ready = setup.prepared.find(key, standing["Dzień dobry."])
        assert ready is not None
        opening = ready.script.speech.texts["B01_open"]
        self.question = sum((each.clip.length for each in opening), SECOND)

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        return [(self._lane, CampaignState.RUNNING)]

    async def call(self, keys: str = "", *, paid_in: str | None = None) -> AgiPeer:
        """The callee presses the keys from the question on, one every second.

        ``paid_in``: the payment arrives while a sentence of that text plays.
        """
        await self.known.refresh()
        self.tracker.on_call(Answered(CALL, self.clock.now()))

        async def play(length: timedelta) -> None:
            self.clock.move(length)
            session = self.server.session(CALL)
            if isinstance(session, FlowSession) and paid_in == session.left[0].text:
                self.farewell.break_off(CALL, Words.PAID)
                await asyncio.Event().wait()

        sounds = {path.stem: each.duration for path in self._files() if (each := self._phrases.find(path.stem))}
        peer = AgiPeer(sounds, play, presses=[(self.question + place * SECOND, key) for place, key in enumerate(keys)])
        await peer.call(self.server.address, CALL)
        self.tracker.on_call(Ended(CALL, self.clock.now(), End.NORMAL))
        return peer

    def said_last(self, peer: AgiPeer) -> str | None:
        asked = [line.split('"')[1] for line in peer.said if line.startswith("STREAM FILE")]
        return self.words.get(asked[-1])

    def _files(self) -> list[Path]:
        return list(self._phrases.path("00").parent.parent.glob("??/*.alaw"))


@asynccontextmanager
async def flow_call(folder: Path) -> AsyncIterator[FlowCall]:
    async with asyncio.timeout(20), Phrases(folder, Tones()) as phrases:
        setup = Setup(phrases, scenario())
        key = await setup.render(today=date(2026, 11, 23))
        standing = dict(zip(STANDING, await phrases.ensure(STANDING), strict=True))
        call = FlowCall(setup, phrases, key, standing)
        async with call.server:
            yield call


def replies(conclusion: Conclusion) -> tuple[Reply, ...]:
    assert conclusion.call.message is not None
    assert conclusion.call.message.flow == "S03_due_today@1"
    return conclusion.call.message.answers.replies


async def test_what_was_pressed_reaches_the_conclusion(tmp_path: Path) -> None:
    async with flow_call(tmp_path) as call:
        await call.call("15")

    assert call.conclusion.disposition is Disposition.REPLIED
    assert replies(call.conclusion) == (Reply.ALREADY_PAID,)


async def test_a_wrong_number_is_none_of_the_debtors(tmp_path: Path) -> None:
    async with flow_call(tmp_path) as call:
        await call.call("9")

    assert call.conclusion.disposition is Disposition.WRONG_NUMBER


async def test_whoever_says_nothing_was_not_reached(tmp_path: Path) -> None:
    async with flow_call(tmp_path) as call:
        await call.call()

    assert call.conclusion.disposition is Disposition.UNIDENTIFIED
    assert replies(call.conclusion) == ()


async def test_whoever_hears_it_to_the_end_has_got_the_message(tmp_path: Path) -> None:
    async with flow_call(tmp_path) as call:
        await call.call("1")

    assert call.conclusion.disposition is Disposition.DELIVERED


@pytest.mark.parametrize(
    ("keys", "paid_in", "farewell"),
    [("", "B01_open", GOODBYE), ("", "IDENTITY", GOODBYE), ("1", "BODY", PAID), ("1", "B05_menu", PAID)],
)
async def test_of_a_payment_hears_only_whoever_was_identified(
    tmp_path: Path, keys: str, paid_in: str, farewell: str
) -> None:
    async with flow_call(tmp_path) as call:
        peer = await call.call(keys, paid_in=paid_in)

    assert call.said_last(peer) == farewell
    assert call.conclusion.disposition in (Disposition.BROKEN_OFF, Disposition.DELIVERED)
