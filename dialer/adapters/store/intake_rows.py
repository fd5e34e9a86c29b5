"""How do the staged rows of a call list become debtors and cases, and what becomes of those it leaves out?

Portion by portion, every step one statement for all of its rows: the database reads what was staged and writes it where
it belongs. A newer list updates what it names and keeps the history. What is said to a debtor follows the newest list
at once; who is called no more is known when the list is wholly in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from dialer.adapters.store import contact_rows
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.campaign_tables import batch_campaigns, batch_rows
from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.erased import refuse_erased
from dialer.adapters.store.feed import append
from dialer.adapters.store.finishing import finish
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.opted_out import finish_opted_out, opted_out
from dialer.adapters.store.schema import Moment, insert_of
from dialer.adapters.store.staged import (
    BATCH,
    IN_PORTION,
    IS_ITS_DEBTOR,
    IS_KEPT,
    KEPT,
    OF_CASE,
    OF_DEBTOR,
    Portion,
    staged_rows,
)
from dialer.adapters.store.telling import tell_finished
from dialer.adapters.store.touched import OWES_OTHERWISE, WITH_CASE, Touched
from dialer.core.cases import CaseState
from dialer.core.codes import Code
from dialer.core.rows.verdicts import Status, noting
from dialer.model import ContactState, FinishReason

PORTION = 2000  # rows of one transaction at most; those who save and conclude calls get their turn in between

_OF_BALANCE = ("amount", "currency", "balance_version", "balance_as_of")
_NOT_SPOKEN = ("blocked", "email", *_OF_BALANCE)  # what changes no message by itself, or is asked apart
_SAID_OF_CASE = [name for name in OF_CASE if name not in ("client_id", "case_id", "blocked", *_OF_BALANCE)]
_STAMP = sa.bindparam("stamp", type_=Moment())
_SPOKEN_OF_CASE = [name for name in OF_CASE if name not in _NOT_SPOKEN]
_SPOKEN_OF_DEBTOR = [name for name in OF_DEBTOR if name not in _NOT_SPOKEN]


_DEBTORS = sa.select(debtors.c.id).select_from(staged_rows.join(debtors, IS_ITS_DEBTOR)).where(KEPT)
_OLDEST_DEBTOR = _DEBTORS.with_only_columns(sa.func.min(debtors.c.id))
_LAST_OF_DEBTORS = staged_rows.c.row.in_(
    sa.select(sa.func.max(staged_rows.c.row)).where(KEPT).group_by(staged_rows.c.client_id, staged_rows.c.ref)
)
# The debtors who are called otherwise than before.
_RENAMED = _DEBTORS.where(
    _LAST_OF_DEBTORS,
    sa.or_(*(staged_rows.c[name].is_distinct_from(debtors.c[name]) for name in _SPOKEN_OF_DEBTOR)),
)
# The debtors of whom messages speak that are not true any more; of those disputed or held ``Touched`` knows.
_TOLD_OTHERWISE = (
    sa.select(debtors.c.id)
    .distinct()
    .select_from(WITH_CASE)
    .where(
        KEPT,
        sa.or_(
            cases.c.id.is_(None),
            cases.c.debtor_id != debtors.c.id,
            cases.c.dispute.is_(None) & cases.c.hold.is_(None) & (staged_rows.c.blocked != cases.c.blocked),
            OWES_OTHERWISE,
            *(staged_rows.c[name].is_distinct_from(cases.c[name]) for name in _SPOKEN_OF_CASE),
        ),
    )
)
_OF_VERDICT = ("row", "case_id", "status", "codes", "phones")
_VERDICTS = batch_rows.insert().from_select(
    ["batch", *_OF_VERDICT], sa.select(BATCH, *(staged_rows.c[name] for name in _OF_VERDICT)).where(IN_PORTION)
)


def keep(connection: sa.Connection, portion: Portion, actor: str, now: datetime) -> int | None:
    """Keep one portion of a list; the smallest id of its debtors that were there before, None: all are new."""
    dialect, these = connection.dialect.name, portion.told
    changed_at = changing_at(connection, now)
    refuse_erased(connection, portion)
    oldest: int | None = connection.execute(_OLDEST_DEBTOR, these).scalar_one()
    renamed = connection.execute(_RENAMED, these).scalars().all() if oldest is not None else ()
    connection.execute(_upsert_debtors(dialect), these)
    shunned = opted_out(connection, portion)
    connection.execute(_VERDICTS, these)
    _note(connection, portion.batch, shunned.codes)
    touched = Touched(connection, portion)
    told_otherwise = connection.execute(_TOLD_OTHERWISE, these).scalars().all() if oldest is not None else ()
    connection.execute(_upsert_cases(dialect), {**these, "stamp": changed_at})
    connection.execute(_note_campaigns(dialect), these)
    touched.settle(connection, changed_at)
    losing = contacts.c.debtor_id.in_(touched.losing)
    if oldest is not None or touched.losing:
        changed = {*renamed, *told_otherwise, *touched.blocked_otherwise, *touched.losing}
        render_anew(connection, contacts.c.debtor_id.in_(changed))
        named = contacts.c.debtor_id.in_(_debtors_of(portion))
        render_anew(connection, named & contacts.c.held_because.is_not(None))
    contact_rows.keep_staged(connection, portion, touched.held, now, is_any_known=oldest is not None)
    lost = finish(connection, losing & ~HAS_CALLABLE_CASE, FinishReason.BLOCKED) if touched.losing else []
    ended = finish_opted_out(connection, shunned, now)
    ended[FinishReason.BLOCKED] += lost
    append(connection, list(touched.told(now, actor)))
    tell_finished(connection, ended, now, actor)
    return oldest


def leave_out_unnamed(connection: sa.Connection, portion: Portion, now: datetime, actor: str) -> None:
    """When the list is wholly in: what it no longer lists, or now blocks, of debtors it names is called no more."""
    named = _debtors_of(portion)
    contact_rows.retire_unnamed(connection, portion.batch, named)
    blocked = finish(connection, contacts.c.debtor_id.in_(named) & ~HAS_CALLABLE_CASE, FinishReason.BLOCKED)
    tell_finished(connection, {FinishReason.BLOCKED: blocked}, now, actor)


def replace_unnamed(connection: sa.Connection, batch: int, now: datetime, actor: str) -> bool:
    """Finish some contacts of the list's campaigns that it does not name; whether there were any."""
    served = sa.select(staged_rows.c.campaign_id).where(IS_KEPT).distinct()
    unnamed = (
        sa.select(contacts.c.id)
        .where(contacts.c.campaign_id.in_(served), contacts.c.batch != batch)
        .where(contacts.c.state != ContactState.FINISHED, contacts.c.finished.is_(None))
        .limit(PORTION)
    )
    these = connection.execute(unnamed).scalars().all()
    replaced = finish(connection, contacts.c.id.in_(these), FinishReason.REPLACED)
    tell_finished(connection, {FinishReason.REPLACED: replaced}, now, actor)
    return bool(these)


