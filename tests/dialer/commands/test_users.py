"""Can an admin who cannot come in be helped without the API?"""

from pathlib import Path

import pytest

from api.passwords import Passwords
from dialer.adapters.clock import SystemClock
from dialer.adapters.store import Database, SqlStore
from dialer.commands import users
from dialer.config import ConfigurationProblem, Settings
from dialer.core.lockout import FREE
from dialer.ports.store import Role, Standing, User


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path}/dzwonek.db")


async def kept(settings: Settings, *, is_spoilt: bool = False) -> User:
    """Ewa, as she is kept; first locked out, disabled and with a device that she has lost, if she is spoilt."""
    database = Database(settings.database)
    store, now = SqlStore(database), SystemClock().now()
    try:
        if is_spoilt:
            await store.prepare_factor("ewa", "S" * 32)
            await store.confirm_factor("ewa", 1, frozenset({"x"}), now, "test")
            for _ in range(FREE):
                await store.failed("ewa", now)
            await store.change_user("ewa", Standing(Role.ADMIN, None, None, is_enabled=False), now, "test")
        found = await store.user("ewa")
        assert found is not None
        return found
    finally:
        await database.close()


async def test_an_admin_is_made_with_a_password_for_once(settings: Settings) -> None:
    password = await users.admin(settings, "ewa")

    ewa = await kept(settings)
    assert (ewa.role, ewa.must_change) == (Role.ADMIN, True)
    assert await Passwords().fits(password, ewa.password_hash)
    with pytest.raises(ConfigurationProblem, match="dzwonek users reset ewa"):
        await users.admin(settings, "ewa")


async def test_whoever_is_reset_comes_in_with_the_new_password_alone(settings: Settings) -> None:
    await users.admin(settings, "ewa")
    spoilt = await kept(settings, is_spoilt=True)
    assert (spoilt.is_enabled, spoilt.locked_until is None, spoilt.totp_secret is None) == (False, False, False)

    password = await users.reset(settings, "ewa")

    ewa = await kept(settings)
    assert await Passwords().fits(password, ewa.password_hash)
    assert (ewa.is_enabled, ewa.locked_until, ewa.totp_secret, ewa.must_change) == (True, None, None, True)


async def test_nobody_is_reset_who_is_not_there(settings: Settings) -> None:
    with pytest.raises(ConfigurationProblem, match="dzwonek users list"):
        await users.reset(settings, "nobody")


async def test_everybody_is_listed_without_a_secret(settings: Settings) -> None:
    password = await users.admin(settings, "ewa")
    listed = await users.listing(settings)
    assert [line.split()[:2] for line in listed.splitlines()] == [["NAME", "ROLE"], ["ewa", "admin"]]
    assert password not in listed
    await kept(settings, is_spoilt=True)
    assert "disabled" in await users.listing(settings)
