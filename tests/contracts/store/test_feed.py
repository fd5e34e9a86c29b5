"""Is everything that happened told once, and nothing that did not?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.core.feed import EventType
from dialer.core.retry import Done
from dialer.model import Disposition, FinishReason
from tests.support.balances import balance
from tests.support.stores import (
    HORIZON,
    NOW,
    RULES,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    order,
    ready_all,
    row,
    take,
)

SECOND = timedelta(seconds=1)
OPENED, CLOSED = "case.unblocked", "case.blocked"

pytestmark = pytest.mark.usefixtures("rent")


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
        "batch": {"batch_id": "B-1", "client_id": "CL-CZYNSZ"},
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
