"""Which attempts were made, and how did each end?

The ledger of calls: an attempt is saved before its call is placed, and closed once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import replied
from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.contact_tables import contacts, numbers
from dialer.adapters.store.database import Database, change_cases_one_by_one, urgent
from dialer.adapters.store.finishing import finish_lane
from dialer.adapters.store.leasing import Decide, lease, wake
from dialer.adapters.store.rounds import begin_next_round
from dialer.adapters.store.standing import STAND, numbers_of, stand_of, stood
from dialer.adapters.store.telling import CallOver, tell_calls
from dialer.core.call import Call
from dialer.core.retry import Done, Stand
from dialer.model import Attempt, ContactState, Disposition, FinishReason
from dialer.ports.store import WOKEN, Concluded, Conclusion

DecideNext = Callable[[Conclusion, Stand], Concluded]

_CONTACT = contacts.update().where(contacts.c.id == sa.bindparam("contact"))
_FREE = Bulk(
    (),
    lambda _: _CONTACT.values(
        state=sa.bindparam("new_state"),
        due_at=sa.bindparam("next_due"),
        finished=sa.bindparam("reason"),
        waits_for=sa.bindparam("first"),
        appointment_at=sa.bindparam("agreed_at"),
        appointment_agent=sa.bindparam("agreed_by"),
        appointment_number=sa.bindparam("agreed_on"),
        **{column.name: sa.bindparam(f"new_{column.name}") for column in STAND},
    ),
)
_CLOSING = (
    "placed_at", "started_at", "rang_at", "answered_at", "waiting_at", "joined_at", "message_at", "ended_at",
    "heard_ms", "disposition", "counted", "platform_code", "trunk", "flow", "answers", "detection",
)  # fmt: skip
_CLOSE = Bulk(
    (),
    lambda _: (
        attempts.update()
        .where(attempts.c.id == sa.bindparam("attempt"), attempts.c.disposition.is_(None))
        .values({name: sa.bindparam(name) for name in _CLOSING})
    ),
)
# A message that was made anew during its call is not what was heard: of that nothing is known any more.
_HEARD = (
    attempts.update()
    .where(attempts.c.id.in_(sa.bindparam("attempts", expanding=True)))
    .values(
        heard_text=sa.select(contacts.c.message_text)
        .where(contacts.c.id == attempts.c.contact_id, contacts.c.message_key == attempts.c.message_key)
        .scalar_subquery()
    )
)
_STILL_OPEN = (
    sa.select(attempts.c.id)
    .where(attempts.c.id.in_(sa.bindparam("attempts", expanding=True)), attempts.c.disposition.is_(None))
    .order_by(attempts.c.id)
    .with_for_update()
)
_AGREED = ("appointment_at", "appointment_agent", "appointment_number")
_STAND = (
    sa.select(*(contacts.c[name] for name in ("id", "finished", "next_round", *_AGREED)), *STAND)
    .where(contacts.c.id.in_(sa.bindparam("contacts", expanding=True)))
    .with_for_update()
)
_CALLED = Bulk(
    (),
    lambda _: (
        numbers.update()
        .where(numbers.c.contact_id == sa.bindparam("contact"), numbers.c.e164 == sa.bindparam("number"))
        .values(attempts=sa.bindparam("made"), retired=sa.bindparam("why"), congested=sa.bindparam("tries"))
    ),
)
_OPEN: sa.Select[Any] = sa.select(
    *(attempts.c[name] for name in ("id", "contact_id", "campaign_id", "lane_id", "ordinal", "number", "message_key")),
    attempts.c.saved_at,
).where(sa.text("attempts.disposition IS NULL"))


class SqlLedger:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def wake(self, now: datetime, most: int = WOKEN) -> Mapping[int, int]:
        return await self._db.write(wake, now, most)

    async def lease(
        self, lane_id: int, limit: int, decide: Decide, now: datetime, horizon: timedelta
    ) -> Sequence[Attempt]:
        return await self._db.write(lease, lane_id, limit, decide, now, horizon)

    async def conclude(self, conclusions: Sequence[Conclusion], decide: DecideNext) -> None:
        await self._db.write(_conclude, conclusions, decide)

    async def finish_lane(self, lane_id: int, reason: FinishReason, now: datetime, limit: int) -> int:
        return await self._db.write(finish_lane, lane_id, reason, now, limit)

    async def open_attempts(self) -> Sequence[Attempt]:
        return await self._db.read(_open)


@urgent
def _conclude(connection: sa.Connection, conclusions: Sequence[Conclusion], decide: DecideNext) -> None:
    if any(map(replied.has_said, conclusions)):
        change_cases_one_by_one(connection)
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
    closed = [_closing(each, end.counted) for each, end in decided]
    _CLOSE.run(connection, closed)
    if heard := [row["attempt"] for row in closed if row["heard_ms"]]:
        connection.execute(_HEARD, {"attempts": heard})
    _CALLED.run(
        connection,
        [
            {"contact": each.attempt.contact_id, "number": number.e164, "made": number.attempts, "why": number.retired}
            | {"tries": number.congested}
            for each, end in decided
            for number in end.stand.numbers
            if number.e164 == each.attempt.number
        ],
    )
    freed = [_freed(each, end, stand[each.attempt.contact_id]) for each, end in decided]
    _FREE.run(connection, freed)
    reminded = [row["contact"] for row in freed if row["reason"] and stand[row["contact"]].next_round]
    goes_on = set(begin_next_round(connection, reminded))
    follows = replied.carry_out(connection, closing)
    tell_calls(
        connection,
        [
            CallOver(each.attempt, row, None if contact["contact"] in goes_on else contact["reason"])
            for each, row, contact in zip(closing, closed, freed, strict=True)
        ],
    )
    replied.tell(connection, follows)


def _closing(each: Conclusion, counted: bool) -> dict[str, Any]:
    call = each.call
    return {
        "attempt": each.attempt.id,
        "placed_at": None if each.disposition is Disposition.WITHDRAWN else call.placed_at,
        "started_at": call.started_at,
        "rang_at": call.rang_at,
        "answered_at": call.answered_at,
        "waiting_at": call.waiting_at,
        "joined_at": call.joined_at,
        "message_at": call.message_at,
        "ended_at": call.ended_at,
        "heard_ms": call.message.heard // timedelta(milliseconds=1) if call.message else None,
        "disposition": each.disposition,
        "counted": counted,
        "platform_code": call.platform_code[:40] or None,
        "trunk": each.trunk,
        "flow": call.message and call.message.flow,
        "answers": replied.written(call.message.answers) if call.message else None,
        "detection": _detection(call),
    }


def _detection(call: Call) -> dict[str, Any] | None:
    if call.detection is None:
        return None
    return call.detection.to_json() | {"message_left": call.message is not None and call.message.is_left}


def _freed(each: Conclusion, end: Concluded, before: Any) -> dict[str, Any]:
    called_off: str | None = before.finished
    row = {"contact": each.attempt.contact_id, "first": None, **stood(end.stand)}
    # An attempt that does not count uses no call-back up that was agreed before.
    agreed = (end.call_back_at, None, None) if end.counted else (getattr(before, name) for name in _AGREED)
    row["agreed_at"], row["agreed_by"], row["agreed_on"] = agreed
    # Should a newer list name the contact again, the spacing after this attempt still holds.
    done = row | {"new_state": ContactState.FINISHED, "next_due": end.rest_until}
    if isinstance(end.next, Done):
        return done | {"reason": end.next.reason}
    if called_off:  # a list that came during the call says to call it no more
        return done | {"reason": called_off}
    return row | {
        "new_state": ContactState.WAITING,
        "next_due": end.next.due_at,
        "reason": None,
        "first": end.waits_for,
    }


def _open(connection: sa.Connection) -> list[Attempt]:
    return [Attempt(*row) for row in connection.execute(_OPEN)]
