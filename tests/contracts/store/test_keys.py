"""Does a key open what it should, for as long as it should, and nothing afterwards?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.audit import Action
from dialer.ports.store import AuditFilter, Key
from tests.support.stores import NOW

KEY = Key("dz0123456789", frozenset({"batches:write", "campaigns:read"}), "CL-CZYNSZ", "księgowość")
FIRST, SECOND, THIRD = "a" * 64, "b" * 64, "c" * 64
HOUR = timedelta(hours=1)


async def opens(store: SqlStore, secret_hash: str, later: timedelta = timedelta()) -> bool:
    return await store.key(KEY.prefix, secret_hash, NOW + later) is not None


async def test_a_key_is_known_by_its_secret(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)

    assert await store.key(KEY.prefix, FIRST, NOW) == KEY
    assert await store.key(KEY.prefix, SECOND, NOW) is None
    assert await store.key("dzunknown", FIRST, NOW) is None


async def test_an_operators_key_belongs_to_no_client(store: SqlStore) -> None:
    await store.add_key(replace(KEY, client_id=None, label="Ł" * 300), FIRST, NOW)

    found = await store.key(KEY.prefix, FIRST, NOW)
    assert found is not None
    assert found.client_id is None


async def test_a_key_may_have_every_scope_there_will_ever_be(store: SqlStore) -> None:
    key = replace(KEY, scopes=frozenset(f"something-{n}:write" for n in range(60)))
    await store.add_key(key, FIRST, NOW)

    assert await store.key(KEY.prefix, FIRST, NOW) == key


async def test_a_key_opens_until_the_moment_it_expires(store: SqlStore) -> None:
    await store.add_key(replace(KEY, expires_at=NOW + HOUR), FIRST, NOW)

    assert await opens(store, FIRST, HOUR - timedelta(seconds=1))
    assert not await opens(store, FIRST, HOUR)


async def test_a_revoked_key_opens_nothing_and_says_when(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    revoked = await store.revoke_key(KEY.prefix, NOW + HOUR, "cli")

    assert not await opens(store, FIRST, HOUR)
    assert revoked is not None
    assert revoked.revoked_at == NOW + HOUR


async def test_revoking_twice_keeps_the_first_moment(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    first = await store.revoke_key(KEY.prefix, NOW, "cli")

    assert await store.revoke_key(KEY.prefix, NOW + HOUR, "cli") == first


async def test_both_secrets_open_until_the_grace_is_over(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    await store.rotate_key(KEY.prefix, SECOND, NOW + HOUR, NOW, "cli")

    assert await opens(store, FIRST)
    assert await opens(store, SECOND)
    assert not await opens(store, FIRST, HOUR)
    assert await opens(store, SECOND, HOUR)


async def test_a_secret_before_the_last_two_opens_nothing(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    for secret in (SECOND, THIRD):
        await store.rotate_key(KEY.prefix, secret, NOW + HOUR, NOW, "cli")

    assert [await opens(store, secret) for secret in (FIRST, SECOND, THIRD)] == [False, True, True]


@pytest.mark.parametrize("end", ["revoked", "expired", "unknown"])
async def test_what_opens_nothing_is_given_no_other_secret(store: SqlStore, end: str) -> None:
    if end != "unknown":
        await store.add_key(replace(KEY, expires_at=NOW + HOUR if end == "expired" else None), FIRST, NOW)
    if end == "revoked":
        await store.revoke_key(KEY.prefix, NOW, "cli")

    assert await store.rotate_key(KEY.prefix, SECOND, NOW + 3 * HOUR, NOW + 2 * HOUR, "cli") is None
    assert not await opens(store, SECOND)


async def test_the_last_use_is_shown(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    await store.key_used(KEY.prefix, NOW + HOUR)

    found = await store.key_view(KEY.prefix)
    assert found is not None
    assert found.key.last_used_at == NOW + HOUR


async def test_a_key_may_ask_as_often_as_was_said_last(store: SqlStore) -> None:
    await store.add_key(replace(KEY, per_second=0.5), FIRST, NOW)
    for per_second in (0.5, 200.0, None):
        paced = await store.pace_key(KEY.prefix, per_second, NOW, "cli")
        found = await store.key(KEY.prefix, FIRST, NOW)

        assert paced is not None
        assert found is not None
        assert paced.key.per_second == found.per_second == per_second


async def test_what_changed_in_how_often_a_key_may_ask_is_written_down(store: SqlStore) -> None:
    await store.add_key(KEY, FIRST, NOW)
    for per_second in (None, 5.0, 5.0):
        await store.pace_key(KEY.prefix, per_second, NOW, "key:dz0")

    [entry] = await store.audit(AuditFilter(action=Action.KEY_PACED), 0, 9)
    assert (entry.change.actor, entry.change.subject) == ("key:dz0", KEY.prefix)
    assert (entry.change.before, entry.change.after) == (
        {"requests_per_second": None},
        {"requests_per_second": 5.0},
    )


async def test_keys_come_in_pages_and_a_clients_apart(store: SqlStore) -> None:
    for n in range(5):
        client = "CL-CZYNSZ" if n % 2 else None
        await store.add_key(replace(KEY, prefix=f"dz{n}", client_id=client), FIRST, NOW)

    first = await store.keys(None, "", 3)
    second = await store.keys(None, first[-1].key.prefix, 3)

    assert [each.key.prefix for each in (*first, *second)] == ["dz0", "dz1", "dz2", "dz3", "dz4"]
    assert [each.key.prefix for each in await store.keys("CL-CZYNSZ", "", 9)] == ["dz1", "dz3"]


async def test_nobody_changes_what_is_not_there(store: SqlStore) -> None:
    assert await store.revoke_key(KEY.prefix, NOW, "cli") is None
    assert await store.pace_key(KEY.prefix, 5.0, NOW, "cli") is None
    assert await store.key_view(KEY.prefix) is None
