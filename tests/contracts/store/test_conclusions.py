"""Is every attempt concluded once, and is its contact freed for what follows?"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.call import Call
from dialer.core.choice import Candidate
from dialer.core.retry import LastAttempt, Stand
from dialer.model import Attempt, Disposition
from dialer.ports.store import Concluded, Conclusion
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    RULES,
    call_all,
    calls,
    conclusion,
    contact_of,
    follow,
    insist,
    lease,
    ready_all,
    row,
    take,
)

MONTH = timedelta(days=30)
LATER = NOW + timedelta(days=1)

pytestmark = pytest.mark.usefixtures("rent")


async def test_a_concluded_attempt_tells_its_story_and_frees_the_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)

    await store.conclude([conclusion(attempt, Disposition.BUSY)], follow)

    assert await store.open_attempts() == []
    [seen] = await store.attempts_of(attempt.contact_id)
    assert (seen.disposition, seen.counted, seen.placed_at) == ("busy", True, NOW)
    assert seen.ended_at == NOW + timedelta(seconds=20)
    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", NOW + RULES.spacing)
    assert contact.numbers[0].attempts == 1


async def test_the_message_stays_for_the_next_attempt(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [first] = await lease(store)
    await store.conclude([conclusion(first)], follow)

    assert await store.wake(NOW + RULES.spacing) == {1: 1}
    [second] = await store.lease(1, 1, calls(NOW + RULES.spacing), NOW + RULES.spacing, HORIZON)
    assert (second.ordinal, second.message_key) == (2, "spoken")


async def test_an_attempt_is_concluded_once_whoever_comes_later(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await store.conclude([conclusion(attempt, Disposition.BUSY)], follow)

    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)

    [seen] = await store.attempts_of(attempt.contact_id)
    assert seen.disposition == "busy"
    contact = await contact_of(store)
    assert (contact.state, contact.numbers[0].attempts) == ("waiting", 1)


async def test_an_attempt_that_is_told_twice_in_one_breath_is_concluded_once(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    decided: list[Disposition] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        decided.append(each.disposition)
        return follow(each, before)

    await store.conclude([conclusion(attempt, Disposition.BUSY), conclusion(attempt, Disposition.LOST)], decide)

    assert decided == [Disposition.BUSY]
    assert [each.disposition for each in await store.attempts_of(attempt.contact_id)] == ["busy"]


async def test_of_two_engines_that_conclude_it_one_does(store: SqlStore, other_store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(40)))
    attempts = await lease(store)
    decided: list[str] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        decided.append(each.attempt.id)
        return follow(each, before)

    async def work(mine: SqlStore, order: Sequence[Attempt]) -> None:
        for start in range(0, len(order), 10):
            portion = [conclusion(attempt) for attempt in order[start : start + 10]]
            await insist(partial(mine.conclude, portion, decide))

    await asyncio.gather(*(work(each, attempts[::turn]) for each in (store, other_store) for turn in (1, -1)))

    assert [(await contact_of(store, f"D{n}")).numbers[0].attempts for n in range(40)] == [1] * 40
    assert sorted(set(decided)) == sorted(attempt.id for attempt in attempts)


async def test_an_end_finishes_the_contact_with_its_reason(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)

    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)

    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.due_at) == ("finished", "delivered", NOW + RULES.spacing)


async def test_attempts_that_do_not_count_are_counted_apart(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    told: list[int] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        told.append(before.uncounted)
        return follow(each, before)

    now = NOW
    for outcome in (Disposition.NOT_PLACED, Disposition.CONGESTION, Disposition.BUSY, Disposition.WITHDRAWN):
        [attempt] = await lease(store, now)
        await store.conclude([conclusion(attempt, outcome)], decide)
        now = (await contact_of(store)).due_at

    assert told == [0, 1, 2, 2]
    assert [each.counted for each in await store.attempts_of(1)] == [False, False, True, False]
    assert (await contact_of(store)).numbers[0].attempts == 1


async def test_the_contact_remembers_what_its_attempts_have_come_to(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    stands: list[Stand] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        stands.append(before)
        return follow(each, before)

    now = NOW
    for outcome in (Disposition.BUSY, Disposition.NOT_PLACED, Disposition.BUSY, Disposition.NO_ANSWER):
        [attempt] = await lease(store, now)
        await store.conclude([conclusion(attempt, outcome)], decide)
        now = (await contact_of(store)).due_at

    assert [stand.outcomes for stand in stands] == [{}, {"busy": 1}, {"busy": 1}, {"busy": 2}]
    first = NOW + timedelta(seconds=20)
    assert [stand.last for stand in stands[:3]] == [None, *2 * [LastAttempt(MOBILE, Disposition.BUSY, NOW, first)]]


async def test_the_number_remembers_how_often_in_a_row_the_network_had_no_room(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    tries: list[int] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        tries.append(before.numbers[0].congested)
        return follow(each, before)

    now, outcomes = NOW, [*2 * [Disposition.CONGESTION], Disposition.BUSY, Disposition.CONGESTION]
    for outcome in outcomes:
        [attempt] = await lease(store, now)
        await store.conclude([conclusion(attempt, outcome)], decide)
        now = (await contact_of(store)).due_at
    assert tries == [0, 1, 2, 0]
    assert [each.counted for each in await store.attempts_of(1)] == [False, False, True, False]

    [attempt] = await lease(store, now)
    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], decide)
    await take(store, "B-2", row("D1"), now=now + MONTH)
    [attempt] = await lease(store, now + MONTH)
    await store.conclude([conclusion(attempt)], decide)
    assert tries[4:] == [1, 0]


async def test_a_contact_that_begins_anew_remembers_only_its_spacing(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)
    await take(store, "B-2", row("D1"), now=LATER)
    await ready_all(store, LATER)
    seen: list[Candidate] = []

    await store.lease(1, 1, seen.append, LATER, HORIZON)

    assert seen[0].stand.outcomes == {}
    assert seen[0].stand.last == LastAttempt(MOBILE, None, NOW, NOW + timedelta(seconds=20))


async def test_a_number_that_proved_invalid_is_retired(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    [attempt] = await lease(store)

    await store.conclude([conclusion(attempt, Disposition.INVALID_NUMBER)], follow)

    assert [number.retired for number in (await contact_of(store)).numbers] == ["invalid_number", None]


async def test_a_long_word_of_the_platform_is_cut(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    call = Call(attempt.id, placed_at=NOW, ended_at=NOW, platform_code="x" * 500)

    await store.conclude([Conclusion(attempt, call, Disposition.FAILED)], follow)

    assert (await store.attempts_of(1))[0].platform_code == "x" * 40


async def test_a_withdrawn_attempt_was_never_placed(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)

    await store.conclude([conclusion(attempt, Disposition.WITHDRAWN)], follow)

    [seen] = await store.attempts_of(attempt.contact_id)
    assert (seen.disposition, seen.placed_at) == ("withdrawn", None)


async def test_nothing_to_conclude_is_no_trouble(store: SqlStore) -> None:
    await store.conclude([], follow)

    assert await store.open_attempts() == []
