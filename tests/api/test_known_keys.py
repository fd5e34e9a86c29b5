import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from api.known_keys import FRESH, USE_NOTED_EVERY, KnownKeys
from dialer.adapters.store import SqlStore
from dialer.ports.store import Key
from tests.support.api import NOON, Api

KEY = Key("dz0123456789", frozenset({"campaigns:read"}), "CL-ENERGIA", "CRM")
SECRET = "a" * 64
A_LITTLE = timedelta(milliseconds=1)


class Counted(SqlStore):
    """A store that says how often it was asked for a key, and may be held up before it answers."""

    def __init__(self, api: Api) -> None:
        super().__init__(api.store._db)
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def key(self, prefix: str, secret_hash: str, now: datetime) -> Key | None:
        found = await super().key(prefix, secret_hash, now)
        self.asked += 1
        await self.answers.wait()
        return found


async def counted(api: Api, key: Key = KEY) -> Counted:
    store = Counted(api)
    await store.add_key(key, SECRET, NOON)
    return store


async def test_a_key_that_has_just_opened_is_not_looked_up_again(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)

    assert [await known.key(store, KEY.prefix, SECRET, NOON) for _ in range(3)] == [KEY] * 3
    assert store.asked == 1


async def test_a_key_that_another_process_revoked_opens_for_a_second_at_most(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    assert await known.key(store, KEY.prefix, SECRET, NOON) == KEY
    await api.store.revoke_key(KEY.prefix, NOON, "cli")

    assert await known.key(store, KEY.prefix, SECRET, NOON + FRESH - A_LITTLE) == KEY
    assert await known.key(store, KEY.prefix, SECRET, NOON + FRESH) is None


async def test_another_secret_opens_nothing_because_the_right_one_has(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    await known.key(store, KEY.prefix, SECRET, NOON)

    assert await known.key(store, KEY.prefix, "b" * 64, NOON) is None


async def test_a_refusal_is_not_remembered(api: Api) -> None:
    known, store = KnownKeys(), Counted(api)
    assert await known.key(store, KEY.prefix, SECRET, NOON) is None
    await store.add_key(KEY, SECRET, NOON)

    assert await known.key(store, KEY.prefix, SECRET, NOON) == KEY


async def test_a_key_that_expires_within_the_second_opens_until_then(api: Api) -> None:
    expiring = replace(KEY, expires_at=NOON + FRESH / 2)
    known, store = KnownKeys(), await counted(api, expiring)
    assert await known.key(store, KEY.prefix, SECRET, NOON) == expiring

    assert await known.key(store, KEY.prefix, SECRET, NOON + FRESH / 2) is None


async def test_a_clock_that_was_put_back_keeps_no_key_open(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    await known.key(store, KEY.prefix, SECRET, NOON)
    await api.store.revoke_key(KEY.prefix, NOON, "cli")

    assert await known.key(store, KEY.prefix, SECRET, NOON - timedelta(hours=1)) is None


async def test_what_was_read_before_a_change_is_not_kept_after_it(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    store.answers.clear()
    reading = asyncio.create_task(known.key(store, KEY.prefix, SECRET, NOON))
    async with asyncio.timeout(10):
        while not store.asked:
            await asyncio.sleep(0)
    await store.revoke_key(KEY.prefix, NOON, "cli")
    known.forget()
    store.answers.set()
    await reading

    assert await known.key(store, KEY.prefix, SECRET, NOON) is None


async def test_a_key_is_looked_up_once_for_all_who_wait_for_it(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    store.answers.clear()
    first, *others = [asyncio.create_task(known.key(store, KEY.prefix, SECRET, NOON)) for _ in range(5)]
    async with asyncio.timeout(10):
        while not store.asked:
            await asyncio.sleep(0)
        first.cancel()
        store.answers.set()
        assert await asyncio.gather(*others) == [KEY] * 4
    assert store.asked == 1


async def test_whoever_asks_after_a_change_is_not_told_what_was_read_before(api: Api) -> None:
    known, store = KnownKeys(), await counted(api)
    store.answers.clear()
    before = asyncio.create_task(known.key(store, KEY.prefix, SECRET, NOON))
    async with asyncio.timeout(10):
        while not store.asked:
            await asyncio.sleep(0)
        await store.revoke_key(KEY.prefix, NOON, "cli")
        known.forget()
        after = asyncio.create_task(known.key(store, KEY.prefix, SECRET, NOON))
        while store.asked < 2:
            await asyncio.sleep(0)
        store.answers.set()
        assert await before == KEY
        assert await after is None


async def test_a_key_that_expires_while_it_is_looked_up_opens_nothing_more(api: Api) -> None:
    expiring = replace(KEY, expires_at=NOON + A_LITTLE)
    known, store = KnownKeys(), await counted(api, expiring)
    store.answers.clear()
    sooner, later = [asyncio.create_task(known.key(store, KEY.prefix, SECRET, at)) for at in (NOON, NOON + A_LITTLE)]
    async with asyncio.timeout(10):
        while not store.asked:
            await asyncio.sleep(0)
        store.answers.set()
        assert (await sooner, await later) == (expiring, None)


async def test_no_more_secrets_are_remembered_than_there_is_room_for(api: Api) -> None:
    known, store = KnownKeys(most=2), await counted(api)
    for prefix in ("dz1", "dz2"):
        await store.add_key(replace(KEY, prefix=prefix), SECRET, NOON)
    for prefix in (KEY.prefix, "dz1", "dz2", "dz2", KEY.prefix):
        await known.key(store, prefix, SECRET, NOON)

    assert store.asked == 4


def test_of_all_who_use_a_key_at_once_one_writes_it_down_every_minute() -> None:
    known = KnownKeys()
    moments = [NOON, NOON, NOON + USE_NOTED_EVERY - A_LITTLE, NOON + USE_NOTED_EVERY, NOON + USE_NOTED_EVERY]

    assert [known.is_use_to_be_noted(KEY, at) for at in moments] == [True, False, False, True, False]


def test_what_another_process_has_just_written_down_is_not_written_again() -> None:
    used = replace(KEY, last_used_at=NOON)

    assert not KnownKeys().is_use_to_be_noted(used, NOON + USE_NOTED_EVERY - A_LITTLE)
    assert KnownKeys().is_use_to_be_noted(used, NOON + USE_NOTED_EVERY)
