"""The store under test, on both databases; and what a call list brings, with the values a test is about."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.schema import metadata
from dialer.core import retry
from dialer.core.call import Call
from dialer.core.cases import CaseRow, Currency, Debtor, DebtorType, Language, Receivable, Stage
from dialer.core.choice import Candidate, Wait
from dialer.core.codes import Code
from dialer.core.numbers import Number
from dialer.core.plan import CampaignSettings, Mailing
from dialer.core.retry import Done, Stand
from dialer.core.rows.verdicts import RowVerdict, Status
from dialer.model import Attempt, AttemptRules, Disposition, FinishReason, NumberType
from dialer.ports.store import (
    Batch,
    BatchOrder,
    Concluded,
    Conclusion,
    ContactFilter,
    ContactView,
    StoreFailed,
    TakenRow,
    Voiced,
)
from tests.support.migrated import migrated
from tests.support.postgres import Postgres

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday
WARSAW = "Europe/Warsaw"
HORIZON = timedelta(days=8)  # how far back past calls matter
RULES = AttemptRules(per_number=3, spacing=timedelta(hours=1), ring_time=timedelta(seconds=25))
MOBILE, OTHER_MOBILE, FIXED = "+48280000001", "+48280000002", "+48384000001"

_serial = count(1)


# ---- where it is kept -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    path.write_bytes(migrated())
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    url = postgres.create("migrated")
    _migrate(url)
    return url


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    asyncio.run(database.close())


def empty(url: str) -> None:
    """As migrations leave it, without a row; of everybody else the audit log refuses that."""
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE audit DISABLE TRIGGER audit_no_truncate")
        connection.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE".encode())
        connection.execute("ALTER TABLE audit ENABLE TRIGGER audit_no_truncate")
        connection.execute("INSERT INTO event_counter (id, last) VALUES (1, 0)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without rows; every test runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "dzwonek.db")
        return f"sqlite:///{tmp_path / 'dzwonek.db'}"
    shared: str = request.getfixturevalue("migrated_postgres")
    empty(shared)  # a database of its own for each test would take ten times as long
    return shared


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> SqlStore:
    return SqlStore(database)


@pytest.fixture
async def other_store(url: str) -> AsyncIterator[SqlStore]:
    """A second process's view of the same database."""
    opened = Database(url)
    yield SqlStore(opened)
    await opened.close()


@pytest.fixture
async def rent(store: SqlStore) -> None:
    """A campaign is there already."""
    await store.put_campaign("RENT", settings(), NOW, None)


@pytest.fixture
async def rent_and_flats(store: SqlStore, rent: None) -> None:
    """Two campaigns of one client are there already."""
    await store.put_campaign("FLATS", settings(), NOW, None)


# ---- what it keeps --------------------------------------------------------------------------------------


def settings(**changes: Any) -> CampaignSettings:
    return CampaignSettings.model_validate(
        {
            "client_id": "CL-CZYNSZ",
            "brand": "Spółdzielnia Fikcyjna",
            "brand_neutral": "Spółdzielnia Fikcyjna",
            "creditor": "Spółdzielnia Fikcyjna",
            "cli": "+48380000005",
            "callback_number": "+48380000055",
            "stages": [Stage.OVERDUE],
            "windows": {str(day): [("08:00", "20:00")] for day in range(1, 6)},
        }
        | changes
    )


def row(
    debtor: str = "D1",
    case: str | None = None,
    campaign: str = "RENT",
    numbers: Sequence[str] = (MOBILE,),
    *,
    client: str = "CL-CZYNSZ",
    blocked: Code | None = None,
    timezone: str = WARSAW,
    amount: str = "153.20",
    due: date = date(2026, 10, 29),
    stage: Stage = Stage.OVERDUE,
    version: int = 1,
) -> TakenRow:
    """An accepted row of a list; ``place`` in the list is set by ``Lists``."""
    case_id = case or f"RENT/{debtor}"
    read = CaseRow(
        case_id,
        client,
        campaign,
        Debtor(
            debtor, DebtorType.PERSON, "Jan", "Zmyślony", None, None, "Jana Zmyślonego", None, Language.POLISH, None
        ),
        Receivable(
            Decimal(amount), Currency.PLN, "FV/1/10/2026", None, due, stage, "1234", version,
            None, date(2029, 12, 31),
        ),
        frozenset(),
        "900001",
        None,
        None,
        None,
    )  # fmt: skip
    listed = tuple(Number(number, NumberType.MOBILE) for number in numbers)
    status, codes = (Status.ACCEPTED_BLOCKED, (blocked,)) if blocked else (Status.ACCEPTED, ())
    return TakenRow(RowVerdict(1, case_id, status, codes, listed, read), None if blocked else timezone)


