"""Is every attempt saved before its call, and made by one engine only?"""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.choice import Candidate, Wait
from dialer.core.retry import Done, Number, Stand
from dialer.model import Attempt, FinishReason, NumberType
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    calls,
    contact_of,
    insist,
    lease,
    ready_all,
    row,
    take,
    voice_all,
)

LATER = NOW + timedelta(hours=2)

pytestmark = pytest.mark.usefixtures("rent")


# ---- who is due -----------------------------------------------------------------------------------------


async def test_a_contact_without_a_message_is_never_due(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    assert await store.wake(LATER) == {}

    await voice_all(store)

    assert await store.wake(LATER) == {1: 1}
    assert await store.wake(LATER) == {}


async def test_a_contact_is_due_at_its_moment_and_not_before(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await voice_all(store)

    assert await store.wake(NOW - timedelta(microseconds=1)) == {}
    assert await store.wake(NOW) == {1: 1}


async def test_who_has_waited_longest_is_called_first(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), now=NOW + timedelta(seconds=2))
    await take(store, "B-2", row("D2"), now=NOW)
    await take(store, "B-3", row("D3"), now=NOW + timedelta(seconds=1))

    attempts = await lease(store, LATER)

    expected = [(await contact_of(store, debtor)).id for debtor in ("D2", "D3", "D1")]
    assert [attempt.contact_id for attempt in attempts] == expected


async def test_of_many_who_are_due_the_first_due_wake_first_and_the_others_next(store: SqlStore) -> None:
    for name, seconds in (("D1", 2), ("D2", 0), ("D3", 1)):
        await take(store, f"B-{name}", row(name), now=NOW + timedelta(seconds=seconds))
    await voice_all(store)

    assert await store.wake(LATER, 2) == {1: 2}
    ready = [name for name in ("D1", "D2", "D3") if (await contact_of(store, name)).state == "ready"]
    assert ready == ["D2", "D3"]
    assert await store.wake(LATER, 2) == {1: 1}


# ---- leasing --------------------------------------------------------------------------------------------


async def test_a_leased_contact_has_an_open_attempt_on_record(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))

    [attempt] = await lease(store)

    assert await store.open_attempts() == [attempt]
    assert (attempt.ordinal, attempt.number, attempt.message_key) == (1, MOBILE, "spoken")
    contact = await contact_of(store)
    assert (contact.state, contact.attempts) == ("dialing", 1)
    assert await lease(store) == []


async def test_no_more_are_leased_than_asked_for(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(5)))

    assert len(await lease(store, limit=2)) == 2
    assert len(await lease(store, limit=2)) == 2
    assert len(await lease(store, limit=2)) == 1


async def test_each_lane_is_its_own_queue(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2", timezone="Europe/London"))
    london = next(lane.id for lane, _ in await store.lanes() if lane.hours.timezone.key == "Europe/London")

    [attempt] = await lease(store, lane=london)

    assert attempt.contact_id == (await contact_of(store, "D2")).id


async def test_the_decision_sees_the_contact_with_its_numbers(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[FIXED, MOBILE]))
    await ready_all(store)
    seen: list[Candidate] = []

    def decide(contact: Candidate) -> None:
        seen.append(contact)

    await store.lease(1, 10, decide, NOW, HORIZON)

    [contact] = seen
    assert (contact.attempts, contact.message_key, contact.message_day) == (0, "spoken", NOW.date())
    assert contact.stand == Stand(
        [Number(FIXED, 1, 0, NumberType.MOBILE), Number(MOBILE, 2, 0, NumberType.MOBILE)], {}, None, uncounted=0
    )


async def test_a_contact_that_is_not_decided_on_stays_ready(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)

    assert await store.lease(1, 10, lambda _: None, NOW, HORIZON) == []
    assert (await contact_of(store)).state == "ready"


async def test_the_decision_may_end_a_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)

    assert await store.lease(1, 10, lambda _: Done(FinishReason.NO_NUMBER), NOW, HORIZON) == []
    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", "no_number")


async def test_a_decision_that_fails_leaves_no_attempt_behind(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await ready_all(store)
    decide = calls()

    def fails_at_the_second(contact: Candidate) -> Attempt | Wait | Done | None:
        if contact.contact_id == 2:
            raise ZeroDivisionError
        return decide(contact)

    with pytest.raises(ZeroDivisionError):
        await store.lease(1, 10, fails_at_the_second, NOW, HORIZON)
    assert await store.open_attempts() == []
    assert (await contact_of(store)).state == "ready"


async def test_two_engines_never_call_the_same_contact(store: SqlStore, other_store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(200)))
    await ready_all(store)

    async def work(mine: SqlStore) -> list[Attempt]:
        found: list[Attempt] = []
        while leased := await insist(partial(mine.lease, 1, 7, calls(), NOW, HORIZON)):
            found += leased
        return found

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work(each)) for each in (store, other_store) * 4]
    leased = [attempt.contact_id for worker in workers for attempt in worker.result()]

    assert len(leased) == len(set(leased)) == 200
    assert {attempt.ordinal for attempt in await store.open_attempts()} == {1}
