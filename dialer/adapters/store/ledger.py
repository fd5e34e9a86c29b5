"""Which contacts are due, which attempts were made, and how did each end?

The ledger of calls: an attempt is saved before its call is placed, and closed once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.database import Database
from dialer.adapters.store.finishing import finish_lane
from dialer.adapters.store.rounds import begin_next_round
from dialer.adapters.store.standing import STAND, Standing, numbers_of, stand_of, standing, stood
from dialer.adapters.store.stop import is_stopped
from dialer.adapters.store.tables import attempts, campaigns, contacts, lanes, numbers
from dialer.adapters.store.telling import CallOver, tell_calls, tell_finished
from dialer.core.choice import Candidate, Wait
from dialer.core.retry import Done, Number, Stand
from dialer.model import Attempt, ContactState, Disposition, FinishReason
from dialer.ports.store import Concluded, Conclusion, Stopped

Decide = Callable[[Candidate], Attempt | Wait | Done | None]
DecideNext = Callable[[Conclusion, Stand], Concluded]

# Written as they stand in the partial indexes: with a bound value in its place SQLite would not use them.
_IS_READY = sa.text("contacts.state = 'ready'")
_IS_DUE = sa.text("contacts.state = 'waiting' AND contacts.message_key IS NOT NULL")

CANDIDATE = (
    contacts.c.id, contacts.c.debtor_id, contacts.c.attempts, contacts.c.message_key, contacts.c.message_day, *STAND,
)  # fmt: skip
_PICK = (
    sa.select(*CANDIDATE)
    .where(_IS_READY, contacts.c.lane_id == sa.bindparam("lane"))
    .order_by(contacts.c.due_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)  # PostgreSQL: what another engine is leasing at this moment is not for us
)
_CLIENT = (
    sa.select(campaigns.c.client_id)
    .join(lanes, lanes.c.campaign_id == campaigns.c.id)
    .where(lanes.c.id == sa.bindparam("lane"))
)
_ATTEMPT = (
    "id", "contact_id", "debtor_id", "campaign_id", "lane_id", "ordinal", "number", "message_key", "saved_at",
)  # fmt: skip
_SAVE = Bulk(_ATTEMPT, lambda _: attempts.insert())
_CONTACT = contacts.update().where(contacts.c.id == sa.bindparam("contact"))
_DIAL = Bulk(
    (),
    lambda _: _CONTACT.values(state=ContactState.DIALING, attempts=sa.bindparam("ordinal"), waits_for=sa.null()),
)
_PUT_OFF = Bulk(
    (),
    lambda _: _CONTACT.values(state=ContactState.WAITING, due_at=sa.bindparam("until"), waits_for=sa.bindparam("rule")),
)
_FINISH = Bulk((), lambda _: _CONTACT.values(state=ContactState.FINISHED, finished=sa.bindparam("reason")))
_FREE = Bulk(
    (),
    lambda _: _CONTACT.values(
        state=sa.bindparam("new_state"),
        due_at=sa.bindparam("next_due"),
        finished=sa.bindparam("reason"),
        waits_for=sa.null(),
        **{column.name: sa.bindparam(f"new_{column.name}") for column in STAND},
    ),
)
_CLOSING = (
    "placed_at", "started_at", "rang_at", "answered_at", "message_at", "ended_at", "heard_ms", "disposition",
    "counted", "platform_code",
)  # fmt: skip
_CLOSE = Bulk(
    (),
    lambda _: (
        attempts.update()
        .where(attempts.c.id == sa.bindparam("attempt"), attempts.c.disposition.is_(None))
        .values({name: sa.bindparam(name) for name in _CLOSING})
    ),
)
_STILL_OPEN = (
    sa.select(attempts.c.id)
    .where(attempts.c.id.in_(sa.bindparam("attempts", expanding=True)), attempts.c.disposition.is_(None))
    .order_by(attempts.c.id)
    .with_for_update()
)
_STAND = (
    sa.select(contacts.c.id, contacts.c.finished, *STAND)
    .where(contacts.c.id.in_(sa.bindparam("contacts", expanding=True)))
    .with_for_update()
)
_CALLED = Bulk(
    (),
    lambda _: (
        numbers.update()
        .where(numbers.c.contact_id == sa.bindparam("contact"), numbers.c.e164 == sa.bindparam("number"))
        .values(attempts=sa.bindparam("made"), retired=sa.bindparam("why"))
    ),
)
_OPEN: sa.Select[Any] = sa.select(
    *(attempts.c[name] for name in ("id", "contact_id", "campaign_id", "lane_id", "ordinal", "number", "message_key")),
    attempts.c.saved_at,
).where(sa.text("attempts.disposition IS NULL"))


class SqlLedger:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def wake(self, now: datetime) -> int:
        return await self._db.write(_wake, now)

    async def lease(
        self, lane_id: int, limit: int, decide: Decide, now: datetime, horizon: timedelta
    ) -> Sequence[Attempt]:
        return await self._db.write(_lease, lane_id, limit, decide, now, horizon)

    async def conclude(self, conclusions: Sequence[Conclusion], decide: DecideNext) -> None:
        await self._db.write(_conclude, conclusions, decide)

    async def finish_lane(self, lane_id: int, reason: FinishReason, now: datetime, limit: int) -> int:
        return await self._db.write(finish_lane, lane_id, reason, now, limit)

    async def open_attempts(self) -> Sequence[Attempt]:
        return await self._db.read(_open)


def _wake(connection: sa.Connection, now: datetime) -> int:
    return connection.execute(
        contacts.update().where(_IS_DUE, contacts.c.due_at <= now).values(state=ContactState.READY)
    ).rowcount


def _lease(
    connection: sa.Connection, lane_id: int, limit: int, decide: Decide, now: datetime, horizon: timedelta
) -> list[Attempt]:
    if is_stopped(connection):
        raise Stopped
    due = connection.execute(_PICK, {"lane": lane_id, "most": limit}).all()
    if not due:
        return []
    listed = numbers_of(connection, (row.id for row in due))
    known = standing(
        connection,
        connection.execute(_CLIENT, {"lane": lane_id}).scalar_one(),
        {row.debtor_id for row in due},
        {number.e164 for row in due for number in listed[row.id]},
        now - horizon,
        now,
    )
    decided = []
    for row in due:
        answer = decide(candidate(row, listed[row.id], known))
        if isinstance(answer, Attempt):
            known.add(row.debtor_id, answer)
        decided.append((row, answer))
    leased = [(row.debtor_id, answer) for row, answer in decided if isinstance(answer, Attempt)]
    if leased:
        _SAVE.run(connection, [_row(debtor, attempt) for debtor, attempt in leased])
        _DIAL.run(connection, [{"contact": a.contact_id, "ordinal": a.ordinal} for _, a in leased])
    _leave(connection, decided, now)
    return [attempt for _, attempt in leased]


def candidate(row: Any, listed: Sequence[Number], known: Standing) -> Candidate:
    """A contact as a decision sees it; ``row`` has the columns ``CANDIDATE``."""
    mine = known.may_be_called(row.debtor_id, listed)
    return Candidate(
        row.id,
        row.debtor_id,
        row.attempts,
        row.message_key or "",  # none yet: never of one that is due
        row.message_day or date.min,
        stand_of(row, mine),
        known.of_debtor[row.debtor_id],
        {number.e164: known.of_number[number.e164] for number in mine},
        is_suppressed=known.is_suppressed(row.debtor_id),
    )


def _leave(
    connection: sa.Connection, decided: Iterable[tuple[Any, Attempt | Wait | Done | None]], now: datetime
) -> None:
    """Those that are not called now: put off, or finished, which is told of. To be called last."""
    put_off, ended = [], defaultdict(list)
    for row, answer in decided:
        if isinstance(answer, Wait):
            put_off.append({"contact": row.id, "until": answer.until, "rule": answer.rule})
        elif isinstance(answer, Done):
            ended[answer.reason].append(row.id)
    if put_off:
        _PUT_OFF.run(connection, put_off)
    if ended:
        _FINISH.run(connection, [{"contact": each, "reason": reason} for reason, ids in ended.items() for each in ids])
        goes_on = set(begin_next_round(connection, [each for ids in ended.values() for each in ids]))
        tell_finished(
            connection, {why: [each for each in ids if each not in goes_on] for why, ids in ended.items()}, now
        )


def _row(debtor_id: int, attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "contact_id": attempt.contact_id,
        "debtor_id": debtor_id,
        "campaign_id": attempt.campaign_id,
        "lane_id": attempt.lane_id,
        "ordinal": attempt.ordinal,
        "number": attempt.number,
        "message_key": attempt.message_key,
        "saved_at": attempt.started_at,
    }


def _conclude(connection: sa.Connection, conclusions: Sequence[Conclusion], decide: DecideNext) -> None:
    told: dict[str, Conclusion] = {}
    for each in conclusions:
        told.setdefault(each.attempt.id, each)
    closing = [told[attempt] for attempt in connection.execute(_STILL_OPEN, {"attempts": list(told)}).scalars()]
    if not closing:
        return
    contact_ids = [each.attempt.contact_id for each in closing]
    of = numbers_of(connection, contact_ids)
    stand = {row.id: row for row in connection.execute(_STAND, {"contacts": contact_ids})}
    decided = [
        (each, decide(each, stand_of(stand[each.attempt.contact_id], of[each.attempt.contact_id]))) for each in closing
    ]
    closed = [_closing(each) for each in closing]
    _CLOSE.run(connection, closed)
    _CALLED.run(
        connection,
        [
            {"contact": each.attempt.contact_id, "number": number.e164, "made": number.attempts, "why": number.retired}
            for each, end in decided
            for number in end.stand.numbers
            if number.e164 == each.attempt.number
        ],
    )
    freed = [_freed(each, end, stand[each.attempt.contact_id].finished) for each, end in decided]
    _FREE.run(connection, freed)
    goes_on = set(begin_next_round(connection, [row["contact"] for row in freed if row["reason"]]))
    tell_calls(
        connection,
        [
            CallOver(each.attempt, row, None if contact["contact"] in goes_on else contact["reason"])
            for each, row, contact in zip(closing, closed, freed, strict=True)
        ],
    )


def _closing(each: Conclusion) -> dict[str, Any]:
    call = each.call
    return {
        "attempt": each.attempt.id,
        "placed_at": None if each.disposition is Disposition.WITHDRAWN else call.placed_at,
        "started_at": call.started_at,
        "rang_at": call.rang_at,
        "answered_at": call.answered_at,
        "message_at": call.message_at,
        "ended_at": call.ended_at,
        "heard_ms": call.message.heard // timedelta(milliseconds=1) if call.message else None,
        "disposition": each.disposition,
        "counted": each.counted,
        "platform_code": call.platform_code[:40] or None,
    }


def _freed(each: Conclusion, end: Concluded, called_off: str | None) -> dict[str, Any]:
    row = {"contact": each.attempt.contact_id, **stood(end.stand)}
    # Should a newer list name the contact again, the spacing after this attempt still holds.
    done = row | {"new_state": ContactState.FINISHED, "next_due": end.rest_until}
    if isinstance(end.next, Done):
        return done | {"reason": end.next.reason}
    if called_off:  # a list that came during the call says to call it no more
        return done | {"reason": called_off}
    return row | {"new_state": ContactState.WAITING, "next_due": end.next.due_at, "reason": None}


def _open(connection: sa.Connection) -> list[Attempt]:
    return [Attempt(*row) for row in connection.execute(_OPEN)]
