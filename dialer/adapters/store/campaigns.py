"""Which campaigns are there, in which state, by which rules, and how do they stand?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import plan_changes
from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import batches, campaigns, lanes
from dialer.adapters.store.clients import register
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.mistaken import mistaken
from dialer.adapters.store.schema import insert
from dialer.core.audit import Action, Change, difference
from dialer.core.budget_settings import BudgetSettings
from dialer.core.feed import ENGINE
from dialer.core.plan import CampaignSettings, Mailing, lane
from dialer.core.rules import Rule
from dialer.core.topic import TopicSettings
from dialer.model import AttemptRules, CampaignState, ContactState, FinishReason, Lane
from dialer.ports.store import Campaign, CampaignFigures, Conflict

# What a rendered message depends on: a change of any of these makes it stale.
_SPOKEN = (
    "mode", "brand", "brand_neutral", "creditor", "callback_number", "language", "languages", "voice", "message",
    "identity", "windows", "callback_hours", "machine_detection", "voicemail_message",
    "scenario", "scenario_version", "promise_within_days", "promise_grace_days", "promise_reminder", "promise_broken",
    "deadline_days", "block_subject", "registry", *TopicSettings.model_fields, "holidays",
)  # fmt: skip

# What contacts wait for: after a change of any of these some may be called sooner.
_WAITED_FOR = ("gap_minutes", "retry", "holidays", *BudgetSettings.model_fields, *TopicSettings.model_fields)


# After a change of any of these the plan may be over for those who go on, or go on for those for whom it was over.
_OVER_BY = ("attempts", "retry")

# Whoever is finished for one of these is called again only when a newer list names them: by that list's settings.
_FOR_GOOD = (
    FinishReason.DELIVERED, FinishReason.REPLIED, FinishReason.NO_NUMBER, FinishReason.REPLACED, FinishReason.EXPIRED,
)  # fmt: skip

_ONE = sa.select(campaigns).where(campaigns.c.id == sa.bindparam("campaign"))
_LANES = (
    sa.select(
        lanes.c.id, lanes.c.timezone, lanes.c.campaign_id, campaigns.c.state, campaigns.c.settings,
        batches.c.batch_id, batches.c.mailing,
    )
    .join(campaigns, campaigns.c.id == lanes.c.campaign_id)
    .outerjoin(batches, batches.c.id == lanes.c.batch)
    .order_by(lanes.c.id)
)  # fmt: skip


class SqlCampaigns:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def campaign(self, campaign_id: str) -> Campaign | None:
        return await self._db.read(_one, campaign_id)

    async def campaigns(self, client_id: str | None) -> Sequence[Campaign]:
        return await self._db.read(all_campaigns, client_id)

    async def put_campaign(
        self,
        campaign_id: str,
        settings: CampaignSettings,
        now: datetime,
        revision: int | None,
        actor: str = ENGINE,
    ) -> Campaign:
        return await self._db.write(put_campaign, campaign_id, settings, now, revision, actor)

    async def set_campaign_state(
        self, campaign_id: str, state: CampaignState, now: datetime, actor: str = ENGINE
    ) -> None:
        await self._db.write(_set_state, campaign_id, state, now, actor)

    async def mailings(self, campaign_id: str) -> Mapping[str, Mailing]:
        return await self._db.read(_mailings, campaign_id)

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


def _one(connection: sa.Connection, campaign_id: str, *, for_update: bool = False) -> Campaign | None:
    row = connection.execute(_ONE.with_for_update() if for_update else _ONE, {"campaign": campaign_id}).one_or_none()
    return None if row is None else _campaign(row)


def all_campaigns(connection: sa.Connection, client_id: str | None) -> list[Campaign]:
    query = sa.select(campaigns).order_by(campaigns.c.id)
    if client_id is not None:
        query = query.where(campaigns.c.client_id == client_id)
    return [_campaign(row) for row in connection.execute(query)]


def put_campaign(
    connection: sa.Connection,
    campaign_id: str,
    settings: CampaignSettings,
    now: datetime,
    revision: int | None,
    actor: str,
) -> Campaign:
    before = _one(connection, campaign_id, for_update=True)
    if before and before.settings.client_id != settings.client_id:
        raise Conflict(f"campaign {campaign_id} belongs to another client")
    if revision is not None and revision != (before.revision if before else 0):
        raise _changed(campaign_id)
    after = Campaign(
        campaign_id,
        before.state if before else CampaignState.DRAFT,
        settings,
        before.revision + 1 if before else 1,
        now,
    )
    if before is None:
        _create(connection, after)
        register(connection, settings.client_id, now, actor)
    else:
        _change(connection, before, after, actor)
    note(connection, _put_by(actor, before, after))
    return after


def _put_by(actor: str, before: Campaign | None, after: Campaign) -> Change:
    action = Action.CAMPAIGN_CREATED if before is None else Action.CAMPAIGN_CHANGED
    was, is_now = difference(_told(before) if before else {}, _told(after))
    return Change(action, after.updated_at, actor, after.settings.client_id, after.id, was, is_now)


def _told(campaign: Campaign) -> dict[str, Any]:
    return {**campaign.settings.model_dump(mode="json"), "revision": campaign.revision}


def _changed(campaign_id: str) -> Conflict:
    return Conflict(f"campaign {campaign_id} has changed since it was read")


def _create(connection: sa.Connection, campaign: Campaign) -> None:
    values = {
        "id": campaign.id,
        "client_id": campaign.settings.client_id,
        "state": campaign.state,
        "settings": campaign.settings.model_dump(mode="json"),
        "revision": campaign.revision,
        "created_at": campaign.updated_at,
        "updated_at": campaign.updated_at,
    }
    create = insert(connection, campaigns).on_conflict_do_nothing().returning(campaigns.c.id)
    if connection.execute(create, values).one_or_none() is None:  # another engine was quicker
        raise _changed(campaign.id)


def _change(connection: sa.Connection, before: Campaign, after: Campaign, actor: str) -> None:
    connection.execute(
        campaigns.update()
        .where(campaigns.c.id == after.id)
        .values(settings=after.settings.model_dump(mode="json"), revision=after.revision, updated_at=after.updated_at)
    )
    if _differ(before, after, _SPOKEN):
        render_anew(connection, contacts.c.campaign_id == after.id)
    if _differ(before, after, _WAITED_FOR):
        _ask_again(connection, contacts.c.campaign_id == after.id, after.updated_at)
    if edited := _edited_rules(connection, before, after):
        plan_changes.follow(connection, after.id, after.settings.client_id, edited, after.updated_at, actor)


def _edited_rules(connection: sa.Connection, before: Campaign, after: Campaign) -> dict[int, AttemptRules]:
    """The rules of the lanes in which the plan is over sooner or later than before."""
    if not _differ(before, after, _OVER_BY):
        return {}
    rows = connection.execute(_LANES.where(lanes.c.campaign_id == after.id)).all()
    plans = [(_lane(row, before.settings).rules, _lane(row, after.settings)) for row in rows]
    return {
        now.id: now.rules
        for then, now in plans
        if (then.per_number, then.retry) != (now.rules.per_number, now.rules.retry)
    }


def _differ(before: Campaign, after: Campaign, names: Sequence[str]) -> bool:
    return any(getattr(before.settings, name) != getattr(after.settings, name) for name in names)


def _ask_again(connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> None:
    """Whoever waits for a moment set by older rules is judged by the new ones, which may set another."""
    waiting = contacts.update().where(
        which,
        contacts.c.state == ContactState.WAITING,
        contacts.c.due_at > now,
        contacts.c.waits_for.is_distinct_from(Rule.NEXT_ROUND),
        contacts.c.waits_for.is_distinct_from(Rule.WRAP_UP),
    )
    connection.execute(waiting.values(due_at=now, waits_for=None, held_until=None))


def _set_state(connection: sa.Connection, campaign_id: str, state: CampaignState, now: datetime, actor: str) -> None:
    before = _one(connection, campaign_id, for_update=True)
    if before is None or before.state is state:
        return
    connection.execute(campaigns.update().where(campaigns.c.id == campaign_id).values(state=state, updated_at=now))
    was, is_now = {"state": before.state}, {"state": state}
    change = Change(Action.CAMPAIGN_COMMANDED, now, actor, before.settings.client_id, campaign_id, was, is_now)
    note(connection, change)


def _counts(connection: sa.Connection, column: sa.Column[Any], *which: sa.ColumnElement[bool]) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(*which).group_by(column)
    return {key or "open": count for key, count in connection.execute(query)}


def _figures(connection: sa.Connection, campaign_id: str) -> CampaignFigures:
    ours = contacts.c.campaign_id == campaign_id
    held = sa.select(sa.func.count()).where(ours, contacts.c.held_because.is_not(None))
    return CampaignFigures(
        contacts=_counts(connection, contacts.c.state, ours),
        finished=_counts(connection, contacts.c.finished, ours, contacts.c.state == ContactState.FINISHED),
        attempts=_counts(connection, attempts.c.disposition, attempts.c.campaign_id == campaign_id),
        held=connection.execute(held).scalar_one(),
        mistaken=mistaken(connection, campaign_id),
    )


def _mailings(connection: sa.Connection, campaign_id: str) -> dict[str, Mailing]:
    may_be_called = contacts.c.finished.is_(None) | contacts.c.finished.not_in(_FOR_GOOD)
    has_lane = sa.exists().where(
        lanes.c.batch == batches.c.id,
        lanes.c.campaign_id == campaign_id,
        sa.exists().where(contacts.c.campaign_id == campaign_id, contacts.c.lane_id == lanes.c.id, may_be_called),
    )
    client = sa.select(campaigns.c.client_id).where(campaigns.c.id == campaign_id).scalar_subquery()
    is_coming = (batches.c.state == "receiving") & batches.c.owner.in_(["", client])
    query = sa.select(batches.c.batch_id, batches.c.mailing).where(has_lane | is_coming).order_by(batches.c.id)
    return {row.batch_id: Mailing.model_validate(row.mailing) for row in connection.execute(query) if row.mailing}


def _lanes(connection: sa.Connection) -> list[tuple[Lane, CampaignState]]:
    return [
        (_lane(row, CampaignSettings.model_validate(row.settings)), CampaignState(row.state))
        for row in connection.execute(_LANES)
    ]


def _lane(row: Any, settings: CampaignSettings) -> Lane:
    mailing = Mailing.model_validate(row.mailing) if row.mailing else None
    return lane(row.id, row.campaign_id, settings, row.batch_id, mailing, row.timezone)
