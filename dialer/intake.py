"""How does a call list become contacts?

A list is read twice: once to see that the file as a whole can be read, so that a malformed one changes nothing, and
once to judge and keep its rows, portion by portion, while calls go on.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import structlog

from dialer.calllist import BadRow, CsvReader, FileProblem, RawRow
from dialer.casejson import read_json, read_ndjson
from dialer.core.caserow import refused, verdict
from dialer.core.cases import CampaignFacts, IntakeContext, Language, RowVerdict, Status
from dialer.core.codes import Code
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings, Mailing
from dialer.core.repeats import Repeats
from dialer.core.zones import zone_of
from dialer.lanes import Lanes
from dialer.ports import Clock
from dialer.ports.store import Batch, BatchOrder, Store, TakenRow

PORTION = 1000  # rows kept in one transaction; other writers get their turn in between
CHUNK = 1 << 18  # bytes
HOME = ZoneInfo("Europe/Warsaw")  # where a list's dates are meant

log = structlog.get_logger(__name__)


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Offer:
    """A call list at hand."""

    client_id: str | None  # whose key sent it; None: the operator's, which may speak for every client
    format: Format
    path: Path  # the body, decompressed
    digest: str  # SHA-256 of the body
    batch_id: str | None = None  # CSV and NDJSON; a JSON document has its own
    mode: str = "upsert"
    encoding: str | None = None  # CSV
    campaign_id: str | None = None  # NDJSON


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list whose file can be read: what it says of itself."""

    batch_id: str
    mode: str
    mailing: Mailing | None
    as_of: datetime | None


class Intake:
    def __init__(self, store: Store, lanes: Lanes, clock: Clock, plan: NumberingPlan, shortest_gap: float) -> None:
        """``shortest_gap``: minutes below which no batch may set its spacing."""
        self._store = store
        self._lanes = lanes
        self._clock = clock
        self._plan = plan
        self._shortest_gap = shortest_gap
        self._zones = frozenset(available_timezones())

    async def take(self, offer: Offer) -> Batch:
        """Take the list, wholly or not at all; the same list again changes nothing.

        Raises:
            FileProblem: the file as a whole cannot be taken; nothing was changed.
            Conflict: the batch id was used with another content, or is being received now.
        """
        settings = {each.id: each.settings for each in await self._store.campaigns(offer.client_id)}
        opened = await asyncio.to_thread(self._open, offer, settings)
        now = self._clock.now()
        batch, is_new = await self._store.begin_batch(
            BatchOrder(
                offer.client_id or "",
                opened.batch_id,
                offer.digest,
                opened.mode,
                opened.mailing,
                opened.as_of,
                now,
            )
        )
        if not is_new:
            return batch
        try:
            await self._keep(batch, offer, settings, now)
            done = await self._store.finish_batch(batch.key, self._clock.now())
        except BaseException:
            await asyncio.shield(self._store.fail_batch(batch.key, "taking it was broken off: send it again"))
            raise
        await self._lanes.refresh()
        log.info("batch_taken", batch=done.batch_id, **done.counts)
        return done

    async def _keep(self, batch: Batch, offer: Offer, settings: Mapping[str, CampaignSettings], now: datetime) -> None:
        judged = self._judge(offer, settings, now)
        while portion := await asyncio.to_thread(lambda: list(islice(judged, PORTION))):
            await self._store.add_rows(batch.key, portion, now)
            await self._lanes.refresh()

    def _open(self, offer: Offer, settings: Mapping[str, CampaignSettings]) -> _Opened:
        if offer.format is Format.JSON:
            head = read_json(offer.path.read_bytes()).head
            if head.campaign_id not in settings:
                raise FileProblem(Code.F_SCHEMA, f"there is no campaign {head.campaign_id!r}; put it first")
            mailing = head.mailing
            if mailing and mailing.gap_minutes is not None and mailing.gap_minutes < self._shortest_gap:
                raise FileProblem(Code.F_SCHEMA, f"mailing.gap_minutes is below {self._shortest_gap:g} minutes")
            return _Opened(head.batch_id, head.mode, mailing, head.as_of)
        if not offer.batch_id:
            raise FileProblem(Code.F_SCHEMA, "name the batch: ?batch_id=…")
        for _ in _raw_rows(offer):
            pass
        return _Opened(offer.batch_id, offer.mode, None, None)

    def _judge(self, offer: Offer, settings: Mapping[str, CampaignSettings], now: datetime) -> Iterator[TakenRow]:
        context = IntakeContext(
            now=now,
            today=now.astimezone(HOME).date(),
            plan=self._plan,
            campaigns={name: _facts(each) for name, each in settings.items()},
            zones=self._zones,
            allowed_clients=None if offer.client_id is None else {offer.client_id},
        )
        repeats = Repeats()
        for raw in _raw_rows(offer):
            if isinstance(raw, BadRow):
                yield TakenRow(refused(raw.row, raw.case_id, raw.code), None)
            else:
                judged = repeats.judge(verdict(raw.values, raw.row, context))
                yield TakenRow(judged, _zone(judged, settings))


def _raw_rows(offer: Offer) -> Iterator[RawRow | BadRow]:
    match offer.format:
        case Format.CSV:
            reader = CsvReader(offer.encoding)
            for chunk in _chunks(offer.path):
                yield from reader.feed(chunk)
            yield from reader.close()
        case Format.JSON:
            yield from read_json(offer.path.read_bytes()).rows
        case Format.NDJSON:
            yield from read_ndjson(offer.path.read_bytes(), offer.client_id or "", offer.campaign_id or "")


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _facts(settings: CampaignSettings) -> CampaignFacts:
    return CampaignFacts(
        client_id=settings.client_id,
        stages=frozenset(settings.stages),
        allowed_prefixes=tuple(settings.allowed_prefixes),
        own_numbers=frozenset((settings.cli, settings.callback_number)),
        language=Language(settings.language),
    )


def _zone(judged: RowVerdict, settings: Mapping[str, CampaignSettings]) -> str | None:
    if judged.status is not Status.ACCEPTED or judged.case is None:
        return None
    return zone_of(judged.case, judged.numbers, settings[judged.case.campaign_id].timezone)
