"""Which brands are there, and what is recorded for them?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.brand_tables import brands, prompts
from dialer.adapters.store.campaign_tables import campaigns
from dialer.adapters.store.campaigns import all_campaigns, put_campaign
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database
from dialer.adapters.store.messages import render_anew
from dialer.core.audit import Action, Change, difference
from dialer.core.brands import BrandSettings, under
from dialer.ports.store import Brand, Conflict, Overtaken, Prompt

_BYTES_A_SECOND = 8000


class SqlBrands:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def brand(self, brand_id: str) -> Brand | None:
        return await self._db.read(_one, brand_id)

    async def brands(self) -> Sequence[Brand]:
        return await self._db.read(_all)

    async def put_brand(
        self, brand_id: str, settings: BrandSettings, now: datetime, actor: str, revision: int | None = None
    ) -> Brand:
        return await self._db.write(_put, brand_id, settings, now, actor, revision)

    async def prompts(self, owners: Sequence[str]) -> Sequence[Prompt]:
        return await self._db.read(_prompts, owners)

    async def prompt_audio(self, digest: str) -> bytes | None:
        return await self._db.read(_audio, digest)

    async def put_prompt(self, prompt: Prompt, audio: bytes) -> bool:
        return await self._db.write(_put_prompt, prompt, audio)

    async def remove_prompt(self, owner: str, phrase: str, now: datetime, actor: str) -> bool:
        return await self._db.write(_remove_prompt, owner, phrase, now, actor)


def _brand(row: Any) -> Brand:
    return Brand(row.id, BrandSettings.model_validate(row.settings), row.revision, row.updated_at)


def _one(connection: sa.Connection, brand_id: str, *, for_update: bool = False) -> Brand | None:
    query = sa.select(brands).where(brands.c.id == brand_id)
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return None if row is None else _brand(row)


def _all(connection: sa.Connection) -> list[Brand]:
    return [_brand(row) for row in connection.execute(sa.select(brands).order_by(brands.c.id))]


def _put(
    connection: sa.Connection, brand_id: str, settings: BrandSettings, now: datetime, actor: str, revision: int | None
) -> Brand:
    before = _one(connection, brand_id, for_update=True)
    if revision not in (None, before.revision if before else 0):
        raise Overtaken(f"brand {brand_id} has changed since it was read")
    if before and before.settings.client_id != settings.client_id:
        raise Conflict(f"brand {brand_id} belongs to somebody else")
    presents = sa.select(brands.c.id).where(brands.c.caller_number == settings.caller_number, brands.c.id != brand_id)
    if connection.execute(presents).first():
        raise Conflict(f"another brand presents {settings.caller_number}")
    after = Brand(brand_id, settings, before.revision + 1 if before else 1, now)
    values = {
        "caller_number": settings.caller_number,
        "settings": settings.model_dump(mode="json"),
        "revision": after.revision,
        "updated_at": now,
    }
    connection.execute(
        brands.update().where(brands.c.id == brand_id).values(values)
        if before
        else brands.insert().values(id=brand_id, **values)
    )
    for campaign in all_campaigns(connection, None):
        if campaign.settings.brand_id == brand_id:
            put_campaign(connection, campaign.id, under(brand_id, settings, campaign.settings), now, None, actor)
    was, is_now = difference(_told(before) if before else {}, _told(after))
    note(connection, Change(Action.BRAND_PUT, now, actor, settings.client_id or "", brand_id, was, is_now))
    return after


def _told(brand: Brand) -> dict[str, Any]:
    return {**brand.settings.model_dump(mode="json"), "revision": brand.revision}


def _prompts(connection: sa.Connection, owners: Sequence[str]) -> list[Prompt]:
    columns = [column for column in prompts.c if column is not prompts.c.audio]
    query = sa.select(*columns, sa.func.length(prompts.c.audio).label("size")).where(prompts.c.owner.in_(owners))
    found = [_prompt(row) for row in connection.execute(query.order_by(prompts.c.phrase))]
    return sorted(found, key=lambda prompt: owners.index(prompt.owner))


def _prompt(row: Any) -> Prompt:
    duration = timedelta(seconds=row.size / _BYTES_A_SECOND)
    return Prompt(row.owner, row.phrase, row.words, row.digest, duration, row.updated_at, row.actor)


def _audio(connection: sa.Connection, digest: str) -> bytes | None:
    query = sa.select(prompts.c.audio).where(prompts.c.digest == digest).limit(1)
    return connection.execute(query).scalar_one_or_none()


def _put_prompt(connection: sa.Connection, prompt: Prompt, audio: bytes) -> bool:
    known = _removed(connection, prompt.owner, prompt.phrase)
    values = {
        "owner": prompt.owner,
        "phrase": prompt.phrase,
        "words": prompt.words,
        "digest": prompt.digest,
        "audio": audio,
        "updated_at": prompt.updated_at,
        "actor": prompt.actor,
    }
    connection.execute(prompts.insert(), values)
    _render_anew(connection, prompt.owner)
    said = {"phrase": prompt.phrase, "words": prompt.words, "digest": prompt.digest}
    note(connection, Change(Action.PROMPT_PUT, prompt.updated_at, prompt.actor, "", prompt.owner, after=said))
    return not known


def _remove_prompt(connection: sa.Connection, owner: str, phrase: str, now: datetime, actor: str) -> bool:
    if not _removed(connection, owner, phrase):
        return False
    _render_anew(connection, owner)
    note(connection, Change(Action.PROMPT_REMOVED, now, actor, "", owner, before={"phrase": phrase}))
    return True


def _removed(connection: sa.Connection, owner: str, phrase: str) -> bool:
    which = (prompts.c.owner == owner, prompts.c.phrase == phrase)
    return connection.execute(prompts.delete().where(*which)).rowcount > 0


def _render_anew(connection: sa.Connection, owner: str) -> None:
    """What the owner's campaigns say sounds otherwise from now on."""
    meant = [
        campaign.id
        for campaign in all_campaigns(connection, None)
        if owner in (campaign.settings.brand_id, campaign.settings.client_id)
    ]
    which = sa.select(campaigns.c.id).where(campaigns.c.id.in_(meant))
    render_anew(connection, contacts.c.campaign_id.in_(which))
