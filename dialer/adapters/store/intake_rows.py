"""How do the staged rows of a call list become debtors and cases, and what becomes of those it leaves out?

Portion by portion, every step one statement for all of its rows: the database reads what was staged and writes it where
it belongs. A newer list updates what it names and keeps the history. What is said to a debtor follows the newest list
at once; who is called no more is known when the list is wholly in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store import contact_rows
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.campaign_tables import batch_rows
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.database import change_cases_one_by_one
from dialer.adapters.store.erased import refuse_erased
from dialer.adapters.store.feed import append
from dialer.adapters.store.finishing import finish
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.opted_out import finish_opted_out, opted_out
from dialer.adapters.store.schema import insert
from dialer.adapters.store.staged import IS_ITS_DEBTOR, IS_KEPT, OF_CASE, OF_DEBTOR, staged_rows
from dialer.adapters.store.telling import tell_finished
from dialer.adapters.store.touched import OWES_OTHERWISE, WITH_CASE, Touched
from dialer.core.cases import CaseState
from dialer.core.codes import Code
from dialer.core.rows.verdicts import Status, noting
from dialer.model import ContactState, FinishReason

PORTION = 2000  # rows of one transaction; those who save and conclude calls get their turn in between

_OF_BALANCE = ("amount", "currency", "balance_version", "balance_as_of")
_NOT_SPOKEN = ("blocked", "email", *_OF_BALANCE)  # what changes no message by itself, or is asked apart
_SPOKEN_OF_CASE = [name for name in OF_CASE if name not in _NOT_SPOKEN]
_SPOKEN_OF_DEBTOR = [name for name in OF_DEBTOR if name not in _NOT_SPOKEN]


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of a batch that one transaction keeps."""

    batch: int
    first: int
    last: int

    @property
    def every(self) -> sa.ColumnElement[bool]:
        return staged_rows.c.row.between(self.first, self.last)

    @property
    def kept(self) -> sa.ColumnElement[bool]:
        return self.every & IS_KEPT

    @property
    def called(self) -> sa.ColumnElement[bool]:
        return self.every & staged_rows.c.zone.is_not(None)


def keep(connection: sa.Connection, portion: Portion, actor: str, now: datetime) -> int | None:
    """Keep one portion of a list; the smallest id of its debtors that were there before, None: all are new."""
    change_cases_one_by_one(connection)
    refuse_erased(connection, portion.kept)
    oldest: int | None = connection.execute(_debtors_of(portion, sa.func.min(debtors.c.id))).scalar_one()
    renamed = connection.execute(_renamed(portion)).scalars().all() if oldest is not None else ()
    connection.execute(_upsert_debtors(connection, portion))
    shunned = opted_out(connection, portion.kept)
    _keep_verdicts(connection, portion, shunned.codes)
    touched = Touched(connection, portion.kept)
    told_otherwise = connection.execute(_told_otherwise(portion)).scalars().all() if oldest is not None else ()
    connection.execute(_upsert_cases(connection, portion))
    touched.settle(connection)
    losing = contacts.c.debtor_id.in_(touched.losing)
    if oldest is not None or touched.losing:
        changed = {*renamed, *told_otherwise, *touched.blocked_otherwise, *touched.losing}
        render_anew(connection, contacts.c.debtor_id.in_(changed))
        named = contacts.c.debtor_id.in_(_debtors_of(portion, debtors.c.id))
        render_anew(connection, named & contacts.c.held_because.is_not(None))
    called = portion.called & staged_rows.c.row.not_in(touched.held)
    contact_rows.keep_staged(connection, portion.batch, called, now, is_any_known=oldest is not None)
    lost = finish(connection, losing & ~HAS_CALLABLE_CASE, FinishReason.BLOCKED) if touched.losing else []
    ended = finish_opted_out(connection, shunned, now)
    ended[FinishReason.BLOCKED] += lost
    append(connection, list(touched.told(now, actor)))
    tell_finished(connection, ended, now, actor)
    return oldest


def leave_out_unnamed(connection: sa.Connection, portion: Portion, now: datetime, actor: str) -> None:
    """When the list is wholly in: what it no longer lists, or now blocks, of debtors it names is called no more."""
    named = _debtors_of(portion, debtors.c.id)
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


def _debtors_of(portion: Portion, what: sa.ColumnElement[int]) -> sa.Select[int]:
    return sa.select(what).select_from(staged_rows.join(debtors, IS_ITS_DEBTOR)).where(portion.kept)


