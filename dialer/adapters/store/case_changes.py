"""What is known of a case, and how is it changed by hand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import eq
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import contact_rows
from dialer.adapters.store.audit import note
from dialer.adapters.store.callable import IS_CALLABLE
from dialer.adapters.store.calloffs import called_off
from dialer.adapters.store.campaign_tables import batch_rows, campaigns
from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.clients import after_rejection
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.feed import append
from dialer.adapters.store.holds import columns_of, held_of
from dialer.adapters.store.messages import case_of
from dialer.adapters.store.narrowing import narrowed
from dialer.adapters.store.reconsider import Reconsidered, reconsider
from dialer.adapters.store.schema import Moment
from dialer.adapters.store.telling import tell_finished
from dialer.core.audit import Action, Change, difference
from dialer.core.blocks import CaseChange, CaseStanding, changed, happened
from dialer.core.cases import CaseState, DebtorType, Dispute, Flag, PromiseState, Stage
from dialer.core.codes import Code
from dialer.core.feed import FeedEvent
from dialer.core.numbers import Number
from dialer.core.plan import CampaignSettings
from dialer.core.zones import zone_of
from dialer.model import NumberType
from dialer.ports.store import CaseChanged, CaseFilter, CasesChanged, CaseView, Conflict, UnknownCase

_IS_ITS_CONTACT = (contacts.c.debtor_id == cases.c.debtor_id) & (contacts.c.campaign_id == cases.c.campaign_id)
_CASE = (
    sa.select(cases, debtors.c.ref, debtors.c.type, contacts.c.id.label("contact_id"))
    .join(debtors, debtors.c.id == cases.c.debtor_id)
    .outerjoin(contacts, _IS_ITS_CONTACT)
)
_ITSELF = (cases.c.client_id == sa.bindparam("client")) & (cases.c.case_id == sa.bindparam("case"))
_ONE = _CASE.where(_ITSELF)


class SqlCases:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def case(self, client_id: str, case_id: str) -> CaseView | None:
        return await self._db.read(_case, client_id, case_id)

    async def cases(self, which: CaseFilter, after: int, limit: int) -> Sequence[CaseView]:
        return await self._db.read(_page, which, after, limit)

    async def change_case(
        self, client_id: str, case_id: str, change: CaseChange, actor: str, now: datetime, seen: str | None = None
    ) -> CaseChanged:
        return await self._db.write(_change, client_id, case_id, change, actor, now, seen)

    async def change_cases(
        self, client_id: str, case_ids: Sequence[str], change: CaseChange, actor: str, now: datetime
    ) -> CasesChanged:
        return await self._db.write(_change_all, client_id, case_ids, change, actor, now)


def _case(connection: sa.Connection, client_id: str, case_id: str) -> CaseView | None:
    row = connection.execute(_ONE, {"client": client_id, "case": case_id}).one_or_none()
    return None if row is None else _view(row)


def _page(connection: sa.Connection, which: CaseFilter, after: int, limit: int) -> list[CaseView]:
    # Two columns say whose a case is: for one debtor's the way leads over the debtor, for all over the cases.
    whose = cases.c.client_id if which.debtor_ref is None else debtors.c.client_id
    follows_changes = which.changed_since is not None and which.debtor_ref is None
    order, is_behind = [cases.c.id], cases.c.id > after
    if which.changed_since is not None:
        order = [cases.c.changed_at, cases.c.id]
        is_behind = sa.tuple_(*order) > sa.tuple_(sa.literal(which.changed_since, Moment()), sa.literal(after))

    def of(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Where changes are followed, not by its index: SQLite would rather sort all of a client's cases."""
        return sa.cast(column, column.type) if follows_changes else column

    query = narrowed(
        _CASE.where(is_behind),
        (eq, of(whose), which.client_id),
        (eq, of(cases.c.campaign_id), which.campaign_id),
        (eq, debtors.c.ref, which.debtor_ref),
        (eq, of(cases.c.state), which.state),
        (eq, of(cases.c.stage), which.stage),
        (eq, of(cases.c.dispute), which.dispute),
        (eq, of(cases.c.hold), which.hold),
        (eq, of(cases.c.promise_state), which.promise),
    )
    if which.state not in (None, CaseState.OPEN):
        query = query.where(cases.c.closed_at.is_not(None))  # which the index of closed cases waits to hear
    if which.is_blocked is not None:
        query = query.where((cases.c.blocked != "") == which.is_blocked)
    return [_view(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def _known(connection: sa.Connection, client_id: str, case_id: str) -> CaseView:
    found = _case(connection, client_id, case_id)
    if found is None:
        raise UnknownCase(client_id, case_id)
    return found


def _view(row: Any) -> CaseView:
    return CaseView(
        key=row.id,
        client_id=row.client_id,
        case_id=row.case_id,
        campaign_id=row.campaign_id,
        debtor_ref=row.ref,
        debtor_type=DebtorType(row.type),
        contact_id=row.contact_id,
        standing=_standing(row),
        closed_at=row.closed_at,
        amount=Decimal(row.amount).scaleb(-2),
        currency=row.currency,
        due_date=row.due_date,
        balance_version=row.balance_version,
        balance_as_of=row.balance_as_of,
        promised_by=row.promised_by,
        promise=PromiseState(row.promise_state) if row.promise_state else None,
        paid_claimed_at=row.paid_claimed_at,
        changed_at=row.changed_at,
    )


def _standing(row: Any) -> CaseStanding:
    return CaseStanding(
        flags=frozenset(Flag(flag) for flag in row.flags.split()),
        blocked=tuple(Code[code] for code in row.blocked.split()),
        dispute=Dispute(row.dispute) if row.dispute else None,
        state=CaseState(row.state),
        stage=Stage(row.stage),
        held=held_of(row),
    )


@dataclass(frozen=True, slots=True)
class Altered:
    """A case that was changed, and is still to be told of."""

    before: CaseStanding
    after: CaseStanding
    case: CaseView
    contact: Reconsidered


def _change(
    connection: sa.Connection,
    client_id: str,
    case_id: str,
    change: CaseChange,
    actor: str,
    now: datetime,
    seen: str | None,
) -> CaseChanged:
    change_cases_one_by_one(connection)
    if seen not in (None, _known(connection, client_id, case_id).standing.mark):
        raise Conflict(f"case {case_id} has changed since it was read")
    altered = alter(connection, client_id, case_id, change, actor, now)
    ending = called_off(connection, altered.contact.keys)
    tell(connection, altered, actor, now)
    return CaseChanged(altered.case, altered.contact.finished, ending)


def _change_all(
    connection: sa.Connection, client_id: str, case_ids: Sequence[str], change: CaseChange, actor: str, now: datetime
) -> CasesChanged:
    change_cases_one_by_one(connection)
    altered = [alter(connection, client_id, case_id, change, actor, now) for case_id in case_ids]
    ending = called_off(connection, {key for each in altered for key in each.contact.keys})
    for each in altered:
        tell(connection, each, actor, now)
    finished = sum(each.contact.finished for each in altered)
    return CasesChanged([each.case for each in altered], finished, ending)


def alter(
    connection: sa.Connection, client_id: str, case_id: str, change: CaseChange, actor: str, now: datetime
) -> Altered:
    """Change the case, and let its contact follow."""
    found = _known(connection, client_id, case_id)
    before = found.standing
    after = changed(before, change, after_rejection(connection, client_id))
    if after != before:
        _keep(connection, found, after, now, changing_at(connection, now))
        _give_contact(connection, found, now)
    its_contact = (contacts.c.campaign_id == found.campaign_id) & contacts.c.debtor_id.in_(
        sa.select(cases.c.debtor_id).where(cases.c.client_id == client_id, cases.c.case_id == case_id)
    )
    # Also if nothing changed: an earlier try may have got only half as far.
    contact = reconsider(connection, its_contact, now, says_otherwise=after != before)
    if after != before:
        was, stands = difference(_told(before), _told(after))
        note(connection, Change(Action.CASE_CHANGED, now, actor, client_id, case_id, was, stands))
    return Altered(before, after, _known(connection, client_id, case_id), contact)


def tell(connection: sa.Connection, altered: Altered, actor: str, now: datetime) -> None:
    """To be called last in its transaction."""
    case = altered.case
    append(
        connection,
        [
            FeedEvent(type_, now, case.client_id, case.case_id, actor, case.campaign_id, case.contact_id, body=body)
            for type_, body in happened(altered.before, altered.after)
        ],
    )
    tell_finished(connection, altered.contact.ended, now, actor)


def _told(standing: CaseStanding) -> dict[str, Any]:
    return {
        "flags": sorted(standing.flags),
        "blocked": list(standing.blocked),
        "dispute": standing.dispute,
        "state": standing.state,
        "stage": standing.stage,
        "hold": standing.held and standing.held.hold,
        "hold_reason": standing.held and standing.held.reason,
    }


def _keep(connection: sa.Connection, found: CaseView, after: CaseStanding, now: datetime, changed_at: datetime) -> None:
    closes = after.state is not found.standing.state
    connection.execute(
        cases.update()
        .where(cases.c.client_id == found.client_id, cases.c.case_id == found.case_id)
        .values(
            flags=" ".join(sorted(after.flags)),
            blocked=" ".join(after.blocked),
            dispute=after.dispute,
            state=after.state,
            stage=after.stage,
            **columns_of(after.held),
            closed_at=now if closes else found.closed_at,
            changed_at=changed_at,
        )
    )


def _give_contact(connection: sa.Connection, found: CaseView, now: datetime) -> None:
    """A case that its list blocked has none; if it may be called about now, it gets one with the numbers listed."""
    row = connection.execute(
        sa.select(cases, debtors)
        .join(debtors, debtors.c.id == cases.c.debtor_id)
        .where(cases.c.client_id == found.client_id, cases.c.case_id == found.case_id, IS_CALLABLE)
    ).one_or_none()
    if row is None or found.contact_id is not None:
        return
    case, numbers = case_of(row), _listed(connection, row.batch, row.case_id)
    settings = connection.execute(sa.select(campaigns.c.settings).where(campaigns.c.id == row.campaign_id)).scalar_one()
    zone = zone_of(case, numbers, CampaignSettings.model_validate(settings).timezone)
    contact_rows.keep_one(connection, row.batch, row.campaign_id, row.debtor_id, numbers, zone, now)


def _listed(connection: sa.Connection, batch: int, case_id: str) -> list[Number]:
    query = sa.select(batch_rows.c.phones).where(batch_rows.c.batch == batch, batch_rows.c.case_id == case_id)
    first = connection.execute(query.where(batch_rows.c.phones != "").order_by(batch_rows.c.row)).scalars().first()
    pairs = (phone.split(":") for phone in (first or "").split())
    return [Number(e164, NumberType(kind)) for e164, kind in pairs]
