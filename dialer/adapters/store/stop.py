"""Which order is in force for the whole engine, and has it been carried out?"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database, urgent
from dialer.adapters.store.feed import append
from dialer.adapters.store.refusal_tables import stop_order
from dialer.adapters.store.schema import insert
from dialer.core.audit import Action, Change, difference
from dialer.core.feed import EventType, FeedEvent
from dialer.ports.store import StopOrder

_IN_FORCE = sa.select(stop_order).where(stop_order.c.id == 1)
_IS_STOPPED = sa.select(stop_order.c.is_stopped).where(stop_order.c.id == 1)
_CHANGE = stop_order.update().where(stop_order.c.id == 1)


class SqlStopOrders:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def stop_order(self) -> StopOrder:
        return await self._db.read(_stop_order)

    async def order_stop(self, actor: str, reason: str | None, now: datetime, *, hangs_up: bool) -> StopOrder:
        return await self._db.write(_order, actor, reason, now, is_stopped=True, hangs_up=hangs_up)

    async def order_resume(self, actor: str, reason: str | None, now: datetime) -> StopOrder:
        return await self._db.write(_order, actor, reason, now, is_stopped=False, hangs_up=False)

    async def stop_order_obeyed(self, revision: int, now: datetime) -> StopOrder:
        return await self._db.write(_obeyed, revision, now)


def is_stopped(connection: sa.Connection) -> bool:
    """Asked by whoever saves attempts, in the same transaction."""
    return bool(connection.execute(_IS_STOPPED).scalar())


def _stop_order(connection: sa.Connection) -> StopOrder:
    row = connection.execute(_IN_FORCE).one_or_none()
    return StopOrder() if row is None else _shown(row)


def _shown(row: Any) -> StopOrder:
    return StopOrder(
        row.revision, row.is_stopped, row.hangs_up, row.reason, row.actor, row.ordered_at, row.obeyed, row.obeyed_at
    )


@urgent
def _order(
    connection: sa.Connection, actor: str, reason: str | None, now: datetime, *, is_stopped: bool, hangs_up: bool
) -> StopOrder:
    first = {
        "id": 1, "is_stopped": False, "hangs_up": False, "revision": 0, "actor": "", "ordered_at": now, "obeyed": 0,
    }  # fmt: skip
    connection.execute(insert(connection, stop_order).on_conflict_do_nothing(), first)
    before = _shown(connection.execute(_IN_FORCE.with_for_update()).one())
    if before.is_stopped == is_stopped and (before.hangs_up or not hangs_up):
        return _stop_order(connection)
    after = StopOrder(before.revision + 1, is_stopped, hangs_up, reason, actor, now, before.obeyed, before.obeyed_at)
    connection.execute(
        _CHANGE.values(
            is_stopped=is_stopped,
            hangs_up=hangs_up,
            revision=after.revision,
            reason=reason,
            actor=actor,
            ordered_at=now,
        )
    )
    note(connection, _changed(before, after, now))
    append(connection, [_told(after, now)])
    return after


def _changed(before: StopOrder, after: StopOrder, now: datetime) -> Change:
    action = Action.ENGINE_STOPPED if after.is_stopped else Action.ENGINE_RESUMED
    was, is_now = difference(_written(before), _written(after))
    return Change(action, now, after.actor, "", "engine", was, is_now)


def _written(order: StopOrder) -> dict[str, Any]:
    return {
        "stopped": order.is_stopped,
        "hang_up": order.hangs_up,
        "reason": order.reason,
        "revision": order.revision,
    }


def _told(order: StopOrder, now: datetime) -> FeedEvent:
    type_ = EventType.ENGINE_STOPPED if order.is_stopped else EventType.ENGINE_RESUMED
    body = {"revision": order.revision, "reason": order.reason}
    if order.is_stopped:
        body["hang_up"] = order.hangs_up
    return FeedEvent(type_, now, client_id="", actor=order.actor, body=body)


def _obeyed(connection: sa.Connection, revision: int, now: datetime) -> StopOrder:
    connection.execute(_CHANGE.where(stop_order.c.obeyed < revision).values(obeyed=revision, obeyed_at=now))
    return _stop_order(connection)
