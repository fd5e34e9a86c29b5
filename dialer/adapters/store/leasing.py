"""Who is due, and which of them are called now?

An attempt is saved in the transaction that picks its contact: whoever decides later sees it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk, is_among, portions
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import campaigns, lanes
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import urgent
from dialer.adapters.store.rounds import begin_next_round
from dialer.adapters.store.standing import STAND, Standing, numbers_of, stand_of, standing
from dialer.adapters.store.stop import is_stopped
from dialer.adapters.store.telling import tell_finished
from dialer.core.choice import Candidate, Wait
from dialer.core.retry import Done, Number
from dialer.model import Attempt, ContactState
from dialer.ports.store import Stopped

Answer = Attempt | Wait | Done | None
Decide = Callable[[Candidate], Answer]

# After an edit of a plan many are due that are not called: so many are judged at once, so often, for one lease.
LOOK = 50
LOOKS = 10

# Written as they stand in the partial indexes: with a bound value in its place SQLite would not use them.
_IS_READY = sa.text("contacts.state = 'ready'")
_IS_AGREED = sa.text("contacts.state = 'ready' AND contacts.appointment_at IS NOT NULL")
_IS_DUE = sa.text("contacts.state = 'waiting' AND contacts.message_key IS NOT NULL")

CANDIDATE = (
    contacts.c.id, contacts.c.debtor_id, contacts.c.attempts, contacts.c.message_key, contacts.c.message_day,
    contacts.c.appointment_at, contacts.c.appointment_agent, contacts.c.appointment_number, contacts.c.batch, *STAND,
)  # fmt: skip
_DUE_FIRST = (
    sa.select(contacts.c.id)
    .where(_IS_DUE, contacts.c.due_at <= sa.bindparam("now"))
    .order_by(contacts.c.due_at)
    .limit(sa.bindparam("most"))
)
_PICK = (
    sa.select(*CANDIDATE)
    .where(_IS_READY, contacts.c.lane_id == sa.bindparam("lane"))
    .order_by(contacts.c.due_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)  # PostgreSQL: what another engine is leasing at this moment is not for us
)
# Whoever was promised a call at that moment comes before all others of the lane.
_PICK_AGREED = (
    sa.select(*CANDIDATE)
    .where(_IS_AGREED, contacts.c.lane_id == sa.bindparam("lane"))
    .order_by(contacts.c.appointment_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLIENT = (
    sa.select(campaigns.c.client_id)
    .join(lanes, lanes.c.campaign_id == campaigns.c.id)
    .where(lanes.c.id == sa.bindparam("lane"))
)
_ATTEMPT = (
    "id", "contact_id", "debtor_id", "campaign_id", "lane_id", "batch", "ordinal", "number", "message_key", "saved_at",
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


def wake(connection: sa.Connection, now: datetime, most: int) -> Counter[int]:
    """Contacts that are due and have a message become ready, the first due first; how many in each lane."""
    found: Counter[int] = Counter()
    for ids in portions(connection.execute(_DUE_FIRST, {"now": now, "most": most}).scalars().all()):
        # Asked again: what another transaction has finished meanwhile stays finished.
        waking = contacts.update().where(is_among(connection, contacts.c.id, ids), _IS_DUE)
        found.update(
            connection.execute(waking.values(state=ContactState.READY).returning(contacts.c.lane_id)).scalars()
        )
    return found


@urgent
def lease(
    connection: sa.Connection, lane_id: int, limit: int, decide: Decide, now: datetime, horizon: timedelta
) -> list[Attempt]:
    """Save an attempt for each of so many contacts that the decision makes one of."""
    if is_stopped(connection):
        raise Stopped
    leased: list[Attempt] = []
    for look in range(LOOKS):
        wanted = limit - len(leased)
        portion = wanted if look == 0 else max(wanted, LOOK)
        decided = _decided(connection, lane_id, portion, wanted, decide, now, horizon)
        _save(connection, decided)
        _leave(connection, decided, now)
        leased += [answer for _, answer in decided if isinstance(answer, Attempt)]
        # Those that were left as they are would be picked again.
        if len(leased) == limit or len(decided) < portion or any(answer is None for _, answer in decided):
            break
    return leased


def _decided(
    connection: sa.Connection,
    lane_id: int,
    portion: int,
    wanted: int,
    decide: Decide,
    now: datetime,
    horizon: timedelta,
) -> list[tuple[Any, Answer]]:
    """What is decided of so many due contacts, the first due first, until as many as wanted are to be called."""
    due = _due(connection, {"lane": lane_id, "most": portion})[:portion]
    if not due:
        return []
    listed = numbers_of(connection, (row.id for row in due))
    known = standing(
        connection,
        connection.execute(_CLIENT, {"lane": lane_id}).scalar_one(),
        {row.debtor_id for row in due},
        {number.e164 for row in due for number in listed[row.id]},
        now - horizon,
    )
    decided: list[tuple[Any, Answer]] = []
    for row in due:
        answer = decide(candidate(row, listed[row.id], known))
        decided.append((row, answer))
        if isinstance(answer, Attempt):
            known.add(row.debtor_id, answer)
            wanted -= 1
            if not wanted:
                break
    return decided


def _due(connection: sa.Connection, which: dict[str, int]) -> list[Any]:
    agreed = connection.execute(_PICK_AGREED, which).all()
    first = {row.id for row in agreed}
    return [*agreed, *(row for row in connection.execute(_PICK, which) if row.id not in first)]


def _save(connection: sa.Connection, decided: Iterable[tuple[Any, Answer]]) -> None:
    leased = [(row, answer) for row, answer in decided if isinstance(answer, Attempt)]
    if leased:
        _SAVE.run(connection, [_row(row, attempt) for row, attempt in leased])
        _DIAL.run(connection, [{"contact": a.contact_id, "ordinal": a.ordinal} for _, a in leased])


def candidate(row: Any, listed: Sequence[Number], known: Standing) -> Candidate:
    """A contact as a decision sees it; ``row`` has the columns ``CANDIDATE``."""
    mine = known.wishes.may_be_called(row.debtor_id, listed)
    return Candidate(
        row.id,
        row.debtor_id,
        row.attempts,
        row.message_key or "",  # none yet: never of one that is due
        row.message_day or date.min,
        stand_of(row, mine),
        known.of_debtor[row.debtor_id],
        {number.e164: known.of_number[number.e164] for number in mine},
        is_suppressed=known.wishes.protect(row.debtor_id),
        appointment_at=row.appointment_at,
        appointment_agent=row.appointment_agent,
        appointment_number=row.appointment_number,
    )


def _leave(connection: sa.Connection, decided: Iterable[tuple[Any, Answer]], now: datetime) -> None:
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


def _row(contact: Any, attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "contact_id": attempt.contact_id,
        "debtor_id": contact.debtor_id,
        "campaign_id": attempt.campaign_id,
        "lane_id": attempt.lane_id,
        "batch": contact.batch,
        "ordinal": attempt.ordinal,
        "number": attempt.number,
        "message_key": attempt.message_key,
        "saved_at": attempt.started_at,
    }
