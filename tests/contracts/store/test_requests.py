"""Is a request under one name carried out once, and is its answer kept as long as promised?"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from dialer.adapters.store import SqlStore
from dialer.ports.store import KeptAnswer, NamedRequest, Repeated
from tests.support.stores import NOW

ASKED = NamedRequest("dz1", "name-1", "a" * 64)
ANSWER = KeptAnswer("b" * 64, 201, {"Location": "/v1/batches/B-1"}, '{"Ł": 1}'.encode())
HOUR = timedelta(hours=1)


async def begin(store: SqlStore, request: NamedRequest = ASKED, later: timedelta = timedelta()) -> Repeated | None:
    return await store.begin_request(request, NOW + later, NOW + later + HOUR)


async def test_the_first_is_carried_out(store: SqlStore) -> None:
    assert await begin(store) is None


async def test_a_second_one_waits_for_the_first(store: SqlStore) -> None:
    await begin(store)
    assert await begin(store) == Repeated(ASKED.address, None)


async def test_a_repetition_gets_the_answer_that_was_kept(store: SqlStore) -> None:
    await begin(store)
    await store.keep_answer(ASKED, ANSWER, NOW + 24 * HOUR)
    assert await begin(store, later=23 * HOUR) == Repeated(ASKED.address, ANSWER)


async def test_an_answer_that_is_told_once_is_kept_without_its_words(store: SqlStore) -> None:
    await begin(store)
    await store.keep_answer(ASKED, replace(ANSWER, body=None), NOW + HOUR)
    assert await begin(store) == Repeated(ASKED.address, replace(ANSWER, body=None))


async def test_after_its_time_a_name_is_free_again(store: SqlStore) -> None:
    await begin(store)
    await store.keep_answer(ASKED, ANSWER, NOW + 24 * HOUR)
    assert await begin(store, later=24 * HOUR) is None


async def test_what_came_to_nothing_may_be_asked_again(store: SqlStore) -> None:
    await begin(store)
    await store.forget_request(ASKED)
    assert await begin(store) is None


async def test_two_senders_may_use_one_name(store: SqlStore) -> None:
    await begin(store)
    assert await begin(store, replace(ASKED, owner="dz2")) is None


async def test_after_a_start_only_what_was_answered_is_known(store: SqlStore) -> None:
    answered = replace(ASKED, name="name-2")
    for request in (ASKED, answered):
        await begin(store, request)
    await store.keep_answer(answered, ANSWER, NOW + HOUR)

    assert await store.forget_unanswered() == 1
    assert await begin(store) is None
    assert await begin(store, answered) == Repeated(ASKED.address, ANSWER)


async def test_of_many_at_once_one_is_carried_out(store: SqlStore, other_store: SqlStore) -> None:
    begun = await asyncio.gather(*(begin(each) for each in (store, other_store) * 5))
    assert begun.count(None) == 1
