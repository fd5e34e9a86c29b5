"""Do the queries that run all day find their rows by an index, however many contacts there are?"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.event_tables import events
from dialer.core.cases import CaseState, Dispute, Hold, PromiseState
from dialer.ports.store import AttemptFilter, CaseFilter, ContactFilter
from tests.support.stores import HORIZON, NOW, calls, row, settings, take

CONTACTS = 100_000
FUTURE = NOW + timedelta(days=1)
_NUMBERED = f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {CONTACTS}) "
# Of a hundred contacts 97 wait for their next attempt; one is ready, one due, one without a message.
_FILL = (
    "INSERT INTO debtors (client_id, ref, type, language) SELECT 'CL-CZYNSZ', 'N' || i, 'person', 'pl' FROM n",
    """
    INSERT INTO contacts
        (campaign_id, debtor_id, lane_id, state, due_at, attempts, uncounted, batch, revision, message_key, message_day)
    SELECT 'RENT', i, 1, CASE i % 100 WHEN 0 THEN 'ready' ELSE 'waiting' END,
        CASE i % 100 WHEN 0 THEN :now WHEN 1 THEN :now WHEN 2 THEN :now ELSE :future END, 1, 0, 1, 1,
        CASE i % 100 WHEN 2 THEN NULL ELSE 'spoken' END, :day
    FROM n
    """,
    """
    INSERT INTO attempts (id, contact_id, campaign_id, lane_id, ordinal, number, message_key, saved_at, disposition)
    SELECT 'a' || (1000000 + i), i, 'RENT', 1, 1, '+48280000001', 'spoken', :now,
        CASE i % 1000 WHEN 0 THEN NULL ELSE 'busy' END
    FROM n
    """,
    """
    INSERT INTO events (seq, at, type, client_id, case_id, actor, body)
    SELECT i, :now, 'attempt.finished', CASE i % 1000 WHEN 0 THEN 'CL-TELKO' ELSE 'CL-CZYNSZ' END, 'RENT/' || (i / 4),
        'engine', '{}'
    FROM n
    """,
    """
    INSERT INTO cases
        (client_id, case_id, campaign_id, debtor_id, batch, blocked, amount, currency, due_date, stage, flags,
         balance_version, state, closed_at, dispute, hold, hold_reason, promise_state)
    SELECT 'CL-CZYNSZ', 'N/' || i, 'RENT', i, 1, '', 100, 'PLN', :day, 'overdue', '', 1,
        CASE i % 1000 WHEN 0 THEN 'closed_paid' ELSE 'open' END, CASE i % 1000 WHEN 0 THEN :now END,
        CASE i % 1000 WHEN 1 THEN 'open' END, CASE i % 1000 WHEN 2 THEN 'paused' END,
        CASE i % 1000 WHEN 2 THEN 'other' END,
        CASE i % 1000 WHEN 3 THEN 'broken' END
    FROM n
    """,
    "UPDATE event_counter SET last = (SELECT max(i) FROM n)",
)


@pytest.fixture
async def filled(store: SqlStore, database: Database) -> SqlStore:
    """A store with many contacts and attempts, as it is after some days."""
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))

    def fill(connection: sa.Connection) -> None:
        moments = [
            sa.bindparam("now", NOW, contacts.c.due_at.type),
            sa.bindparam("future", FUTURE, contacts.c.due_at.type),
        ]
        day = sa.bindparam("day", NOW.date(), contacts.c.message_day.type)
        if connection.dialect.name == "postgresql":  # the rows are right: spare it to look for each one's parents
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in _FILL:
            used = [each for each in (*moments, day) if f":{each.key}" in statement]
            connection.execute(sa.text(_NUMBERED + statement).bindparams(*used))
        if connection.dialect.name == "postgresql":  # as autovacuum does; SQLite works without
            connection.execute(sa.text("ANALYZE"))

    await database.write(fill)
    return store


@contextmanager
def overheard() -> Iterator[list[str]]:
    """How databases go about every statement that is sent to them meanwhile, asked where it is sent."""
    steps: list[str] = []

    def hear(connection: Any, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        if many or not statement.lstrip().startswith(("SELECT", "UPDATE", "INSERT")):
            return
        word = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        asking = connection.connection.cursor()
        asking.execute(word + statement, parameters)
        steps.extend(" ".join(map(str, step)) for step in asking.fetchall())
        asking.close()

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield steps
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)


async def plans(work: Callable[[], Awaitable[Any]]) -> str:
    """How the database goes about the statements of the work."""
    with overheard() as steps:
        await work()
    return "\n".join(steps)


async def test_contacts_and_attempts_are_found_by_their_indexes(filled: SqlStore) -> None:
    soon = NOW + timedelta(minutes=30)
    for work, index in (
        # what the engine asks all day
        (lambda: filled.wake(NOW), "ix_contacts_due"),
        (lambda: filled.lease(1, 10, calls(), NOW, HORIZON), "ix_contacts_ready"),
        (lambda: filled.unvoiced([1, 2, 3], soon, NOW, 40), "ix_contacts_unvoiced"),
        (filled.open_attempts, "ix_attempts_open"),
        # what people ask
        (lambda: filled.contact(500), ""),
        (lambda: filled.contacts(ContactFilter(campaign_id="RENT"), 5_000, 100), ""),
        (lambda: filled.contacts(ContactFilter(), 5_000, 100), ""),
        (lambda: filled.contacts(ContactFilter(campaign_id="RENT", case_id="RENT/D1"), 0, 100), ""),
        (lambda: filled.contacts(ContactFilter(case_id="RENT/D1"), 0, 100), ""),
        (lambda: filled.contacts(ContactFilter("CL-CZYNSZ", debtor_id="N500"), 0, 100), ""),
        (lambda: filled.contacts(ContactFilter(debtor_id="N500"), 0, 100), ""),
        (lambda: filled.contacts(ContactFilter(number="+48280000001"), 0, 100), ""),
        (lambda: filled.attempts_of(500), ""),
        (lambda: filled.attempt("a1000500"), ""),
        (lambda: filled.attempts(AttemptFilter(), "a1000500", 100), "ix_attempts_saved"),
        (lambda: filled.attempts(AttemptFilter(since=FUTURE), "", 100), "ix_attempts_saved"),
        (lambda: filled.attempts(AttemptFilter("CL-CZYNSZ", since=NOW), "", 100), "ix_attempts_"),
        (lambda: filled.attempts(AttemptFilter(campaign_id="RENT"), "a1000500", 100), "ix_attempts_of_campaign"),
        (lambda: filled.attempts(AttemptFilter(agent_id="anna"), "", 100), "ix_attempts_agent"),
        (lambda: filled.cases(CaseFilter(), 50_000, 100), ""),
        (lambda: filled.cases(CaseFilter("CL-TELKO"), 0, 100), "ix_cases_client"),
        (lambda: filled.cases(CaseFilter(campaign_id="FLATS"), 0, 100), "ix_cases_campaign"),
        (lambda: filled.cases(CaseFilter("CL-CZYNSZ", debtor_ref="N500"), 0, 100), "ix_cases_debtor"),
        (lambda: filled.cases(CaseFilter(state=CaseState.CLOSED_PAID), 0, 100), "ix_cases_closed"),
        (lambda: filled.cases(CaseFilter(dispute=Dispute.OPEN), 0, 100), "ix_cases_disputed"),
        (lambda: filled.cases(CaseFilter(hold=Hold.PAUSED), 0, 100), "ix_cases_held"),
        (lambda: filled.cases(CaseFilter(promise=PromiseState.BROKEN), 0, 100), "ix_cases_promised"),
        # what a CRM asks
        (lambda: filled.events(50_000, 100), ""),
        (lambda: filled.events(50_000, 100, "CL-TELKO"), "ix_events_client"),
        (lambda: filled.events(50_000, 100, "CL-CZYNSZ", "RENT/20000"), "ix_events_case"),
        (lambda: filled.last_event("CL-TELKO"), "ix_events_client"),
        # a short list has to do with its own contacts only
        (lambda: take(filled, "B-2", row("D1"), row("N700", case="RENT/700")), ""),
    ):
        plan = await plans(work)
        assert index in plan
        assert_nothing_is_read_through(plan)


def assert_nothing_is_read_through(plan: str) -> None:
    for table in (contacts, attempts, cases, debtors, events):
        assert f"Seq Scan on {table.name}" not in plan, plan
        for step in plan.splitlines():
            assert f"SCAN {table.name}" not in step or "INDEX" in step, plan