def _last_of_debtors(portion: Portion) -> sa.ColumnElement[bool]:
    last_ones = sa.select(sa.func.max(staged_rows.c.row)).where(portion.kept)
    return staged_rows.c.row.in_(last_ones.group_by(staged_rows.c.client_id, staged_rows.c.ref))


def _renamed(portion: Portion) -> sa.Select[int]:
    """The debtors who are called otherwise than before."""
    differs = sa.or_(*(staged_rows.c[name].is_distinct_from(debtors.c[name]) for name in _SPOKEN_OF_DEBTOR))
    found = sa.select(debtors.c.id).select_from(staged_rows.join(debtors, IS_ITS_DEBTOR))
    return found.where(_last_of_debtors(portion), differs)


def _told_otherwise(portion: Portion) -> sa.Select[int]:
    """The debtors of whom messages speak that are not true any more; of those disputed or held ``Touched`` knows."""
    differs = [staged_rows.c[name].is_distinct_from(cases.c[name]) for name in _SPOKEN_OF_CASE]
    as_listed = cases.c.dispute.is_(None) & cases.c.hold.is_(None)
    is_blocked_otherwise = as_listed & (staged_rows.c.blocked != cases.c.blocked)
    is_moved = cases.c.debtor_id != debtors.c.id
    found = sa.select(debtors.c.id).distinct().select_from(WITH_CASE)
    return found.where(
        portion.kept, sa.or_(cases.c.id.is_(None), is_moved, is_blocked_otherwise, OWES_OTHERWISE, *differs)
    )


def _upsert_debtors(connection: sa.Connection, portion: Portion) -> sa.Insert:
    """What the last of a debtor's rows says of it."""
    columns = ("client_id", "ref", *OF_DEBTOR)
    rows = sa.select(*(staged_rows.c[name] for name in columns)).where(_last_of_debtors(portion))
    statement = insert(connection, debtors).from_select(columns, rows.order_by(staged_rows.c.row))
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=["client_id", "ref"], set_={name: statement.excluded[name] for name in OF_DEBTOR}
    )
    return upsert


def _upsert_cases(connection: sa.Connection, portion: Portion) -> sa.Insert:
    """A case becomes what the list says of it, but for a balance of which something newer is known."""
    rows = (
        sa.select(*(staged_rows.c[name] for name in OF_CASE), debtors.c.id, sa.literal(portion.batch))
        .select_from(staged_rows.join(debtors, IS_ITS_DEBTOR))
        .where(portion.kept)
        .order_by(staged_rows.c.row)
    )
    statement = insert(connection, cases).from_select([*OF_CASE, "debtor_id", "batch"], rows, include_defaults=False)
    listed = statement.excluded
    is_newer = listed.balance_version > cases.c.balance_version
    is_believed = is_newer | ((listed.balance_version == cases.c.balance_version) & (cases.c.state == CaseState.OPEN))
    opens_again = is_newer & (cases.c.state == CaseState.CLOSED_PAID)
    changed = {name: listed[name] for name in (*OF_CASE, "debtor_id", "batch") if name not in ("client_id", "case_id")}
    changed |= {name: sa.case((is_believed, listed[name]), else_=cases.c[name]) for name in _OF_BALANCE}
    changed["state"] = sa.case((opens_again, CaseState.OPEN), else_=cases.c.state)
    changed["closed_at"] = sa.case((opens_again, None), else_=cases.c.closed_at)
    upsert: sa.Insert = statement.on_conflict_do_update(index_elements=["client_id", "case_id"], set_=changed)
    return upsert


def _keep_verdicts(connection: sa.Connection, portion: Portion, noted: Mapping[int, Sequence[Code]]) -> None:
    """``noted``: what was found of rows besides what they say themselves."""
    columns = ("row", "case_id", "status", "codes", "phones")
    rows = sa.select(sa.literal(portion.batch), *(staged_rows.c[name] for name in columns)).where(portion.every)
    connection.execute(batch_rows.insert().from_select(["batch", *columns], rows))
    for row, codes in noted.items():
        this = (batch_rows.c.batch == portion.batch) & (batch_rows.c.row == row)
        verdict = connection.execute(sa.select(batch_rows.c.status, batch_rows.c.codes).where(this)).one()
        told = noting(Status(verdict.status), [Code[code] for code in verdict.codes.split()], codes)
        connection.execute(batch_rows.update().where(this).values(status=told[0], codes=" ".join(told[1])))