def _debtors_of(portion: Portion) -> sa.Select[int]:
    return _DEBTORS.params(portion.told)


@cache
def _upsert_debtors(dialect: str) -> sa.Insert:
    """What the last of a debtor's rows says of it."""
    columns = ("client_id", "ref", *OF_DEBTOR)
    rows = sa.select(*(staged_rows.c[name] for name in columns)).where(_LAST_OF_DEBTORS)
    statement = insert_of(dialect, debtors).from_select(columns, rows.order_by(staged_rows.c.row))
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=["client_id", "ref"], set_={name: statement.excluded[name] for name in OF_DEBTOR}
    )
    return upsert


@cache
def _upsert_cases(dialect: str) -> sa.Insert:
    """A case becomes what the list says of it, but for a balance of which something newer is known."""
    rows = (
        sa.select(*(staged_rows.c[name] for name in OF_CASE), debtors.c.id, BATCH, _STAMP)
        .select_from(staged_rows.join(debtors, IS_ITS_DEBTOR))
        .where(KEPT)
        .order_by(staged_rows.c.row)
    )
    statement = insert_of(dialect, cases).from_select(
        [*OF_CASE, "debtor_id", "batch", "changed_at"], rows, include_defaults=False
    )
    listed = statement.excluded
    is_newer = listed.balance_version > cases.c.balance_version
    is_believed = is_newer | ((listed.balance_version == cases.c.balance_version) & (cases.c.state == CaseState.OPEN))
    opens_again = is_newer & (cases.c.state == CaseState.CLOSED_PAID)
    changed = {name: listed[name] for name in (*OF_CASE, "debtor_id", "batch") if name not in ("client_id", "case_id")}
    changed |= {name: sa.case((is_believed, listed[name]), else_=cases.c[name]) for name in _OF_BALANCE}
    changed["state"] = sa.case((opens_again, CaseState.OPEN), else_=cases.c.state)
    changed["closed_at"] = sa.case((opens_again, None), else_=cases.c.closed_at)
    is_otherwise = sa.or_(
        *(listed[name].is_distinct_from(cases.c[name]) for name in (*_SAID_OF_CASE, "debtor_id")),
        cases.c.dispute.is_(None) & cases.c.hold.is_(None) & (listed.blocked != cases.c.blocked),  # else ``Touched``
        is_believed & sa.or_(*(listed[name].is_distinct_from(cases.c[name]) for name in _OF_BALANCE)),
    )
    changed["changed_at"] = sa.case((is_otherwise, listed.changed_at), else_=cases.c.changed_at)
    upsert: sa.Insert = statement.on_conflict_do_update(index_elements=["client_id", "case_id"], set_=changed)
    return upsert


@cache
def _note_campaigns(dialect: str) -> sa.Insert:
    """For which campaigns rows are kept."""
    rows = sa.select(staged_rows.c.campaign_id, BATCH).where(KEPT).distinct()
    statement = insert_of(dialect, batch_campaigns).from_select(["campaign_id", "batch"], rows)
    noted: sa.Insert = statement.on_conflict_do_nothing()
    return noted


def _note(connection: sa.Connection, batch: int, noted: Mapping[int, Sequence[Code]]) -> None:
    """Add to verdicts that are kept what was found of their rows besides what they say themselves."""
    for row, codes in noted.items():
        this = (batch_rows.c.batch == batch) & (batch_rows.c.row == row)
        verdict = connection.execute(sa.select(batch_rows.c.status, batch_rows.c.codes).where(this)).one()
        told = noting(Status(verdict.status), [Code[code] for code in verdict.codes.split()], codes)
        connection.execute(batch_rows.update().where(this).values(status=told[0], codes=" ".join(told[1])))
