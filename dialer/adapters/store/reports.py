"""What has come of the calls? Counted where they are kept; whoever adds up the feed comes to the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import batches
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.database import Database
from dialer.adapters.store.event_tables import events
from dialer.core.feed import EventType
from dialer.model import Disposition
from dialer.ports.store import REACHED, By, Figures, Row, Span

Key = Sequence[sa.ColumnElement[Any]]  # what ``Row`` is made of

_ENDED = sa.func.coalesce(attempts.c.ended_at, attempts.c.saved_at, type_=attempts.c.saved_at.type)


_OF_PROMISES = {
    "made": EventType.PROMISE_MADE,
    "kept": EventType.PROMISE_KEPT,
    "broken": EventType.PROMISE_BROKEN,
}


class SqlReports:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def report(self, by: By, span: Span, paid_within: timedelta) -> Mapping[Row, Figures]:
        return await self._db.read(_report, by, span, paid_within)


def _report(connection: sa.Connection, by: By, span: Span, paid_within: timedelta) -> Mapping[Row, Figures]:
    dialect = connection.dialect.name
    key = _key(by, dialect)
    found: dict[Row, Figures] = {}
    for row in connection.execute(_calls(key, span)):
        found[_row(row)] = Figures(
            row.attempts, row.answered, row.reached, row.delivered, row.abandoned, row.right_party
        )
    for row in connection.execute(_promises(key, span)):
        found[_row(row)] = _promised(found[_row(row)], row)
    for row in connection.execute(_promises_of_callers(by, dialect, span)):
        found[_row(row)] = _promised(found.get(_row(row), Figures()), row)
    settled, recovered = _payments(connection, key, span, paid_within)
    delays = _delays(connection, key, span)
    for name, figures in found.items():
        found[name] = replace(figures, settled=settled[name], recovered=recovered[name], delays=delays.get(name, {}))
    return dict(sorted(found.items()))


def _key(
    by: By,
    dialect: str,
    campaign_id: sa.ColumnElement[Any] = attempts.c.campaign_id,
    at: sa.ColumnElement[Any] = _ENDED,
) -> Key:
    match by:
        case By.CAMPAIGN:
            return (campaign_id.label("key"),)
        case By.CLIENT:
            return (debtors.c.client_id.label("key"),)
        case By.BATCH:
            return (batches.c.batch_id.label("key"), batches.c.owner.label("sender"))
    if dialect == "sqlite":
        return (sa.func.strftime("%Y-%m-%dT%H:00:00Z", at).label("key"),)
    return (sa.func.to_char(sa.func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24":00:00Z"').label("key"),)


def _row(found: Any) -> Row:
    return Row(found.key, getattr(found, "sender", ""))


def _within(
    span: Span,
    campaign_id: sa.ColumnElement[Any] = attempts.c.campaign_id,
    at: sa.ColumnElement[Any] = _ENDED,
) -> list[sa.ColumnElement[bool]]:
    meant: list[sa.ColumnElement[bool]] = []
    if span.client_id is not None:
        meant.append(debtors.c.client_id == span.client_id)
    if span.campaign_id is not None:
        meant.append(campaign_id == span.campaign_id)
    if span.since is not None:
        meant.append(span.since <= at)
    if span.until is not None:
        meant.append(span.until > at)
    return meant


def _meant(span: Span) -> list[sa.ColumnElement[bool]]:
    return [attempts.c.disposition.is_not(None), *_within(span)]


def _of_attempts(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(attempts)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .join(debtors, debtors.c.id == contacts.c.debtor_id)
        .join(batches, batches.c.id == sa.func.coalesce(attempts.c.batch, contacts.c.batch))
    )


def _how_many(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((which, 1), else_=0)), 0)


def _calls(key: Key, span: Span) -> sa.Select[Any]:
    confirmed = (
        sa.select(events.c.attempt_id).where(events.c.type == EventType.IDENTITY_CONFIRMED).distinct().subquery()
    )
    query = _of_attempts(
        *key,
        sa.func.count().label("attempts"),
        _how_many(attempts.c.answered_at.is_not(None)).label("answered"),
        _how_many(attempts.c.disposition.in_(REACHED)).label("reached"),
        _how_many(attempts.c.disposition == Disposition.DELIVERED).label("delivered"),
        _how_many(attempts.c.disposition == Disposition.ABANDONED).label("abandoned"),
        sa.func.count(confirmed.c.attempt_id).label("right_party"),
    ).outerjoin(confirmed, confirmed.c.attempt_id == attempts.c.id)
    return query.where(*_meant(span)).group_by(*key)


_DELAY = attempts.c.wrap_up["delay"].as_string()


def _delays(connection: sa.Connection, key: Key, span: Span) -> Mapping[Row, Mapping[str, int]]:
    """Why it is not paid, in the words of agents."""
    query = _of_attempts(*key, _DELAY.label("delay"), sa.func.count().label("talks"))
    found: dict[Row, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query.where(*_meant(span), _DELAY.is_not(None)).group_by(*key, _DELAY)):
        found[_row(row)][row.delay] = row.talks
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


_SAID = [_how_many(events.c.type == type_).label(name) for name, type_ in _OF_PROMISES.items()]
_IS_OF_PROMISES = events.c.type.in_(list(_OF_PROMISES.values()))


def _promises(key: Key, span: Span) -> sa.Select[Any]:
    query = _of_attempts(*key, *_SAID).join(events, (events.c.attempt_id == attempts.c.id) & _IS_OF_PROMISES)
    return query.where(*_meant(span)).group_by(*key)


def _promises_of_callers(by: By, dialect: str, span: Span) -> sa.Select[*tuple[Any, ...]]:
    """Those of no attempt: somebody called us. They count when they are made, kept or broken."""
    key = _key(by, dialect, events.c.campaign_id, events.c.at)
    return (
        sa.select(*key, *_SAID)
        .select_from(events)
        .join(contacts, contacts.c.id == events.c.contact_id)
        .join(debtors, debtors.c.id == contacts.c.debtor_id)
        .join(batches, batches.c.id == contacts.c.batch)
        .where(events.c.attempt_id.is_(None), _IS_OF_PROMISES, *_within(span, events.c.campaign_id, events.c.at))
        .group_by(*key)
    )


def _promised(figures: Figures, row: Any) -> Figures:
    return replace(
        figures,
        promises=figures.promises + row.made,
        promises_kept=figures.promises_kept + row.kept,
        promises_broken=figures.promises_broken + row.broken,
    )


_FINISHED = events.alias("finished")
# A debtor may have other cases, too: blocked, disputed, or listed later.
_WAS_ABOUT = sa.exists().where(
    _FINISHED.c.client_id == cases.c.client_id,
    _FINISHED.c.case_id == cases.c.case_id,
    _FINISHED.c.attempt_id == attempts.c.id,
    _FINISHED.c.type == EventType.ATTEMPT_FINISHED,
)


def _payments(
    connection: sa.Connection, key: Key, span: Span, within: timedelta
) -> tuple[Mapping[Row, int], Mapping[Row, Mapping[str, Decimal]]]:
    """Cases that were paid within the time after a call that reached somebody, and how much less is owed of cases."""
    query = (
        _of_attempts(*key, _ENDED.label("ended"), events.c.seq, events.c.at, events.c.type, events.c.case_id,
                     events.c.client_id, events.c.body)
        .join(cases, (cases.c.debtor_id == contacts.c.debtor_id) & (cases.c.campaign_id == contacts.c.campaign_id))
        .join(events, (events.c.client_id == cases.c.client_id) & (events.c.case_id == cases.c.case_id))
        .where(_WAS_ABOUT, *_meant(span), attempts.c.disposition.in_(REACHED), events.c.at > _ENDED)
        .where(events.c.type.in_([EventType.CASE_SETTLED, EventType.BALANCE_CHANGED]))
    )  # fmt: skip
    settled: dict[Row, set[tuple[str, str]]] = defaultdict(set)
    recovered: dict[Row, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    counted: set[tuple[Row, int]] = set()
    for row in connection.execute(query):
        told_for = _row(row)
        if row.at - row.ended > within or (told_for, row.seq) in counted:
            continue
        counted.add((told_for, row.seq))
        if row.type == EventType.CASE_SETTLED:
            settled[told_for].add((row.client_id, row.case_id))
        less = Decimal(row.body["balance_before"]) - Decimal(row.body["balance"])
        if less > 0:
            recovered[told_for][row.body["currency"]] += less
    counts = defaultdict(int, {name: len(which) for name, which in settled.items()})
    return counts, defaultdict(dict, {name: dict(sums) for name, sums in recovered.items()})
