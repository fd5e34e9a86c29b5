"""How does a call list become contacts?

A list is read twice: once to see that the file as a whole can be read, and once to judge its rows and put them aside.
When all are judged they are kept, while calls go on. Reading a long list is work for other processes
(``dialer.adapters.reading``): in this one it would hold up the calls.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

import structlog

from dialer.core.cases import Language
from dialer.core.codes import Code
from dialer.core.feed import ENGINE
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings, Mailing, shortest_gap
from dialer.core.profiles import Profiles, excesses
from dialer.core.rows.row import refused, verdict
from dialer.core.rows.verdicts import CampaignFacts, IntakeContext, RowVerdict, Status
from dialer.core.zones import zone_of
from dialer.lanes import Lanes
from dialer.lists import jsonrows
from dialer.lists.calllist import (
    MOST_TOLD,
    BadRow,
    CsvReader,
    FileProblem,
    Format,
    Part,
    RawRow,
    Warned,
    chunks_of,
    misfits,
    read_csv,
)
from dialer.lists.casejson import read_json, read_ndjson
from dialer.ports import Clock
from dialer.ports.store import Batch, Batches, BatchOrder, Store, StoreFailed, TakenRow

PORTION = 4000  # rows judged and put aside in one go
HOME = ZoneInfo("Europe/Warsaw")  # where a list's dates are meant

log = structlog.get_logger(__name__)


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
    actor: str = ENGINE  # who sent it, as the feed tells


@dataclass(frozen=True, slots=True)
class Opened:
    """A list whose file can be read: what it says of itself."""

    batch_id: str
    mode: str
    mailing: Mailing | None
    as_of: datetime | None
    notices: tuple[tuple[str, str], ...]  # W_ codes of the file, with a detail
    parts: tuple[Part, ...] = (Part(),)  # that can be judged apart from each other


@dataclass(frozen=True, slots=True)
class Rules:
    """What a list is judged by."""

    plan: NumberingPlan
    shortest_gap: float  # minutes below which no batch may set its spacing
    profiles: Profiles
    campaigns: Mapping[str, CampaignSettings]  # those the sender may name


class Reading(Protocol):
    """Who reads lists; perhaps another process."""

    async def open(self, offer: Offer, rules: Rules) -> Opened:
        """See that the file as a whole can be read; raises FileProblem."""
        ...

    async def judge(self, batch: int, offer: Offer, rules: Rules, now: datetime, parts: Sequence[Part]) -> list[BadRow]:
        """Judge every row, and put it aside; the first rows that do not fit, in any order, for whoever sent them."""
        ...


class Intake:
    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        clock: Clock,
        plan: NumberingPlan,
        shortest_gap: float,
        profiles: Profiles,
        reading: Reading | None = None,
    ) -> None:
        """``shortest_gap``: minutes below which no batch may set its spacing. ``reading``: here, if not elsewhere."""
        self._store = store
        self._lanes = lanes
        self._clock = clock
        self._plan = plan
        self._shortest_gap = shortest_gap
        self._profiles = profiles
        self._reading = reading or ReadHere(store)
        self._broken_off: set[int] = set()  # batches that are yet to be failed, or finished if it is too late
        self._settling = asyncio.Lock()

    async def take(self, offer: Offer) -> Batch:
        """Take the list; the same list again changes nothing, and one that was broken off may be sent again.

        Raises:
            FileProblem: the file as a whole cannot be taken; nothing was changed.
            Conflict: the batch id was used with another content, or is being received now.
            StoreFailed: the list is broken off.
        """
        await self._settle_broken_off()
        campaigns = {each.id: each.settings for each in await self._store.campaigns(offer.client_id)}
        rules = Rules(self._plan, self._shortest_gap, self._profiles, campaigns)
        opened = await self._reading.open(offer, rules)
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
                opened.notices,
                offer.actor,
            )
        )
        if not is_new:
            return batch
        try:
            bad = await self._reading.judge(batch.key, offer, rules, now, opened.parts)
            if told := misfits(sorted(bad, key=lambda each: each.row)):
                await self._store.add_notices(batch.key, _notices(told))
            done = await self._store.finish_batch(batch.key, self._clock.now())
        except BaseException:
            self._broken_off.add(batch.key)
            with suppress(StoreFailed):  # it is tried again before the next list
                await asyncio.shield(self._settle_broken_off())
            raise
        await self._lanes.refresh()
        log.info("batch_taken", batch=done.batch_id, **done.counts)
        return done

    async def _settle_broken_off(self) -> None:
        async with self._settling:
            for batch in list(self._broken_off):
                if not await self._store.fail_batch(batch, "taking it was broken off: send it again"):
                    await self._store.finish_batch(batch, self._clock.now())
                self._broken_off.discard(batch)


class ReadHere:
    """Reads lists on threads of this process: for short ones, and for trials."""

    def __init__(self, store: Batches) -> None:
        self._store = store

    async def open(self, offer: Offer, rules: Rules) -> Opened:
        return await asyncio.to_thread(open_list, offer, rules)

    async def judge(self, batch: int, offer: Offer, rules: Rules, now: datetime, parts: Sequence[Part]) -> list[BadRow]:
        bad: list[BadRow] = []
        for part in parts:
            judged = judge(offer, rules, now, part)
            while portion := await asyncio.to_thread(_some, judged):
                await self._store.add_rows(batch, portion)
                bad += islice(_misfits(portion), MOST_TOLD - len(bad))
        return bad


def _misfits(taken: Iterable[TakenRow]) -> Iterator[BadRow]:
    for each in taken:
        if each.misfit:
            yield BadRow(each.verdict.row, each.verdict.case_id, each.verdict.codes[0], each.misfit)


def _some(judged: Iterator[TakenRow]) -> list[TakenRow]:
    return list(islice(judged, PORTION))


def open_list(offer: Offer, rules: Rules) -> Opened:
    """See that the file as a whole can be read; raises FileProblem."""
    match offer.format:
        case Format.JSON:
            document = read_json(offer.path.read_bytes())
            head = document.head
            _require_campaign(head.campaign_id, rules)
            _require_permitted(head.mailing, head.campaign_id, rules)
            return Opened(head.batch_id, head.mode, head.mailing, head.as_of, _notices(document.warnings))
        case Format.NDJSON:
            _require_campaign(offer.campaign_id or "", rules)
    if not offer.batch_id:
        raise FileProblem(Code.F_SCHEMA, "name the batch: ?batch_id=…")
    if offer.format is Format.NDJSON:
        return Opened(offer.batch_id, offer.mode, None, None, (), tuple(jsonrows.parts(offer.path)))
    reader = CsvReader(offer.encoding)
    for _ in read_csv(chunks_of(offer.path), reader):
        pass
    return Opened(offer.batch_id, offer.mode, None, None, _notices(reader.warnings))


def _notices(warnings: Iterable[Warned]) -> tuple[tuple[str, str], ...]:
    return tuple((str(each.code), each.detail) for each in warnings)


def _require_campaign(name: str, rules: Rules) -> None:
    if name not in rules.campaigns:
        raise FileProblem(Code.F_SCHEMA, f"there is no campaign {name!r}; put it first")


def _require_permitted(mailing: Mailing, campaign: str, rules: Rules) -> None:
    gap = shortest_gap(mailing)
    if gap is not None and gap < rules.shortest_gap:
        raise FileProblem(Code.F_SCHEMA, f"mailing.gap_minutes is below {rules.shortest_gap:g} minutes, in retry too")
    for excess in excesses(mailing, rules.campaigns[campaign].profile, rules.profiles):
        raise FileProblem(Code.F_SCHEMA, f"mailing.{excess.field}: {excess.detail}")


def judge(offer: Offer, rules: Rules, now: datetime, part: Part) -> Iterator[TakenRow]:
    """What becomes of every row of the part by itself; whether it repeats another is seen when all are there."""
    context = IntakeContext(
        now=now,
        today=now.astimezone(HOME).date(),
        plan=rules.plan,
        campaigns={name: _facts(each) for name, each in rules.campaigns.items()},
        zones=frozenset(available_timezones()),
        allowed_clients=None if offer.client_id is None else {offer.client_id},
    )
    for raw in _raw_rows(offer, rules, part):
        if isinstance(raw, BadRow):
            yield TakenRow(refused(raw.row, raw.case_id, raw.code), None, raw.detail)
        else:
            judged = verdict(raw.values, raw.row, context)
            yield TakenRow(judged, _zone(judged, rules.campaigns))


def _raw_rows(offer: Offer, rules: Rules, part: Part) -> Iterator[RawRow | BadRow]:
    match offer.format:
        case Format.CSV:
            yield from read_csv(chunks_of(offer.path), CsvReader(offer.encoding))
        case Format.JSON:
            yield from read_json(offer.path.read_bytes()).rows
        case Format.NDJSON:
            campaign = offer.campaign_id or ""
            client = offer.client_id or rules.campaigns[campaign].client_id
            with offer.path.open("rb") as file:
                file.seek(part.offset)
                body = file.read(part.length)
            yield from read_ndjson(body, client, campaign, part.first)


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
