"""How does somebody get a key to the API, and how is one changed or revoked, without the API?

A secret is shown once; only its hash is kept.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from api.key_form import new_key
from dialer.adapters.clock import SystemClock
from dialer.adapters.store import Database, SqlStore
from dialer.config import ConfigurationProblem, Settings
from dialer.ports.store import Key, KeyView

ACTOR = "cli"
PAGE = 500
_HEAD = ("PREFIX", "CLIENT", "STATE", "LAST USED", "RATE", "SCOPES", "LABEL")


async def create(
    settings: Settings,
    scopes: frozenset[str],
    client_id: str | None,
    label: str,
    lasts: timedelta | None = None,
    per_second: float | None = None,
) -> str:
    """A new key, as it is to be sent in ``Authorization: Bearer``.

    Args:
        lasts: None: until it is revoked.
        per_second: requests that are answered; None: as many as everybody's.
    """
    now = SystemClock().now()
    async with opened(settings) as store:
        prefix, secret, secret_hash = new_key(secrets.token_bytes)
        expires_at = None if lasts is None else now + lasts
        key = Key(prefix, scopes, client_id, label, expires_at, per_second=per_second)
        await store.add_key(key, secret_hash, now, ACTOR)
    return f"{prefix}.{secret}"


async def rotate(settings: Settings, prefix: str, grace: timedelta) -> str:
    """The key with another secret; the one before it opens for the grace, too.

    Raises:
        ConfigurationProblem: there is no such key that could be used.
    """
    now = SystemClock().now()
    async with opened(settings) as store:
        made = new_key(secrets.token_bytes)
        if await store.rotate_key(prefix, made.secret_hash, now + grace, now, ACTOR) is None:
            raise ConfigurationProblem(f"there is no key {prefix} that opens anything: dzwonek keys list")
    return f"{prefix}.{made.secret}"


async def pace(settings: Settings, prefix: str, per_second: float | None) -> str:
    """What to say of a key that has a rate of its own now, or none; ConfigurationProblem if there is none such."""
    async with opened(settings) as store:
        if await store.pace_key(prefix, per_second, SystemClock().now(), ACTOR) is None:
            raise ConfigurationProblem(f"there is no key {prefix}: dzwonek keys list")
    return f"{prefix} may ask {_rate(per_second)}."


async def revoke(settings: Settings, prefix: str) -> str:
    """What to say of a key that opens nothing any more; ConfigurationProblem if there is none."""
    async with opened(settings) as store:
        if await store.revoke_key(prefix, SystemClock().now(), ACTOR) is None:
            raise ConfigurationProblem(f"there is no key {prefix}: dzwonek keys list")
    return f"{prefix} opens nothing any more."


async def listing(settings: Settings) -> str:
    """Every key in a line, without its secret."""
    now = SystemClock().now()
    lines: list[tuple[str, ...]] = [_HEAD]
    async with opened(settings) as store:
        after = ""
        while page := await store.keys(None, after, PAGE):
            lines += [_line(view, now) for view in page]
            after = page[-1].key.prefix
    return in_columns(lines)


def in_columns(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _line(view: KeyView, now: datetime) -> tuple[str, ...]:
    key = view.key
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
    owner, scopes = key.client_id or "(operator)", " ".join(sorted(key.scopes))
    return (key.prefix, owner, _state(view, now), used, _rate(key.per_second), scopes, key.label)


def _rate(per_second: float | None) -> str:
    return "as others" if per_second is None else f"{per_second:g}/s"


def _state(view: KeyView, now: datetime) -> str:
    expires_at = view.key.expires_at
    if view.revoked_at is not None:
        return f"revoked {view.revoked_at:%Y-%m-%d}"
    if expires_at is None:
        return "opens"
    return f"{'expired' if expires_at <= now else 'until'} {expires_at:%Y-%m-%d}"


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqlStore]:
    database = Database(settings.database)
    try:
        database.migrate()
        yield SqlStore(database)
    finally:
        await database.close()
