"""How far has the erasure of a debtor come?

ordered ──► wiped ──► done

Each step is a transaction of its own, and may be tried again after a crash.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import erasures
from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.calloffs import called_off
from dialer.adapters.store.campaign_tables import batches
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.feed import append
from dialer.adapters.store.finishing import finish
from dialer.adapters.store.pseudonyms import first_pseudonyms, pseudonyms
from dialer.adapters.store.staging import Staging
from dialer.adapters.store.telling import tell_finished
from dialer.adapters.store.wiping import Doomed, doomed, wipe
from dialer.core.audit import Action, Change
from dialer.core.feed import EventType, FeedEvent
from dialer.model import Disposition, FinishReason
from dialer.ports.store import Erasure, ErasureBegun, ErasureState

_UNFINISHED = erasures.c.state != ErasureState.DONE


class SqlErasures:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin_erasure(self, client_id: str, debtor_ref: str, actor: str, now: datetime) -> ErasureBegun | None:
        return await self._db.write(_begin, client_id, debtor_ref, actor, now)

    async def wipe(self, erasure_id: int, audio_files: int, now: datetime) -> bool:
        return await self._db.write(_wipe, erasure_id, audio_files, now)

    async def complete_erasure(self, erasure_id: int, audio_files: int, now: datetime) -> bool:
        waiting = await self._db.aside(Staging(self._db).batches)
        if await self._db.read(_came_before, erasure_id, waiting) or not await self._db.aside(self._db.cut_log):
            return False
        await self._db.write(_complete, erasure_id, audio_files, now)
        await self._db.aside(self._db.cut_log)  # the order's own name; if it is read now, the next checkpoint does it
        return True

    async def unfinished_erasures(self) -> Sequence[Erasure]:
        return await self._db.read(_page, sa.select(erasures).where(_UNFINISHED).order_by(erasures.c.id))

    async def erasure(self, erasure_id: int) -> Erasure | None:
        found = await self._db.read(_page, sa.select(erasures).where(erasures.c.id == erasure_id))
        return found[0] if found else None

    async def erasures(self, client_id: str | None, after: int, limit: int) -> Sequence[Erasure]:
        query = sa.select(erasures).where(erasures.c.id > after).order_by(erasures.c.id).limit(limit)
        return await self._db.read(
            _page, query if client_id is None else query.where(erasures.c.client_id == client_id)
        )


def _begin(connection: sa.Connection, client_id: str, ref: str, actor: str, now: datetime) -> ErasureBegun | None:
    change_cases_one_by_one(connection)
    who = doomed(connection, client_id, ref)
    known = _known(connection, client_id, ref)
    if who is None:
        return None if known is None else ErasureBegun(known, False, 0, [])
    is_new = known is None or known.state is ErasureState.DONE
    erasure = _order(connection, client_id, ref, actor, now) if known is None or is_new else known
    finished = finish(connection, contacts.c.id.in_(who.contacts), FinishReason.ERASED)
    # Also those who are finished for a reason that may be over one day.
    connection.execute(contacts.update().where(contacts.c.id.in_(who.contacts)).values(finished=FinishReason.ERASED))
    ending = called_off(connection, {(row.campaign_id, who.key) for row in _contacts(connection, who)})
    if is_new:
        note(connection, Change(Action.ERASURE_ORDERED, now, actor, client_id, str(erasure.id)))
    tell_finished(connection, {FinishReason.ERASED: finished}, now, actor)
    return ErasureBegun(erasure, is_new, len(finished) + len({each.contact_id for each in ending}), ending)


def _known(connection: sa.Connection, client_id: str, ref: str) -> Erasure | None:
    """The last of this debtor."""
    names = pseudonyms(connection)
    if names is None:
        return None
    theirs = (erasures.c.client_id == client_id) & (erasures.c.pseudonym == names.debtor(client_id, ref))
    found = _page(connection, sa.select(erasures).where(theirs).order_by(erasures.c.id.desc()).limit(1))
    return found[0] if found else None


def _order(connection: sa.Connection, client_id: str, ref: str, actor: str, now: datetime) -> Erasure:
    name = first_pseudonyms(connection).debtor(client_id, ref)
    row = connection.execute(
        erasures.insert().returning(*erasures.c),
        {
            "client_id": client_id, "pseudonym": name, "debtor_ref": ref, "state": ErasureState.ORDERED,
            "actor": actor, "ordered_at": now, "removed": {},
        },
    ).one()  # fmt: skip
    return _erasure(row)


def _contacts(connection: sa.Connection, who: Doomed) -> Sequence[Any]:
    return connection.execute(sa.select(contacts.c.campaign_id).where(contacts.c.id.in_(who.contacts))).all()


def _wipe(connection: sa.Connection, erasure_id: int, audio_files: int, now: datetime) -> bool:
    change_cases_one_by_one(connection)
    [erasure] = _page(connection, sa.select(erasures).where(erasures.c.id == erasure_id).with_for_update())
    if erasure.state is not ErasureState.ORDERED:
        return True
    assert erasure.debtor_ref is not None  # noqa: S101  it is removed with the last step
    who = doomed(connection, erasure.client_id, erasure.debtor_ref)
    if who is None:  # wiped under another order
        _note_step(connection, erasure, ErasureState.WIPED, {"audio_files": audio_files})
        return True
    if _is_being_called(connection, who):
        return False
    removed = wipe(connection, who, first_pseudonyms(connection), erasure.actor, now)
    _note_step(connection, erasure, ErasureState.WIPED, {**removed, "audio_files": audio_files})
    told = Change(Action.ERASURE_CARRIED_OUT, now, erasure.actor, erasure.client_id, str(erasure.id), after=removed)
    note(connection, told)
    append(connection, [_told(erasure, row, now) for row in who.cases])
    return True


def _told(erasure: Erasure, case: Any, now: datetime) -> FeedEvent:
    said, actor = {"erasure_id": erasure.id}, erasure.actor[:40]
    return FeedEvent(EventType.CASE_ERASED, now, erasure.client_id, case.case_id, actor, case.campaign_id, body=said)


def _is_being_called(connection: sa.Connection, who: Doomed) -> bool:
    """Whether something may still be written of a call: its end, or what an agent says of it."""
    is_talk = (attempts.c.disposition == Disposition.CONNECTED) & attempts.c.outcome.is_(None)
    open_ones = sa.exists().where(attempts.c.debtor_id == who.key, attempts.c.disposition.is_(None) | is_talk)
    return bool(connection.execute(sa.select(open_ones)).scalar_one())


def _came_before(connection: sa.Connection, erasure_id: int, waiting: Sequence[int]) -> bool:
    """Whether one of these lists was begun before the erasure was ordered: it may hold the debtor."""
    ordered_at = sa.select(erasures.c.ordered_at).where(erasures.c.id == erasure_id).scalar_subquery()
    earlier = sa.exists().where(batches.c.id.in_(waiting), batches.c.received_at <= ordered_at)
    return bool(connection.execute(sa.select(earlier)).scalar_one())


def _complete(connection: sa.Connection, erasure_id: int, audio_files: int, now: datetime) -> None:
    [erasure] = _page(connection, sa.select(erasures).where(erasures.c.id == erasure_id).with_for_update())
    _note_step(connection, erasure, ErasureState.DONE, {"audio_files": audio_files}, done_at=now, debtor_ref=None)


def _note_step(
    connection: sa.Connection, erasure: Erasure, state: ErasureState, removed: dict[str, int], **more: Any
) -> None:
    total = {name: erasure.removed.get(name, 0) + removed.get(name, 0) for name in {**erasure.removed, **removed}}
    this = erasures.update().where(erasures.c.id == erasure.id)
    connection.execute(this.values(state=state, removed=total, **more))


def _page(connection: sa.Connection, query: sa.Select[Any]) -> list[Erasure]:
    return [_erasure(row) for row in connection.execute(query)]


def _erasure(row: Any) -> Erasure:
    return Erasure(
        row.id, row.client_id, row.pseudonym, row.debtor_ref, ErasureState(row.state), row.actor, row.ordered_at,
        row.done_at, row.removed,
    )  # fmt: skip
