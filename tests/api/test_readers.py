"""Is it written down who reads personal data, before they do, and without keeping others from writing?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from api.readers import Readers
from api.sender import Sender
from api.service import Service
from dialer.adapters.store import SqlStore
from dialer.ports.store import Access, StoreFailed
from tests.support.api import Api
from tests.support.ear import PATIENCE

SENDER = Sender("dz1", "key:dz1", frozenset(), None)


class Slow(SqlStore):
    """A store that writes down who reads once it is let; ``written``: what, each time."""

    def __init__(self, api: Api) -> None:
        super().__init__(api.store._db)
        self.written: list[list[str]] = []
        self.goes_on = asyncio.Event()
        self.fails = False

    async def note_accesses(self, accesses: Sequence[Access]) -> None:
        self.written.append([access.subject for access in accesses])
        await self.goes_on.wait()
        if self.fails:
            raise StoreFailed("no space left on device")


def slow(api: Api) -> tuple[Slow, Service]:
    store = Slow(api)
    return store, replace(api.service, store=store)


def note(readers: Readers, service: Service, *contacts: int) -> list[asyncio.Task[Any]]:
    return [
        asyncio.create_task(readers.note(SENDER, "contacts.show", {"contact_id": each}, service)) for each in contacts
    ]


async def begun(store: Slow) -> None:
    async with asyncio.timeout(PATIENCE):
        while not store.written:
            await asyncio.sleep(0)


async def test_those_who_ask_meanwhile_are_written_down_together(api: Api) -> None:
    (store, service), readers = slow(api), Readers()
    first = note(readers, service, 1)
    await begun(store)
    others = note(readers, service, 2, 3, 3, 1)
    await asyncio.sleep(0)
    assert not any(each.done() for each in (*first, *others))
    store.goes_on.set()
    await asyncio.gather(*first, *others)

    assert store.written == [["1"], ["2", "3", "1"]]


async def test_what_was_written_down_is_not_written_again_within_the_minute(api: Api) -> None:
    (store, service), readers = slow(api), Readers()
    store.goes_on.set()
    for _ in range(2):
        await asyncio.gather(*note(readers, service, 1))

    assert store.written == [["1"]]


async def test_nobody_is_shown_anything_that_could_not_be_written_down(api: Api) -> None:
    (store, service), readers = slow(api), Readers()
    store.fails = True
    store.goes_on.set()
    for each in note(readers, service, 1, 2):
        with pytest.raises(StoreFailed):
            await each
    store.fails = False
    await asyncio.gather(*note(readers, service, 1, 2))

    assert store.written == [["1", "2"]] * 2


async def test_whoever_goes_away_leaves_the_others_written_down(api: Api) -> None:
    (store, service), readers = slow(api), Readers()
    leaving, staying = note(readers, service, 1, 2)
    await begun(store)
    leaving.cancel()
    store.goes_on.set()
    await staying

    assert store.written == [["1", "2"]]
