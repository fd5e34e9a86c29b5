"""Whose message has to be rendered before their window opens?

No audio, no dial: contacts without a message are never due. Rendering runs ahead of the windows, so that the first
minute of a window is spent calling.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from dialer.core.plan import CampaignSettings
from dialer.core.reminders import NOT_REMINDED, Reminded, lacking
from dialer.core.topic import topic
from dialer.lanes import Lanes
from dialer.ports import Clock
from dialer.ports.store import Store, StoreFailed, Unvoiced, Voiced
from dialer.ports.voice import NotSpeakable, Voice, VoiceAway

AHEAD = timedelta(minutes=30)
DAY = timedelta(days=1)
PORTION = 40  # contacts rendered together: progress shows, and a pause of the campaign takes effect soon
IDLE = timedelta(milliseconds=500)  # until the next look, after one that found nobody; twice as long after each more
LONGEST_IDLE = timedelta(seconds=5)
RETRY_ONE = timedelta(minutes=10)  # a contact whose message cannot be made
RETRY_ALL = timedelta(seconds=5)  # the engine fails, or the disk is full
RETRY_UNSPOKEN = timedelta(seconds=20)  # those it failed with: the others have their turn before

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NotToday:
    """There is nothing to speak of on that day."""

    because: str
    until: datetime


Result = Voiced | NotToday | NotSpeakable | VoiceAway


class Preparer:
    def __init__(self, store: Store, voice: Voice, lanes: Lanes, clock: Clock) -> None:
        self._store = store
        self._voice = voice
        self._lanes = lanes
        self._clock = clock
        self._days: dict[int, date] = {}  # of each lane, the last for which its messages were rendered
        self._halted_by: StoreFailed | VoiceAway | None = None
        self._idle = IDLE
        self._plans_changed = asyncio.Event()
        lanes.watchers.append(self._plans_changed.set)
        self.watchers: list[Callable[[], None]] = []  # told when messages were rendered

    @property
    def trouble(self) -> str | None:
        """Why nothing can be rendered at all."""
        return str(self._halted_by) if self._halted_by else None

    async def run(self) -> None:
        while True:
            try:
                rendered = await self._portion()
            except (StoreFailed, VoiceAway) as error:
                if self.trouble != str(error):
                    log.error("rendering_halted", because=str(error))
                self._halted_by = error
                await asyncio.sleep(RETRY_ALL.total_seconds())
                continue
            if rendered or isinstance(self._halted_by, StoreFailed):  # that the voice is back shows when it speaks
                self._halted_by = None
            if rendered:
                self._idle = IDLE
            else:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._idle.total_seconds()):
                await self._plans_changed.wait()
        except TimeoutError:
            self._idle = min(2 * self._idle, LONGEST_IDLE)
        else:
            self._idle = IDLE
        self._plans_changed.clear()

    async def _portion(self) -> int:
        days = self._days_of_opening()
        if not days:
            self._idle = self._lanes.steady_for(self._clock.now())
            return 0
        await self._unvoice_outdated(days)
        now = self._clock.now()
        contacts = await self._store.unvoiced(list(days), now + AHEAD, now, PORTION)
        if contacts:
            await self._render(contacts, days)
        return len(contacts)

    async def _unvoice_outdated(self, days: Mapping[int, date]) -> None:
        """When a day begins in a lane, what was rendered for the one before is rendered again, ahead of its window."""
        begun = {lane: day for lane, day in days.items() if self._days.get(lane) != day}
        if begun and (outdated := await self._store.unvoice_outdated(begun)):
            log.info("messages_outdated", contacts=outdated)
        self._days |= begun

    def _days_of_opening(self) -> dict[int, date]:
        """The lanes that are open now or soon, each with the day on which that is at the callee."""
        now = self._clock.now()
        return {
            lane: opens.astimezone(self._lanes.rules(lane).hours.timezone).date()
            for lane, opens in self._lanes.opening_by(now + AHEAD, now).items()
        }

    async def _render(self, contacts: Sequence[Unvoiced], days: Mapping[int, date]) -> None:
        campaigns = {each.campaign_id for each in contacts}
        settings = {name: found.settings for name in campaigns if (found := await self._store.campaign(name))}
        demands = [each.contact_id for each in contacts if settings[each.campaign_id].after_reminder is not None]
        reminded = await self._store.reminded(demands) if demands else {}
        results = await asyncio.gather(
            *(
                self._one(
                    each, settings[each.campaign_id], days[each.lane_id], reminded.get(each.contact_id, NOT_REMINDED)
                )
                for each in contacts
            )
        )
        voiced = [each for each in results if isinstance(each, Voiced)]
        if voiced:
            await self._store.voice(contacts, voiced)
            for tell in self.watchers:
                tell()
        for contact, result in zip(contacts, results, strict=True):
            if isinstance(result, NotToday):
                log.info("contact_not_today", contact=contact.contact_id, until=result.until)
                await self._store.postpone([contact.contact_id], result.because, result.until)
            if isinstance(result, NotSpeakable):
                log.warning("contact_held", contact=contact.contact_id, because=str(result))
                await self._store.hold([contact.contact_id], str(result), self._clock.now() + RETRY_ONE)
        away = next((each for each in results if isinstance(each, VoiceAway)), None)
        if away is not None:
            unspoken = [c.contact_id for c, r in zip(contacts, results, strict=True) if isinstance(r, VoiceAway)]
            await self._store.hold(unspoken, str(away), self._clock.now() + RETRY_UNSPOKEN)
            raise away

    async def _one(self, contact: Unvoiced, settings: CampaignSettings, day: date, reminded: Reminded) -> Result:
        zone = self._lanes.rules(contact.lane_id).hours.timezone
        if why := lacking(reminded, settings.after_reminder):
            return NotToday(why, _midnight(day + DAY, zone))
        try:
            today = topic(contact.cases, settings.speaks_of, day)
        except NotImplementedError as error:  # no calendar of that country is known
            return NotSpeakable(str(error))
        if contact.cases and not today.cases:
            return NotToday(
                "; ".join(f"{case}: {why}" for case, why in today.left_out.items()),
                _midnight(today.again_on or day + DAY, zone),
            )
        if today.left_out:
            log.info("cases_left_out", contact=contact.contact_id, cases=len(today.left_out))
        following = _midnight(today.next_round, zone) if today.next_round else None
        try:
            spoken = replace(contact, cases=today.cases)
            voiced = await self._voice.render(spoken, settings.speaking_of(today.speaks), day)
            return replace(voiced, next_round=following)
        except (NotSpeakable, VoiceAway) as error:
            return error


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of the day at the callee."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