def refused_row(case_id: str = "RENT/?", code: Code = Code.E_REQUIRED) -> TakenRow:
    return TakenRow(RowVerdict(1, case_id, Status.REJECTED, (code,)), None)


def order(batch_id: str = "B-1", digest: str = "d", **changes: Any) -> BatchOrder:
    made = BatchOrder("CL-CZYNSZ", batch_id, digest, "upsert", None, None, NOW)
    return replace(made, **changes)


async def take(
    store: SqlStore,
    batch_id: str,
    *rows: TakenRow,
    now: datetime = NOW,
    mode: str = "upsert",
    mailing: Mailing | None = None,
) -> Batch:
    """A whole list, in one portion."""
    batch, _ = await store.begin_batch(order(batch_id, mode=mode, mailing=mailing, received_at=now))
    await add(store, batch, *rows)
    return await store.finish_batch(batch.key, now)


async def add(store: SqlStore, batch: Batch, *rows: TakenRow, first: int = 1) -> None:
    """A portion of a list, its rows counted from ``first``."""
    numbered = [replace(each, verdict=replace(each.verdict, row=place)) for place, each in enumerate(rows, first)]
    await store.add_rows(batch.key, numbered)


async def contact_of(store: SqlStore, debtor: str = "D1", campaign: str = "RENT") -> ContactView:
    page = await store.contacts(ContactFilter(campaign_id=campaign), 0, 10_000)
    return next(contact for contact in page if contact.debtor_ref == debtor)


# ---- what the engine does with it -----------------------------------------------------------------------


async def voice_all(store: SqlStore, now: datetime = NOW, key: str = "spoken") -> int:
    """Render every message that is missing; how many."""
    lanes = [lane.id for lane, _ in await store.lanes()]
    asked = await store.unvoiced(lanes, now + timedelta(days=30), now, 100_000)
    await store.voice(asked, [Voiced(each.contact_id, key, "Dzień dobry.", now.date()) for each in asked])
    return len(asked)


def calls(at: datetime = NOW) -> Callable[[Candidate], Attempt | Wait | Done | None]:
    """A decision to call everybody, on the number whose turn it is."""

    def decide(contact: Candidate) -> Attempt | Wait | Done | None:
        number = retry.number_to_call(contact.stand.numbers, RULES, contact.stand.last)
        if number is None:
            return Done(FinishReason.EXHAUSTED)
        return Attempt(
            f"{next(_serial):012x}{os.getpid():020x}", contact.contact_id, "RENT", 1, contact.attempts + 1, number.e164,
            contact.message_key, at,
        )  # fmt: skip

    return decide


async def ready_all(store: SqlStore, now: datetime = NOW) -> None:
    await voice_all(store, now)
    await store.wake(now)


async def lease(store: SqlStore, now: datetime = NOW, limit: int = 100, lane: int | None = None) -> list[Attempt]:
    """Everything due is voiced, woken and leased, from the given lane or all."""
    await ready_all(store, now)
    lanes = [each.id for each, _ in await store.lanes()] if lane is None else [lane]
    return [attempt for each in lanes for attempt in await store.lease(each, limit, calls(now), now, HORIZON)]


def conclusion(attempt: Attempt, outcome: Disposition = Disposition.BUSY) -> Conclusion:
    call = Call(attempt.id, placed_at=attempt.started_at, ended_at=attempt.started_at + timedelta(seconds=20))
    return Conclusion(attempt, call, outcome)


def follow(each: Conclusion, before: Stand) -> Concluded:
    """What the engine would make of it, by the plain rules."""
    attempt, ended_at = each.attempt, each.call.ended_at or each.attempt.started_at
    counted = retry.counts(before, attempt.number, each.disposition, has_rung=each.call.rang_at is not None)
    stand = retry.stand_after(before, attempt.number, each.disposition, attempt.started_at, ended_at, counted=counted)
    step = retry.next_step(stand, RULES, each.disposition, ended_at, counted=counted)
    return Concluded(stand, step, rest_until=max(ended_at, retry.rest_until(stand, RULES)), counted=counted)


async def call_all(store: SqlStore, outcome: Disposition, now: datetime = NOW) -> list[Attempt]:
    """Call everybody who is due once, with that outcome."""
    attempts = await lease(store, now)
    await store.conclude([conclusion(attempt, outcome) for attempt in attempts], follow)
    return attempts


async def insist(work: Callable[[], Any]) -> Any:
    """Do it again while the database says that trying again may help."""
    while True:
        try:
            return await work()
        except StoreFailed:
            await asyncio.sleep(0)
