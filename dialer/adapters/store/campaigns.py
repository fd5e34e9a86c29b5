"""Which campaigns are there, in which state, by which rules, and how do they stand?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.database import Database
from dialer.adapters.store.tables import attempts, batches, campaigns, contacts, lanes
from dialer.core.plan import CampaignSettings, Mailing, lane
from dialer.model import CampaignState, ContactState, Lane
from dialer.ports.store import Campaign, CampaignFigures, Conflict

# What a rendered message depends on: a change of any of these makes it stale.
_SPOKEN = ("brand", "brand_neutral", "creditor", "callback_number", "language", "message", "identity", "windows")


class SqlCampaigns:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def campaign(self, campaign_id: str) -> Campaign | None:
        return await self._db.read(_one, campaign_id)

    async def campaigns(self, client_id: str | None) -> Sequence[Campaign]:
        return await self._db.read(_all, client_id)

    async def put_campaign(
        self, campaign_id: str, settings: CampaignSettings, now: datetime, revision: int | None
    ) -> Campaign:
        return await self._db.write(_put, campaign_id, settings, now, revision)

    async def set_campaign_state(self, campaign_id: str, state: CampaignState, now: datetime) -> None:
        await self._db.write(_set_state, campaign_id, state, now)

    async def campaign_figures(self, campaign_id: str) -> CampaignFigures:
        return await self._db.read(_figures, campaign_id)

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        return await self._db.read(_lanes)


def _campaign(row: Any) -> Campaign:
    return Campaign(
        row.id,
        CampaignState(row.state),
        CampaignSettings.model_validate(row.settings),
        row.revision,
        row.updated_at,
    )


def _one(connection: sa.Connection, campaign_id: str) -> Campaign | None:
    row = connection.execute(sa.select(campaigns).where(campaigns.c.id == campaign_id)).one_or_none()
    return None if row is None else _campaign(row)


def _all(connection: sa.Connection, client_id: str | None) -> list[Campaign]:
    query = sa.select(campaigns).order_by(campaigns.c.id)
    if client_id is not None:
        query = query.where(campaigns.c.client_id == client_id)
    return [_campaign(row) for row in connection.execute(query)]


def _put(
    connection: sa.Connection, campaign_id: str, settings: CampaignSettings, now: datetime, revision: int | None
) -> Campaign:
    before = _one(connection, campaign_id)
    if before and before.settings.client_id != settings.client_id:
        raise Conflict(f"campaign {campaign_id} belongs to another client")
    if revision is not None and revision != (before.revision if before else 0):
        raise Conflict(f"campaign {campaign_id} has changed since it was read")
    values = {"settings": settings.model_dump(mode="json"), "updated_at": now}
    if before is None:
        connection.execute(
            campaigns.insert(),
            {
                "id": campaign_id,
                "client_id": settings.client_id,
                "state": CampaignState.DRAFT,
                "revision": 1,
                "created_at": now,
                **values,
            },
        )
    else:
        connection.execute(
            campaigns.update().where(campaigns.c.id == campaign_id).values(revision=before.revision + 1, **values)
        )
        if any(getattr(before.settings, name) != getattr(settings, name) for name in _SPOKEN):
            _render_anew(connection, campaign_id)
    return Campaign(
        campaign_id,
        before.state if before else CampaignState.DRAFT,
        settings,
        before.revision + 1 if before else 1,
        now,
    )


def _render_anew(connection: sa.Connection, campaign_id: str) -> None:
    connection.execute(
        contacts.update()
        .where(
            contacts.c.campaign_id == campaign_id,
            contacts.c.state.in_([ContactState.WAITING, ContactState.READY]),
        )
        .values(state=ContactState.WAITING, message_key=None, message_text=None, held_because=None, held_until=None)
    )


def _set_state(connection: sa.Connection, campaign_id: str, state: CampaignState, now: datetime) -> None:
    connection.execute(campaigns.update().where(campaigns.c.id == campaign_id).values(state=state, updated_at=now))


def _counts(connection: sa.Connection, table: sa.Table, column: sa.Column[Any], campaign_id: str) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(table.c.campaign_id == campaign_id).group_by(column)
    return {key or "": count for key, count in connection.execute(query)}


def _figures(connection: sa.Connection, campaign_id: str) -> CampaignFigures:
    by_disposition = _counts(connection, attempts, attempts.c.disposition, campaign_id)
    by_reason = _counts(connection, contacts, contacts.c.finished, campaign_id)
    still_open = by_disposition.pop("", 0)
    by_reason.pop("", None)
    held = sa.select(sa.func.count()).where(contacts.c.campaign_id == campaign_id, contacts.c.held_because.is_not(None))
    return CampaignFigures(
        contacts=_counts(connection, contacts, contacts.c.state, campaign_id),
        finished=by_reason,
        attempts=by_disposition | ({"open": still_open} if still_open else {}),
        held=connection.execute(held).scalar_one(),
    )


def _lanes(connection: sa.Connection) -> list[tuple[Lane, CampaignState]]:
    query = (
        sa.select(
            lanes.c.id, lanes.c.timezone, lanes.c.campaign_id, campaigns.c.state, campaigns.c.settings,
            batches.c.batch_id, batches.c.mailing,
        )
        .join(campaigns, campaigns.c.id == lanes.c.campaign_id)
        .outerjoin(batches, batches.c.id == lanes.c.batch)
        .order_by(lanes.c.id)
    )  # fmt: skip
    return [
        (
            lane(
                row.id,
                row.campaign_id,
                CampaignSettings.model_validate(row.settings),
                row.batch_id,
                Mailing.model_validate(row.mailing) if row.mailing else None,
                row.timezone,
            ),
            CampaignState(row.state),
        )
        for row in connection.execute(query)
    ]
