"""Who is answered that calls a brand's number, and what becomes of what they tell?

Everything that a call needs is there before it comes: which numbers are ours, and the audio of the day. What was told
is written down after the call, and kept here until it is.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from dialer.core import replies
from dialer.core.agent_settings import TalkRecording
from dialer.core.answers import Answers
from dialer.core.brands import BrandSettings
from dialer.core.inbound import InboundCall, Line, is_refused, number_of
from dialer.core.numbers import NumberingPlan
from dialer.every import every
from dialer.lanes import Lanes
from dialer.ports import Clock
from dialer.ports.store import Brand, Brands, InboundCalls, StoreFailed
from dialer.ports.store.inbound import Rest
from dialer.ports.voice import NotSpeakable, Voice, VoiceAway

LOOK = timedelta(seconds=5)  # how often it is looked for brands that changed, and for another day
AFTER_TROUBLE = timedelta(seconds=1)
MOST_WAITING = 500  # calls that could not be written yet; more, and nobody is answered
AT_THE_END = timedelta(seconds=10)  # how long the database may take for the last ones

log = structlog.get_logger(__name__)


class Inbound:
    def __init__(
        self, calls: InboundCalls, brands: Brands, voice: Voice, lanes: Lanes, clock: Clock, plan: NumberingPlan,
        most: int, recorded: Callable[[str], None],
    ) -> None:  # fmt: skip
        """``most``: so many callers are answered at once. ``recorded`` is told of calls of which there is a file."""
        self._calls = calls
        self._brands = brands
        self._voice = voice
        self._lanes = lanes
        self._clock = clock
        self._plan = plan
        self._most = most
        self._recorded = recorded
        self._lines: Mapping[str, tuple[Line, BrandSettings]] = {}
        self._ready: dict[str, tuple[tuple[int, date], str]] = {}  # message keys by brand, of a revision and a day
        self._unanswered: dict[str, str] = {}  # brands that nobody is answered for, and why
        self._under_way: dict[str, InboundCall] = {}
        self._told: list[InboundCall] = []
        self._news = asyncio.Event()
        self._taken = asyncio.Event()

    # ---- the call ---------------------------------------------------------------------------------------

    def begin(self, call_id: str, dialled: str, caller: str) -> tuple[InboundCall, Line, datetime] | None:
        """The call, if it is to be answered, with the caller's clock.

        Args:
            dialled, caller: as the network writes numbers.
        """
        number = number_of(dialled, self._plan)
        found = self._lines.get(number or "")
        if number is None or found is None:
            log.info("inbound_unknown", call=call_id)
            return None
        known = number_of(caller, self._plan)
        if len(self._told) > MOST_WAITING or is_refused(known, self._under_way.values(), self._most):
            log.warning("inbound_refused", call=call_id, brand=found[0].brand_id, under_way=len(self._under_way))
            return None
        line, brand = found
        now = self._clock.now()
        call = InboundCall(call_id, line.brand_id, line.client_id, number, known, now)
        self._under_way[call_id] = call
        return call, line, now.astimezone(ZoneInfo(brand.timezone))

    def call(self, call_id: str) -> InboundCall | None:
        """The call, while it is under way."""
        return self._under_way.get(call_id)

    def recording(self, call_id: str) -> None:
        """From now on there is a file."""
        if call := self._under_way.get(call_id):
            self._under_way[call_id] = replace(call, is_recorded=True)

    def joined(self, call_id: str, agent_id: str, at: datetime) -> None:
        """An agent speaks with the caller."""
        if call := self._under_way.get(call_id):
            self._under_way[call_id] = replace(call, agent_id=agent_id, joined_at=call.joined_at or at)

    def give_up(self, call_id: str) -> None:
        """It was not answered after all."""
        self._under_way.pop(call_id, None)

    def over(self, call_id: str, heard: timedelta, flow: str, answers: Answers) -> None:
        """What was heard and told."""
        call = self._under_way.pop(call_id)
        self._told.append(replace(call, ended_at=self._clock.now(), heard=heard, flow=flow, answers=answers))
        self._news.set()

    async def written(self, call_id: str) -> None:
        """Wait until the call is over and written down."""
        while call_id in self._under_way or any(call.id == call_id for call in self._told):
            self._taken.clear()
            await self._taken.wait()

    def rest(self, answers: Answers, at: datetime) -> Rest:
        """Until when contacts are left in peace for what was told."""

        def until(lane_id: int) -> datetime | None:
            if not self._lanes.knows(lane_id):
                return None
            lane = self._lanes.rules(lane_id)
            return replies.rest_until(answers, lane.replies, at, lane.hours.timezone, lane.hours.holidays)

        return until

    def served(self, lane_id: int) -> bool:
        """Whether agents take calls of that lane now."""
        lane = self._lanes.running(lane_id)
        return lane is not None and lane.agents is not None

    # ---- before and after -------------------------------------------------------------------------------

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(every(LOOK, self.look, "inbound"))
            tasks.create_task(self._write())

    async def look(self) -> None:
        """Make ready what callers of each brand hear today."""
        lines: dict[str, tuple[Line, BrandSettings]] = {}
        for brand in await self._brands.brands():
            if brand.settings.answers_with is None or (line := await self._line(brand)) is None:
                continue
            lines.setdefault(brand.settings.callback_number, (line, brand.settings))
            lines[brand.settings.caller_number] = (line, brand.settings)  # nobody else has it
        if {line for line, _ in lines.values()} != {line for line, _ in self._lines.values()}:
            log.info("inbound_ready", brands=sorted({line.brand_id for line, _ in lines.values()}), numbers=len(lines))
        self._lines = lines

    async def _line(self, brand: Brand) -> Line | None:
        """What answers for the brand; None if nothing can."""
        try:
            key = await self._message_key(brand)
        except (NotSpeakable, VoiceAway) as error:
            if self._unanswered.get(brand.id) != str(error):
                log.error("brand_not_answered", brand=brand.id, because=str(error))
            self._unanswered[brand.id] = str(error)
            return None
        self._unanswered.pop(brand.id, None)
        settings = brand.settings
        wait = settings.transfer_wait_seconds
        return Line(
            brand.id,
            settings.client_id or "",
            key,
            transfer_wait=None if wait is None else timedelta(seconds=wait),
            skills=frozenset(settings.skills),
            wrap_up=timedelta(seconds=settings.wrap_up_seconds),
            is_recorded=settings.recording is TalkRecording.WITH_NOTICE,
        )

    async def _message_key(self, brand: Brand) -> str:
        if problem := await self._voice.unanswerable(brand.id, brand.settings):
            raise NotSpeakable(problem)
        day = self._clock.now().astimezone(ZoneInfo(brand.settings.timezone)).date()
        known, key = self._ready.get(brand.id, ((0, day), ""))
        if known != (brand.revision, day) or not self._voice.has(key):
            key = await self._voice.answering(brand.id, brand.settings, day)
            self._ready[brand.id] = ((brand.revision, day), key)
        return key

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._told:
                try:
                    await self._take(self._told[0])
                except StoreFailed as error:
                    log.error("inbound_not_written", waiting=len(self._told), because=str(error))
                    await asyncio.sleep(AFTER_TROUBLE.total_seconds())

    async def write_down(self) -> None:
        """Last of all: the calls that ended while everything stopped."""
        try:
            async with asyncio.timeout(AT_THE_END.total_seconds()):
                while self._told:
                    await self._take(self._told[0])
        except (StoreFailed, TimeoutError) as error:
            log.error("inbound_left_unwritten", calls=len(self._told), because=str(error))

    async def _take(self, call: InboundCall) -> None:
        rest = self.rest(call.answers, call.ended_at or call.began_at)
        debtors = await self._calls.take_inbound(call, rest, self.served)
        self._told.remove(call)
        self._taken.set()
        if call.is_recorded:
            self._recorded(call.id)
        log.info("inbound_call", call=call.id, brand=call.brand_id, debtors=debtors, replies=call.answers.replies)
