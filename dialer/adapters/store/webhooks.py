"""Who is told of events, and how far have they been told?

A row for each subscription says where its deliveries stand and when the next one is due: nothing lives in timers.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import dead_letters, webhooks
from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database
from dialer.adapters.store.event_tables import event_counter
from dialer.core.audit import Action, Change, difference
from dialer.core.feed import EventType
from dialer.core.webhooks import WebhookState
from dialer.ports.store import DeadLetter, Progress, Webhook, WebhookChange


class SqlWebhooks:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def add_webhook(
        self,
        client_id: str | None,
        url: str,
        types: Collection[EventType] | None,
        secret: str,
        after: int | None,
        actor: str,
        now: datetime,
    ) -> Webhook:
        return await self._db.write(_add, client_id, url, types, secret, after, actor, now)

    async def webhook(self, webhook_id: int, now: datetime) -> Webhook | None:
        found = await self._db.read(_find, sa.select(webhooks).where(webhooks.c.id == webhook_id), now)
        return found[0] if found else None

    async def webhooks(self, client_id: str | None, after: int, limit: int, now: datetime) -> Sequence[Webhook]:
        query = sa.select(webhooks).where(webhooks.c.id > after).order_by(webhooks.c.id).limit(limit)
        if client_id is not None:
            query = query.where(webhooks.c.client_id == client_id)
        return await self._db.read(_find, query, now)

    async def change_webhook(self, webhook_id: int, change: WebhookChange, actor: str, now: datetime) -> Webhook:
        return await self._db.write(_change, webhook_id, _changes(change), Action.WEBHOOK_CHANGED, actor, now)

    async def rotate_webhook(
        self, webhook_id: int, secret: str, former_until: datetime, actor: str, now: datetime
    ) -> Webhook:
        values = {"secret": secret, "former_secret": webhooks.c.secret, "former_until": former_until}
        return await self._db.write(_change, webhook_id, values, Action.WEBHOOK_ROTATED, actor, now)

    async def replay_webhook(self, webhook_id: int, after: int, actor: str, now: datetime) -> Webhook:
        return await self._db.write(
            _change, webhook_id, {"told": after, **_AFRESH}, Action.WEBHOOK_REPLAYED, actor, now
        )

    async def remove_webhook(self, webhook_id: int, actor: str, now: datetime) -> bool:
        return await self._db.write(_remove, webhook_id, actor, now)

    async def due_webhooks(self, now: datetime) -> Sequence[Webhook]:
        last = sa.select(event_counter.c.last).scalar_subquery()
        is_due = webhooks.c.next_at.is_(None) | (webhooks.c.next_at <= now)
        query = sa.select(webhooks).where(webhooks.c.state == WebhookState.ACTIVE, is_due, webhooks.c.told < last)
        return await self._db.read(_find, query.order_by(webhooks.c.id), now)

    async def told_webhook(self, webhook: Webhook, progress: Progress, dead: DeadLetter | None = None) -> bool:
        return await self._db.write(_told, webhook, progress, dead)

    async def dead_letters(self, webhook_id: int, after: int, limit: int) -> Sequence[DeadLetter]:
        return await self._db.read(_dead, webhook_id, after, limit)


_AFRESH: dict[str, Any] = {"tries": 0, "tried_since": None, "next_at": None, "because": None}


def _add(
    connection: sa.Connection,
    client_id: str | None,
    url: str,
    types: Collection[EventType] | None,
    secret: str,
    after: int | None,
    actor: str,
    now: datetime,
) -> Webhook:
    last: int = connection.execute(sa.select(event_counter.c.last)).scalar_one()
    values = {
        "client_id": client_id,
        "url": url,
        "types": _kept(types),
        "state": WebhookState.ACTIVE,
        "secret": secret,
        "created_at": now,
        "revision": 1,
        "told": last if after is None else after,
        "tries": 0,
    }
    made = _webhook(connection.execute(webhooks.insert().returning(*webhooks.c), values).one(), now)
    _note(connection, Action.WEBHOOK_CREATED, None, made, actor, now)
    return made


def _find(connection: sa.Connection, query: sa.Select[Any], now: datetime) -> list[Webhook]:
    return [_webhook(row, now) for row in connection.execute(query)]


def _known(connection: sa.Connection, webhook_id: int, now: datetime) -> Webhook:
    query = sa.select(webhooks).where(webhooks.c.id == webhook_id).with_for_update()
    found = _find(connection, query, now)
    if not found:
        raise KeyError(f"there is no webhook {webhook_id}")
    return found[0]


def _changes(change: WebhookChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.url is not None:
        values |= {"url": change.url, **_AFRESH}
    if change.types is not None:
        values["types"] = _kept(change.types)
    if change.is_paused is not None:
        values |= {"state": WebhookState.PAUSED if change.is_paused else WebhookState.ACTIVE, **_AFRESH}
    return values


def _change(
    connection: sa.Connection, webhook_id: int, values: dict[str, Any], action: Action, actor: str, now: datetime
) -> Webhook:
    before = _known(connection, webhook_id, now)
    changing = webhooks.update().where(webhooks.c.id == webhook_id).returning(*webhooks.c)
    row = connection.execute(changing.values(**values, revision=webhooks.c.revision + 1)).one()
    after = _webhook(row, now)
    _note(connection, action, before, after, actor, now)
    return after


def _remove(connection: sa.Connection, webhook_id: int, actor: str, now: datetime) -> bool:
    try:
        before = _known(connection, webhook_id, now)
    except KeyError:
        return False
    connection.execute(dead_letters.delete().where(dead_letters.c.webhook_id == webhook_id))
    connection.execute(webhooks.delete().where(webhooks.c.id == webhook_id))
    _note(connection, Action.WEBHOOK_REMOVED, before, None, actor, now)
    return True


def _told(connection: sa.Connection, webhook: Webhook, progress: Progress, dead: DeadLetter | None) -> bool:
    noted = (
        webhooks.update()
        .where(webhooks.c.id == webhook.id, webhooks.c.revision == webhook.revision)
        .values(
            told=progress.told,
            tries=progress.tries,
            tried_since=progress.tried_since,
            next_at=progress.next_at,
            because=progress.because and progress.because[:300],
            state=progress.state,
        )
    )
    if connection.execute(noted).rowcount == 0:
        return False
    if dead is not None:
        connection.execute(dead_letters.delete().where(_is_letter(webhook.id, dead.seq)))  # given up once more
        letter = {"webhook_id": webhook.id, "seq": dead.seq, "tries": dead.tries, "because": dead.because[:300]}
        connection.execute(dead_letters.insert(), letter | {"given_up_at": dead.given_up_at})
    return True


def _is_letter(webhook_id: int, seq: int) -> sa.ColumnElement[bool]:
    return (dead_letters.c.webhook_id == webhook_id) & (dead_letters.c.seq == seq)


def _dead(connection: sa.Connection, webhook_id: int, after: int, limit: int) -> list[DeadLetter]:
    query = (
        sa.select(dead_letters.c.seq, dead_letters.c.tries, dead_letters.c.because, dead_letters.c.given_up_at)
        .where(dead_letters.c.webhook_id == webhook_id, dead_letters.c.seq > after)
        .order_by(dead_letters.c.seq)
        .limit(limit)
    )
    return [DeadLetter(*row) for row in connection.execute(query)]


def _note(
    connection: sa.Connection,
    action: Action,
    before: Webhook | None,
    after: Webhook | None,
    actor: str,
    now: datetime,
) -> None:
    meant = after or before
    if meant is None:
        raise ValueError("neither before nor after")
    was, is_now = difference(_written(before), _written(after))
    note(connection, Change(action, now, actor, meant.client_id or "", str(meant.id), was, is_now))


def _written(webhook: Webhook | None) -> dict[str, Any]:
    if webhook is None:
        return {}
    return {
        "url": webhook.url,
        "types": _kept(webhook.types),
        "state": webhook.state,
        "told": webhook.told,
        "revision": webhook.revision,
    }


def _kept(types: Collection[EventType] | None) -> list[str] | None:
    return sorted(types) if types else None


def _webhook(row: Any, now: datetime) -> Webhook:
    is_changing = row.former_secret is not None and row.former_until is not None and now < row.former_until
    return Webhook(
        id=row.id,
        client_id=row.client_id,
        url=row.url,
        types=None if row.types is None else frozenset(map(EventType, row.types)),
        state=WebhookState(row.state),
        secrets=[row.secret, row.former_secret] if is_changing else [row.secret],
        created_at=row.created_at,
        revision=row.revision,
        told=row.told,
        tries=row.tries,
        tried_since=row.tried_since,
        next_at=row.next_at,
        because=row.because,
    )
