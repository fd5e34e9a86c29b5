"""Can keys be made, shown, rotated and revoked without the API?"""

from datetime import timedelta
from pathlib import Path

import pytest

from api.key_form import parts
from dialer.adapters.clock import SystemClock
from dialer.adapters.store import Database, SqlStore
from dialer.commands import keys
from dialer.config import ConfigurationProblem, Settings

DAY = timedelta(days=1)
SCOPES = frozenset({"campaigns:read"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path}/dzwonek.db")


async def opens(settings: Settings, token: str, later: timedelta = timedelta()) -> bool:
    named, database = parts(token), Database(settings.database)
    assert named is not None
    try:
        return await SqlStore(database).key(*named, SystemClock().now() + later) is not None
    finally:
        await database.close()


async def test_a_key_opens_until_it_is_revoked(settings: Settings) -> None:
    token = await keys.create(settings, SCOPES, None, "CRM")
    assert await opens(settings, token, 10_000 * DAY)

    assert "opens nothing" in await keys.revoke(settings, token.partition(".")[0])
    assert not await opens(settings, token)


async def test_a_key_may_be_made_for_some_days(settings: Settings) -> None:
    token = await keys.create(settings, SCOPES, None, "trial", 7 * DAY)
    assert await opens(settings, token, 6 * DAY)
    assert not await opens(settings, token, 8 * DAY)


async def test_a_rotated_key_changes_over_within_the_grace(settings: Settings) -> None:
    old = await keys.create(settings, SCOPES, None, "CRM")
    new = await keys.rotate(settings, old.partition(".")[0], DAY)
    assert [await opens(settings, token) for token in (old, new)] == [True, True]
    assert [await opens(settings, token, 2 * DAY) for token in (old, new)] == [False, True]


async def test_a_key_may_be_let_ask_more_often_than_others(settings: Settings) -> None:
    token = await keys.create(settings, SCOPES, None, "CRM", None, 200)
    assert "  200/s  " in await keys.listing(settings)

    assert "as others" in await keys.pace(settings, token.partition(".")[0], None)
    assert "  as others  " in await keys.listing(settings)
    with pytest.raises(ConfigurationProblem, match="no key dz0"):
        await keys.pace(settings, "dz0", 5)


async def test_the_list_shows_every_key_and_no_secret(settings: Settings) -> None:
    made = [
        await keys.create(settings, SCOPES, "CL-ENERGIA", "CRM"),
        await keys.create(settings, SCOPES, None, "trial", DAY),
        await keys.create(settings, SCOPES, None, "lost"),
    ]
    await keys.revoke(settings, made[2].partition(".")[0])

    lines = {line.split()[0]: line for line in (await keys.listing(settings)).splitlines()}
    shown = [lines[token.partition(".")[0]] for token in made]
    assert "CL-ENERGIA" in shown[0]
    assert "opens" in shown[0]
    assert "until" in shown[1]
    assert "revoked" in shown[2]
    assert all("never" in line for line in shown)
    assert not [token for token in made if token.partition(".")[2] in str(lines)]


async def test_what_is_no_key_is_told(settings: Settings) -> None:
    with pytest.raises(ConfigurationProblem, match="keys list"):
        await keys.revoke(settings, "dz0")
    with pytest.raises(ConfigurationProblem, match="keys list"):
        await keys.rotate(settings, "dz0", DAY)
