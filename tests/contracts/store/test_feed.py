"""Is everything that happened told once, in the order in which it happened, and nothing that did not?"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.codes import Code
from dialer.core.feed import EventType, FeedEvent
from dialer.core.retry import Done
from dialer.model import Attempt, Disposition, FinishReason
from tests.support.balances import balance
from tests.support.ear import PATIENCE
from tests.support.feed import disagreements, whole_feed
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    RULES,
    call_all,
    conclusion,
    contact_of,
    follow,
    insist,
    lease,
    order,
    ready_all,
    row,
    take,
)

SECOND = timedelta(seconds=1)
OPENED, CLOSED = "case.unblocked", "case.blocked"

pytestmark = pytest.mark.usefixtures("rent")


def happened(case_id: str = "RENT/1", client: str = "CL-CZYNSZ") -> FeedEvent:
    return FeedEvent(EventType.WRONG_NUMBER, NOW, client, case_id, actor="callee")


def add_and_fail(connection: sa.Connection) -> None:
    append(connection, [happened(), happened()])
    raise ZeroDivisionError


async def told(store: SqlStore, after: int = 0) -> list[tuple[str, str | None]]:
    """Types and cases of the events, but for the ends of lists."""
    entries = [each.event for each in await store.events(after, 1000)]
    return [(event.type, event.case_id) for event in entries if event.type is not EventType.BATCH_FINISHED]


# ---- what is told of calls ------------------------------------------------------------------------------


async def test_a_call_that_is_over_is_told_of_every_case_it_was_about(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"), row("D2"))
    [attempt] = await lease(store, limit=1)
    await store.conclude([conclusion(attempt)], follow)

    assert await told(store) == [("attempt.finished", "RENT/1"), ("attempt.finished", "RENT/2")]
    event = (await store.events(0, 1000))[-1].event
    assert (event.client_id, event.campaign_id, event.contact_id) == ("CL-CZYNSZ", "RENT", attempt.contact_id)
    assert (event.attempt_id, event.actor, event.at) == (attempt.id, "engine", NOW + timedelta(seconds=20))


async def test_the_number_is_told_masked_with_its_type(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)

    assert (await store.events(0, 1000))[-1].event.body == {
        "ordinal": 1,
        "number": "…001",
        "number_type": "mobile",
        "disposition": "busy",
        "counted": True,
        "answered": False,
        "heard_ms": None,
    }


async def test_a_delivered_message_is_told_and_ends_the_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)

    assert await told(store) == [
        ("attempt.finished", "RENT/D1"),
        ("message.delivered", "RENT/D1"),
        ("contact.finished", "RENT/D1"),
    ]
    assert (await store.events(0, 1000))[-1].event.body == {"reason": "delivered"}


async def test_the_last_attempt_ends_the_contact_and_says_why(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    for turn in range(RULES.per_number):
        await call_all(store, Disposition.BUSY, NOW + turn * RULES.spacing)

    assert await told(store) == 3 * [("attempt.finished", "RENT/D1")] + [("contact.finished", "RENT/D1")]
    assert (await store.events(0, 1000))[-1].event.body == {"reason": "exhausted"}


async def test_a_call_is_told_once_however_often_it_is_concluded(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await call_all(store, Disposition.BUSY)

    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)

    assert await told(store) == [("attempt.finished", "RENT/D1")]


async def test_a_case_that_was_paid_before_the_call_hears_nothing_of_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    await store.settle([balance("RENT/1")], "key:dz01", NOW - SECOND)
    await call_all(store, Disposition.BUSY)

    assert await told(store) == [("case.settled", "RENT/1"), ("attempt.finished", "RENT/2")]


async def test_a_case_that_is_paid_during_the_call_hears_of_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    [attempt] = await lease(store)
    await store.settle([balance("RENT/1")], "key:dz01", NOW + SECOND)
    await store.conclude([conclusion(attempt)], follow)

    over = [("attempt.finished", "RENT/1"), ("attempt.finished", "RENT/2")]
    assert await told(store) == [("case.settled", "RENT/1"), *over]


async def test_an_only_case_that_is_blocked_during_the_call_hears_of_it_and_of_its_end(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await take(store, "B-2", row("D1", blocked=Code.B_DISPUTE))
    assert await told(store) == [(CLOSED, "RENT/D1")]
    await store.conclude([conclusion(attempt)], follow)

    assert (await told(store))[1:] == [("attempt.finished", "RENT/D1"), ("contact.finished", "RENT/D1")]
    assert (await store.events(0, 1000))[-1].event.body == {"reason": "blocked"}


async def test_a_call_whose_case_became_anothers_is_told_without_a_case(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"))
    [attempt] = await lease(store)
    await take(store, "B-2", row("D2", case="RENT/1"))
    await store.conclude([conclusion(attempt)], follow)

    assert await told(store) == [("attempt.finished", None), ("contact.finished", None)]


# ---- what is told of lists ------------------------------------------------------------------------------


async def test_a_list_that_is_wholly_in_is_told_with_its_sender_and_counts(store: SqlStore) -> None:
    batch, _ = await store.begin_batch(order("B-1", actor="key:dz01"))
    await store.finish_batch(batch.key, NOW)

    [entry] = await store.events(0, 10)
    assert (entry.event.type, entry.event.client_id, entry.event.actor) == ("batch.finished", "CL-CZYNSZ", "key:dz01")
    assert entry.event.body == {"batch_id": "B-1", "counts": {"rows": 0}}


async def test_a_block_is_told_when_it_begins_changes_and_ends_and_not_in_between(store: SqlStore) -> None:
    for turn, blocked in enumerate([Code.B_DISPUTE, Code.B_DISPUTE, Code.B_DECEASED, None, None, Code.B_DISPUTE, None]):
        await take(store, f"B-{turn}", row("D1", blocked=blocked), row("D2"))

    entries = [each.event for each in await store.events(0, 1000, types=[EventType(OPENED), EventType(CLOSED)])]
    assert [(event.type, event.case_id, event.body["codes"]) for event in entries] == [
        (CLOSED, "RENT/D1", ["B_DISPUTE"]),
        (CLOSED, "RENT/D1", ["B_DECEASED"]),
        (OPENED, "RENT/D1", []),
        (CLOSED, "RENT/D1", ["B_DISPUTE"]),
        (OPENED, "RENT/D1", []),
    ]


async def test_contacts_that_a_list_ends_are_told_of_before_its_own_end(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    before = await store.last_event()

    await take(store, "B-2", row("D1"), row("D2", blocked=Code.B_DECEASED), mode="replace")

    entries = [each.event for each in await store.events(before, 1000)]
    assert [(event.type, event.case_id, event.body.get("reason")) for event in entries] == [
        (CLOSED, "RENT/D2", None),
        ("contact.finished", "RENT/D2", "blocked"),
        ("contact.finished", "RENT/D3", "replaced"),
        ("batch.finished", None, None),
    ]


async def test_a_contact_whose_only_case_moves_away_is_finished_without_a_case(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"))
    await take(store, "B-2", row("D2", case="RENT/1"))

    assert await told(store) == [("contact.finished", None)]


# ---- what is told of contacts that are finished without a call ------------------------------------------


async def test_whoever_has_paid_everything_is_told_of_as_finished(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    before = await store.last_event()
    await store.settle([balance("RENT/1"), balance("RENT/2")], "key:dz01", NOW)

    entries = [each.event for each in await store.events(before, 10)]
    assert [(event.type, event.case_id, event.actor) for event in entries] == [
        ("case.settled", "RENT/1", "key:dz01"),
        ("case.settled", "RENT/2", "key:dz01"),
        ("contact.finished", "RENT/1", "key:dz01"),
        ("contact.finished", "RENT/2", "key:dz01"),
    ]
    assert entries[-1].body == {"reason": "settled"}


async def test_whoever_has_paid_during_the_call_is_told_of_as_finished_when_it_is_over(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await store.settle([balance("RENT/D1")], "key:dz01", NOW + SECOND)
    assert await told(store) == [("case.settled", "RENT/D1")]
    await store.conclude([conclusion(attempt)], follow)

    assert (await told(store))[1:] == [("attempt.finished", "RENT/D1"), ("contact.finished", "RENT/D1")]


async def test_a_list_that_tells_of_a_new_debt_opens_the_case_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await store.settle([balance("RENT/D1", version=2)], "key:dz01", NOW)
    before = await store.last_event()
    await take(store, "B-2", row("D1", version=2))
    assert await told(store, before) == []

    await take(store, "B-3", row("D1", version=3))
    assert await told(store, before) == [("case.reopened", "RENT/D1")]


async def test_a_list_that_names_another_sum_tells_of_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", amount="153.20"), row("D2"), row("D3", amount="10.00", version=5))
    before = await store.last_event()
    await take(store, "B-2", row("D1", amount="99.00", version=2), row("D2"), row("D3", amount="20.00", version=4))

    entries = [each.event for each in await store.events(before, 10, types=[EventType.BALANCE_CHANGED])]
    assert [(event.case_id, event.body) for event in entries] == [
        ("RENT/D1", {"balance": "99.00", "balance_before": "153.20", "currency": "PLN", "version": 2})
    ]


async def test_a_list_may_mend_a_sum_but_brings_no_older_one_back(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", amount="10.00"), row("D2", amount="10.00"))
    await store.settle([balance("RENT/D2", version=1), balance("RENT/D2", amount="5.00", version=3)], "key:dz01", NOW)
    before = await store.last_event()
    await take(store, "B-2", row("D1", amount="11.00"), row("D2", amount="12.00", version=2))

    told_now = [event for event in await told(store, before) if event[0] != "batch.finished"]
    assert told_now == [("balance.changed", "RENT/D1")]


async def test_contacts_that_are_finished_when_their_turn_comes_are_told_of(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    await ready_all(store)
    answers = iter([Done(FinishReason.NO_NUMBER), None, Done(FinishReason.DO_NOT_CALL)])

    assert await store.lease(1, 10, lambda _: next(answers), NOW, HORIZON) == []

    assert await told(store) == [("contact.finished", "RENT/D1"), ("contact.finished", "RENT/D3")]
    reasons = [each.event.body["reason"] for each in await store.events(1, 10)]
    assert reasons == ["no_number", "do_not_call"]


async def test_contacts_that_expire_are_told_of_once_with_each_of_their_cases(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}", case=f"RENT/{n}") for n in range(5)), row("D0", case="RENT/9"))
    before = await store.last_event()

    finished = [await store.finish_lane(1, FinishReason.EXPIRED, NOW, 2) for _ in range(4)]

    assert finished == [2, 2, 1, 0]
    expected = [("contact.finished", f"RENT/{n}") for n in (0, 9, 1, 2, 3, 4)]
    assert sorted(await told(store, before)) == sorted(expected)
    assert (await contact_of(store, "D3")).finished == "expired"


async def test_a_contact_that_is_being_called_does_not_expire(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await lease(store)

    assert await store.finish_lane(1, FinishReason.EXPIRED, NOW, 10) == 0
    assert await told(store) == []


# ---- order and gaps -------------------------------------------------------------------------------------


async def test_what_is_undone_leaves_no_gap(store: SqlStore, database: Database) -> None:
    await database.write(append, [happened("RENT/1")])
    with pytest.raises(ZeroDivisionError):
        await database.write(add_and_fail)
    await database.write(append, [happened("RENT/2")])

    assert [(each.seq, each.previous, each.event.case_id) for each in await store.events(0, 10)] == [
        (1, 0, "RENT/1"),
        (2, 1, "RENT/2"),
    ]


async def test_whoever_reads_while_others_write_never_sees_a_gap(
    store: SqlStore, other_store: SqlStore, database: Database
) -> None:
    contacts = 60
    await take(store, "B-1", *(row(f"D{n}", numbers=[MOBILE, FIXED]) for n in range(contacts)))
    attempts = await lease(store)
    gaps = []

    async def work(mine: SqlStore, order: Sequence[Attempt]) -> None:
        for start in range(0, len(order), 5):
            portion = [conclusion(attempt) for attempt in order[start : start + 5]]
            await insist(partial(mine.conclude, portion, follow))

    async def list_meanwhile() -> None:
        rows = [row(f"D{n}", blocked=Code.B_DISPUTE) for n in range(0, contacts, 3)]
        batch, _ = await store.begin_batch(order("B-2", mode="replace"))
        await insist(partial(other_store.add_rows, batch.key, rows[:1]))
        await insist(partial(other_store.finish_batch, batch.key, NOW))

    async def read() -> None:
        seen = 0
        while True:
            for entry in await store.events(seen, 1000):
                if entry.seq != seen + 1:
                    gaps.append((seen, entry.seq))
                seen = entry.seq

    reading = asyncio.create_task(read())
    await asyncio.gather(work(store, attempts[::2]), work(other_store, attempts[1::2][::-1]), list_meanwhile())
    reading.cancel()
    assert gaps == []
    assert await disagreements(store, "RENT") == []


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_outcomes_the_feed_tells_what_the_tables_say(store: SqlStore, seed: int) -> None:
    chance = Random(seed)
    debtors = [f"D{n}" for n in range(12)]
    rows = [row(d, case=f"{d}/{n}", numbers=[MOBILE, FIXED]) for d in debtors for n in range(chance.randint(1, 3))]
    await take(store, "B-1", *rows)
    for turn in range(12):
        at = NOW + turn * 2 * RULES.spacing
        attempts = await lease(store, at)
        outcomes = [(each, chance.choice(list(Disposition))) for each in attempts]
        ended = [conclusion(each, outcome) for each, outcome in outcomes]
        chance.shuffle(ended)
        await store.conclude(ended, follow)
        await store.conclude(chance.sample(ended, len(ended) // 2), follow)
        if turn == 3:
            await store.finish_lane(1, FinishReason.EXPIRED, at, 2)

    assert len(await whole_feed(store)) > 100
    assert await disagreements(store, "RENT") == []


# ---- reading --------------------------------------------------------------------------------------------


@pytest.fixture
async def mixed(store: SqlStore, database: Database) -> SqlStore:
    """Events 1 to 6: two clients' in turn, of three cases each."""
    for n in range(6):
        await database.write(append, [happened(f"CASE/{n // 2}", ("CL-ONE", "CL-TWO")[n % 2])])
    return store


