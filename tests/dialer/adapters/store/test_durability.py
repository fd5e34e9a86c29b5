"""Is what was reported as written still there after a crash, and is nothing there by half?"""

import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import monotonic

import psycopg
import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import batch_rows
from dialer.adapters.store.contact_tables import balances, cases, contacts, numbers
from dialer.adapters.store.event_tables import events
from dialer.ports.store import StoreFailed
from tests.support.feed import disagreements
from tests.support.store_writer import PORTION
from tests.support.stores import NOW, lease, row, take

ROUNDS = 3
PATIENCE = 60.0  # seconds


def writer(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.store_writer", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4])


def written_until_killed(url: str, name: str, lines: int) -> dict[str, list[tuple[str, ...]]]:
    """Let a process write, kill it in the middle of the work; what it had reported."""
    told: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    with writer("work", url, name) as process:
        assert process.stdout is not None
        until = monotonic() + PATIENCE
        for _, line in zip(range(lines), process.stdout, strict=False):
            word, *rest = line.split()
            told[word].append(tuple(rest))
            assert monotonic() < until
        process.kill()
        for line in process.stdout:  # what it still said before it died
            if line.endswith("\n"):
                word, *rest = line.split()
                told[word].append(tuple(rest))
    assert process.returncode == -signal.SIGKILL
    return told


async def test_nothing_that_was_reported_is_lost_when_the_writer_is_killed(url: str, database: Database) -> None:
    chance = random.Random(5)  # the moment of a kill is never the same anyway
    told: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for number in range(ROUNDS):
        for word, each in written_until_killed(url, f"R{number}", chance.randrange(4, 400)).items():
            told[word] += each
        await database.read(assert_nothing_is_half)
        await database.read(assert_is_there, told)
        assert await disagreements(SqlStore(database), "RENT") == []

    # And work goes on.
    store = SqlStore(database)
    await store.fail_interrupted_batches()
    await take(store, "after", row("after"))
    assert await lease(store)


def assert_is_there(connection: sa.Connection, told: dict[str, list[tuple[str, ...]]]) -> None:
    saved = dict(connection.execute(sa.select(attempts.c.id, attempts.c.disposition)).all())
    assert {attempt for (attempt,) in told["leased"]} <= saved.keys()
    assert {saved[attempt] for (attempt,) in told["concluded"]} <= {"busy"}
    paid = set(connection.execute(sa.select(cases.c.case_id).where(cases.c.state == "closed_paid")).scalars())
    assert {case for (case,) in told["settled"]} <= paid
    rows = Counter(connection.execute(sa.select(batch_rows.c.batch)).scalars())
    assert {rows[int(batch)] for (batch,) in told["done"]} <= {2 * PORTION}


def assert_nothing_is_half(connection: sa.Connection) -> None:
    made = Counter(connection.execute(sa.select(attempts.c.contact_id)).scalars())
    open_for = set(
        connection.execute(sa.select(attempts.c.contact_id).where(attempts.c.disposition.is_(None))).scalars()
    )
    counted = Counter(connection.execute(sa.select(attempts.c.contact_id).where(attempts.c.counted)).scalars())
    used = dict(connection.execute(sa.select(numbers.c.contact_id, numbers.c.attempts)).all())
    for contact in connection.execute(sa.select(contacts.c.id, contacts.c.state, contacts.c.attempts)):
        assert contact.attempts == made[contact.id]
        assert (contact.state == "dialing") == (contact.id in open_for)
        assert used[contact.id] == counted[contact.id]
    paid = connection.execute(
        sa.select(cases.c.id, cases.c.case_id, cases.c.debtor_id).where(cases.c.amount == 0)
    ).all()
    settled = connection.execute(sa.select(contacts.c.debtor_id).where(contacts.c.finished == "settled"))
    kept = connection.execute(sa.select(balances.c.case))
    told = connection.execute(sa.select(events.c.case_id).where(events.c.type == "case.settled"))
    assert {case.debtor_id for case in paid} == set(settled.scalars())
    assert sorted(case.id for case in paid) == sorted(kept.scalars())
    assert sorted(case.case_id for case in paid) == sorted(told.scalars())
    per_batch = Counter(connection.execute(sa.select(batch_rows.c.batch)).scalars())
    assert {rows % (2 * PORTION) for rows in per_batch.values()} <= {0, PORTION}  # a list of one or of both
    assert sum(per_batch.values()) == len(used)


async def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dzwonek.db'}"
    with writer("fill", url, str(2_000_000)) as process:
        told, _ = process.communicate(timeout=PATIENCE)

    *done, failed, again = [line.split(maxsplit=2) for line in told.splitlines()]
    assert process.returncode == 0
    assert {word for word, *_ in done} == {"done"}
    assert failed[0] == "failed"
    assert again == ["done", failed[1]]

    database = Database(url)
    await database.read(assert_nothing_is_half)
    store = SqlStore(database)
    for _, number in [*done, again]:
        batch = await store.batch("CL-CZYNSZ", f"B-{number}")
        assert batch is not None
        assert (batch.state, batch.counts["accepted"]) == ("done", PORTION)
    assert len(await lease(store, NOW, limit=10_000)) == PORTION * (len(done) + 1)
    await database.close()


@pytest.mark.postgres
async def test_a_connection_that_was_cut_is_made_again(migrated_postgres: str) -> None:
    database = Database(migrated_postgres)
    store = SqlStore(database)
    before = await store.campaigns(None)

    with psycopg.connect(migrated_postgres) as stranger:
        ended = stranger.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        ).fetchall()

    assert ended == [(True,)]
    assert await store.campaigns(None) == before
    await database.close()


@pytest.mark.postgres
async def test_work_that_is_cut_off_in_the_middle_may_be_tried_again(migrated_postgres: str) -> None:
    database = Database(migrated_postgres)

    def cut_off(connection: sa.Connection) -> None:
        own = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
        with psycopg.connect(migrated_postgres) as stranger:
            stranger.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))
        connection.execute(sa.select(1))

    with pytest.raises(StoreFailed):
        await database.write(cut_off)
    assert await database.write(lambda connection: connection.execute(sa.select(1)).scalar_one()) == 1
    await database.close()
