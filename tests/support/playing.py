"""A message that plays to a callee: over FastAGI, or as the simulated switch tells it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from audio.engines.tone import Tones
from audio.message import GOODBYE, PAID, STANDING
from audio.phrases import Phrase, Phrases
from dialer.adapters.flows import MessageFlows, SpokenFarewell
from dialer.adapters.prepared import Prepared
from dialer.adapters.simulated import Listening, SimulatedSwitch, Story
from dialer.core.call import Answered, End, Ended
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.lanes import Lanes
from dialer.model import Attempt, AttemptRules, CallingHours, CampaignState, Lane, OutgoingCall
from dialer.ports import Farewell
from dialer.ports.store import Campaigns, Conclusion
from dialer.routes import Routes
from dialer.track import Tracker
from ivr.server import FastAGIServer
from tests.support.agi_peer import AgiPeer
from tests.support.clock import SECOND, StillClock

CALL = "a" * 32
WARSAW = ZoneInfo("Europe/Warsaw")
TEXT = "Proszę zapamiętać numer."


class Playing(Protocol):
    """A call that was answered, and whose message plays."""

    farewell: Farewell

    async def listen(self, span: timedelta) -> None:
        """The callee goes on listening."""

    async def over(self) -> Conclusion:
        """Whatever is still said is heard out, and the call ends."""


class Followed:
    """A tracker with one call, on a clock that the test moves."""

    def __init__(self, message_key: str = "m") -> None:
        self.clock = StillClock()
        self._conclusions: list[Conclusion] = []
        routes = Routes([Route("carrier", TrunkLimits(10, 10, 10))])
        self.tracker = Tracker(routes, self.clock, self._conclusions.append)
        self.tracker.begin(
            Attempt(CALL, 1, "RENT", 1, 1, "+48280000001", message_key, self.clock.now()), routes.trunks[0]
        )

    @property
    def is_over(self) -> bool:
        return bool(self._conclusions)

    @property
    def conclusion(self) -> Conclusion:
        [only] = self._conclusions
        return only


class Simulated(Followed):
    def __init__(self) -> None:
        super().__init__()
        message = Listening(20 * SECOND, whole=True)
        story = Story(End.NORMAL, ends=SECOND + message.heard, answers=SECOND, listening=message)
        self.switch = self.farewell = SimulatedSwitch(lambda _: story, self.clock)
        self.switch.begin(self.tracker)
        self.switch.place(OutgoingCall(CALL, "+48280000001", "+48388000001", 20 * SECOND, "carrier"))
        self._pass(SECOND)

    async def listen(self, span: timedelta) -> None:
        self._pass(span)

    async def over(self) -> Conclusion:
        while not self.is_over:
            assert self.switch.next_due is not None
            self._pass(self.switch.next_due - self.clock.now())
        return self.conclusion

    def _pass(self, span: timedelta) -> None:
        self.clock.move(span)
        self.switch.tell_due()


class Spoken(Followed):
    """``said``: what the switch was asked to play, in words."""

    def __init__(self, phrases: Phrases, words: Mapping[str, Phrase], lane: Lane) -> None:
        super().__init__(words[TEXT].key)
        self._lane = lane
        self._words = {phrase.key: text for text, phrase in words.items()}
        self.lanes_known = Lanes(cast(Campaigns, self))
        standing = {text: words[text] for text in STANDING}

        def path(phrase: Phrase) -> str:
            return phrase.key

        flows = MessageFlows(
            self.tracker, self.lanes_known, phrases, lambda *_: standing, self.clock, path, Prepared(phrases, path)
        )
        self.server = FastAGIServer(
            flows.find, flows.report, port=0, clock=lambda: timedelta(seconds=self.clock.monotonic())
        )
        self.farewell = SpokenFarewell(self.server, flows)
        self._peer = AgiPeer({phrase.key: phrase.duration for phrase in words.values()}, self._play)
        self._plays = asyncio.Event()
        self._ended = asyncio.Event()
        self._left = timedelta()

    @property
    def said(self) -> list[str]:
        asked = [line.split('"')[1] for line in self._peer.said if line.startswith("STREAM FILE")]
        return [self._words[path] for path in asked]

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        return [(self._lane, CampaignState.RUNNING)]

    async def ring(self) -> None:
        await self.lanes_known.refresh()
        self.tracker.on_call(Answered(CALL, self.clock.now()))
        self.calling = asyncio.create_task(self._peer.call(self.server.address, CALL))
        await self._plays.wait()

    async def listen(self, span: timedelta) -> None:
        while span > timedelta():
            await self._plays.wait()
            step = min(span, self._left)
            span -= step
            self._pass(step)

    async def over(self) -> Conclusion:
        while not self.calling.done():
            playing = asyncio.create_task(self._plays.wait())
            await asyncio.wait([playing, self.calling], return_when=asyncio.FIRST_COMPLETED)
            playing.cancel()
            if self._is_being_stopped:
                await self._ended.wait()
            else:
                self._pass(self._left)
        self.tracker.on_call(Ended(CALL, self.clock.now(), End.NORMAL))
        return self.conclusion

    @property
    def _is_being_stopped(self) -> bool:
        return self.server.playing(CALL) is None and self.said[-1] not in (GOODBYE, PAID)

    def _pass(self, span: timedelta) -> None:
        self.clock.move(span)
        self._left -= span
        if self._left <= timedelta():
            self._plays.clear()
            self._ended.set()

    async def _play(self, length: timedelta) -> None:
        self._left = length
        self._ended.clear()
        self._plays.set()
        try:
            await self._ended.wait()
        finally:
            self._plays.clear()
            self._ended.set()


@asynccontextmanager
async def simulated(_: Path) -> AsyncIterator[Simulated]:
    yield Simulated()


@asynccontextmanager
async def spoken(folder: Path, *, may_tell_of_debt: bool = False) -> AsyncIterator[Spoken]:
    rules = AttemptRules(per_number=3, spacing=SECOND, ring_time=20 * SECOND)
    lane = Lane(
        1, "RENT", None, CallingHours({}, WARSAW), rules, "+48388000001", 100, may_tell_of_debt=may_tell_of_debt
    )
    async with asyncio.timeout(10), Phrases(folder, Tones()) as phrases:
        words = dict(zip((*STANDING, TEXT), await phrases.ensure((*STANDING, TEXT)), strict=True))
        world = Spoken(phrases, words, lane)
        async with world.server:
            await world.ring()
            yield world
            world.calling.cancel()