async def test_a_page_goes_on_behind_the_one_before(mixed: SqlStore) -> None:
    assert [each.seq for each in await mixed.events(0, 4)] == [1, 2, 3, 4]
    assert [each.seq for each in await mixed.events(4, 4)] == [5, 6]
    assert list(await mixed.events(6, 4)) == []


async def test_a_client_sees_its_own_events_each_with_the_one_before_it(mixed: SqlStore) -> None:
    seen = await mixed.events(2, 10, client_id="CL-TWO")
    assert [(each.previous, each.seq) for each in seen] == [(2, 4), (4, 6)]
    assert [each.previous for each in await mixed.events(0, 1, client_id="CL-TWO")] == [0]
    assert (await mixed.last_event("CL-ONE"), await mixed.last_event("CL-THREE"), await mixed.last_event()) == (5, 0, 6)


async def test_a_filter_changes_what_is_shown_and_not_what_comes_before_it(mixed: SqlStore) -> None:
    [seen] = await mixed.events(0, 10, client_id="CL-TWO", case_id="CASE/2")
    assert (seen.previous, seen.seq) == (4, 6)
    assert list(await mixed.events(0, 10, types=[EventType.CASE_SETTLED])) == []


async def test_the_bell_rings_for_what_was_added_to_the_feed(store: SqlStore, database: Database) -> None:
    bell = database.news.next
    await database.write(append, [happened()])
    async with asyncio.timeout(PATIENCE):
        await bell.wait()


async def test_the_bell_is_silent_when_nothing_was_added(store: SqlStore, database: Database) -> None:
    bell = database.news.next
    await store.wake(NOW)
    with pytest.raises(ZeroDivisionError):
        await database.write(add_and_fail)
    await store.wake(NOW)
    await store.last_event()
    assert not bell.is_set()


async def test_whoever_waits_hears_of_another_processs_event(mixed: SqlStore, other_store: SqlStore) -> None:
    waiting = asyncio.create_task(mixed.event_after(6))
    batch, _ = await other_store.begin_batch(order("B-1"))
    async with asyncio.timeout(PATIENCE):
        await other_store.finish_batch(batch.key, NOW)
        assert await waiting == 7


async def test_whoever_waits_for_its_own_is_not_woken_by_anothers(mixed: SqlStore, database: Database) -> None:
    waiting = asyncio.create_task(mixed.event_after(5, "CL-ONE"))
    await database.write(append, [happened(client="CL-TWO")])
    await mixed.last_event()
    assert not waiting.done()
    async with asyncio.timeout(PATIENCE):
        await database.write(append, [happened(client="CL-ONE")])
        assert await waiting == 8
