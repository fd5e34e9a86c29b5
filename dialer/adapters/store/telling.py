"""What does the feed say of calls that are over, and of contacts that are finished?

Every case hears of it: there is one event for each case that the call, or the contact, was about.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.callable import IS_CALLABLE, is_callable
from dialer.adapters.store.campaign_tables import batches
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.event_tables import events
from dialer.adapters.store.feed import append, append_chosen, inserting
from dialer.core.feed import ENGINE, EventType, FeedEvent
from dialer.core.numbers import masked
from dialer.core.rules import Rule
from dialer.core.wrap_up import WrapUp
from dialer.model import Attempt, Disposition, FinishReason

_IS_OF_CONTACT = (cases.c.debtor_id == contacts.c.debtor_id) & (cases.c.campaign_id == contacts.c.campaign_id)
_CASES_OF_CALL = (
    sa.select(
        attempts.c.id,
        debtors.c.client_id,
        numbers.c.type,
        cases.c.case_id,
        cases.c.blocked,
        cases.c.closed_at,
        batches.c.batch_id,
        batches.c.owner,
    )
    .join(contacts, contacts.c.id == attempts.c.contact_id)
    .join(debtors, debtors.c.id == contacts.c.debtor_id)
    .join(numbers, (numbers.c.contact_id == attempts.c.contact_id) & (numbers.c.e164 == attempts.c.number))
    .outerjoin(cases, _IS_OF_CONTACT)
    .outerjoin(batches, batches.c.id == attempts.c.batch)
    .where(attempts.c.id.in_(sa.bindparam("attempts", expanding=True)))
    .order_by(attempts.c.id, cases.c.id)
)


R = TypeVar("R", bound=StrEnum)


class CallOver(NamedTuple):
    """An attempt that was closed: ``row`` are its columns, ``finished`` is why its contact is called no more."""

    attempt: Attempt
    row: Mapping[str, Any]
    finished: FinishReason | None


def tell_calls(connection: sa.Connection, over: Sequence[CallOver]) -> None:
    """To be called last in its transaction."""
    about = defaultdict(list)
    for row in connection.execute(_CASES_OF_CALL, {"attempts": [each.attempt.id for each in over]}):
        about[row.id].append(row)
    append(connection, [event for each in over for event in _events(each, about[each.attempt.id])])


def _events(over: CallOver, rows: Sequence[Any]) -> Iterator[FeedEvent]:
    attempt = over.attempt
    # If a case was closed or blocked while it rang, it was called about all the same.
    spoken_of = [row for row in rows if _was_open(row, attempt.started_at)] or rows
    for type_, body in _told(over, rows[0]):
        for row in spoken_of:
            yield FeedEvent(
                type_,
                over.row["ended_at"] or attempt.started_at,
                row.client_id,
                row.case_id,
                ENGINE,
                attempt.campaign_id,
                attempt.contact_id,
                attempt.id,
                body,
            )


def _was_open(row: Any, at: datetime) -> bool:
    return row.blocked == "" and (row.closed_at is None or row.closed_at >= at)


def _told(over: CallOver, about: Any) -> Iterator[tuple[EventType, Mapping[str, Any]]]:
    attempt, row = over.attempt, over.row
    yield (
        EventType.ATTEMPT_FINISHED,
        {
            "ordinal": attempt.ordinal,
            "number": masked(attempt.number),
            "number_type": about.type,
            "disposition": row["disposition"],
            "counted": row["counted"],
            "answered": row["answered_at"] is not None,
            "heard_ms": row["heard_ms"],
            "batch": about.batch_id and {"batch_id": about.batch_id, "client_id": about.owner or None},
        },
    )
    if row["disposition"] == Disposition.CONNECTED:
        yield EventType.CALL_CONNECTED, {"joined_at": row["joined_at"].isoformat() if row["joined_at"] else None}
    if row["disposition"] == Disposition.DELIVERED:
        yield EventType.MESSAGE_DELIVERED, {"heard_ms": row["heard_ms"]}
    if over.finished is not None:
        yield EventType.CONTACT_FINISHED, {"reason": over.finished}


def of_wrap_up(connection: sa.Connection, attempt: Attempt, said: WrapUp) -> list[FeedEvent]:
    """What an agent says came of a talk, for each case that it was about."""
    rows = connection.execute(_CASES_OF_CALL, {"attempts": [attempt.id]}).all()
    return [
        FeedEvent(
            EventType.CALL_WRAPPED_UP,
            said.at,
            row.client_id,
            row.case_id,
            wrapped_up_by(said),
            attempt.campaign_id,
            attempt.contact_id,
            attempt.id,
            words_of(said),
        )
        for row in [each for each in rows if _was_open(each, attempt.started_at)] or rows
    ]


def wrapped_up_by(said: WrapUp) -> str:
    """The actor of what it tells."""
    return f"agent:{said.agent_id}"[:40] if said.agent_id else ENGINE


def words_of(said: WrapUp) -> dict[str, Any]:
    """What the event says of a talk."""
    body = {
        "outcome": said.outcome,
        "agent": said.agent_id,
        "delay": said.delay,
        "promised": said.promised and said.promised.isoformat(),
        "call_back_at": said.call_back_at and said.call_back_at.isoformat(),
        "own": said.is_own or None,
        "note": said.note or None,
    }
    return {name: value for name, value in body.items() if value is not None}


# ---- contacts that are finished without a call, or not finished any more --------------------------------

_OTHERS = cases.alias("others")
_NONE_IS_CALLABLE = ~sa.exists().where(
    _OTHERS.c.debtor_id == contacts.c.debtor_id,
    _OTHERS.c.campaign_id == contacts.c.campaign_id,
    is_callable(_OTHERS),
)
_OF_CONTACTS = inserting(
    sa.select(
        sa.bindparam("at", type_=events.c.at.type).label("at"),
        sa.bindparam("type", type_=events.c.type.type).label("type"),
        debtors.c.client_id,
        cases.c.case_id,
        sa.bindparam("actor", type_=events.c.actor.type).label("actor"),
        contacts.c.campaign_id,
        contacts.c.id.label("contact_id"),
        sa.bindparam("body", type_=events.c.body.type).label("body"),
    )
    .join_from(contacts, debtors, debtors.c.id == contacts.c.debtor_id)
    .outerjoin(cases, _IS_OF_CONTACT & (IS_CALLABLE | _NONE_IS_CALLABLE))
    .where(contacts.c.id.in_(sa.bindparam("contacts", expanding=True))),
    [contacts.c.id, cases.c.id],
)


def tell_finished(
    connection: sa.Connection, ended: Mapping[FinishReason, Sequence[int]], at: datetime, actor: str = ENGINE
) -> None:
    """Contacts, by their ids, are called no more. To be called last in its transaction; there may be very many."""
    _tell(connection, EventType.CONTACT_FINISHED, ended, at, actor)


def tell_reopened(connection: sa.Connection, contact_ids: Sequence[int], at: datetime, actor: str) -> None:
    """Contacts whose plan was over go on, as it was edited. As ``tell_finished``."""
    _tell(connection, EventType.CONTACT_REOPENED, {Rule.PLAN_CHANGED: contact_ids}, at, actor)


def _tell(
    connection: sa.Connection, type_: EventType, by_reason: Mapping[R, Sequence[int]], at: datetime, actor: str
) -> None:
    if any(by_reason.values()):
        told = {"type": type_, "at": at, "actor": actor}
        append_chosen(connection, _OF_CONTACTS, _portions(by_reason, told))


def _portions(by_reason: Mapping[R, Sequence[int]], told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for reason, contact_ids in by_reason.items():
        for portion in portions(sorted(contact_ids)):
            yield {**told, "body": {"reason": reason}, "contacts": portion}
