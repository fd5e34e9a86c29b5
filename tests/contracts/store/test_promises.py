"""Is it known, told once, and followed by calls when a promise to pay was kept, or broken?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.cases.promises import PromiseKeeping
from dialer.core.answers import Answers, Reply
from dialer.core.blocks import CaseChange
from dialer.core.call import MessageEnded
from dialer.core.cases import Dispute, PromiseState
from dialer.core.feed import EventType, FeedEvent
from dialer.lanes import Lanes
from dialer.model import Attempt, Disposition
from dialer.ports.store import By, JudgedPromise, Span
from tests.support.balances import balance, numbered
from tests.support.clock import StillClock
from tests.support.feed import whole_feed
from tests.support.stores import NOW, conclusion, contact_of, follow, lease, row, settings, take

DAY = timedelta(days=1)
FRIDAY = date(2026, 11, 27)
THURSDAY_MORNING = datetime.fromisoformat("2026-11-26T08:00:00+01:00")
STILL_GRACE = datetime.fromisoformat("2026-12-01T23:59:00+01:00")
GRACE_OVER = datetime.fromisoformat("2026-12-02T00:00:00+01:00")
SAID = {
    "promise_reminder": {"scenario": "S09", "version": 1},
    "promise_broken": {"scenario": "S10", "version": 1},
}
CASE = ("CL-CZYNSZ", "RENT/D1")


@pytest.fixture(autouse=True)
async def campaign(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(**SAID), NOW, None)
    await take(store, "B-1", row("D1", amount="100.00"))


async def promises(store: SqlStore, by: date = FRIDAY, now: datetime = NOW) -> Attempt:
    [attempt] = await lease(store, now)
    answers = Answers(True, (Reply.PROMISE,), by, keys="1321")
    said = MessageEnded(attempt.id, now, timedelta(seconds=20), whole=False, answers=answers)
    plain = conclusion(attempt, Disposition.REPLIED)
    await store.conclude([replace(plain, call=replace(plain.call, message=said))], follow)
    return attempt


async def look(store: SqlStore, now: datetime, portion: int = 500) -> None:
    lanes, clock = Lanes(store), StillClock()
    await lanes.refresh()
    clock.move(now - clock.now())
    await PromiseKeeping(store, store, lanes, clock, portion).look()


async def pay(store: SqlStore, left: str, version: int = 2, at: datetime = NOW + DAY) -> None:
    await store.settle(numbered(replace(balance("RENT/D1", left), version=version)), "key:test", at)


async def told(store: SqlStore) -> Sequence[FeedEvent]:
    types = (EventType.PROMISE_KEPT, EventType.PROMISE_BROKEN)
    return [each.event for each in await whole_feed(store) if each.event.type in types]


async def state(store: SqlStore) -> str | None:
    case = await store.case(*CASE)
    assert case is not None
    return case.promise


async def test_a_promise_is_broken_when_its_grace_is_over_and_told_once(store: SqlStore) -> None:
    attempt = await promises(store)
    await look(store, STILL_GRACE)
    assert (await state(store), await told(store)) == ("open", [])

    for _ in range(2):
        await look(store, GRACE_OVER)

    assert await state(store) == "broken"
    [broken] = await told(store)
    assert (broken.type, broken.case_id, broken.attempt_id) == ("promise.broken", "RENT/D1", attempt.id)
    assert broken.body == {"by": "2026-11-27", "amount": "100.00", "balance": "100.00", "currency": "PLN"}


async def test_two_engines_that_judge_at_once_tell_it_once(store: SqlStore, other_store: SqlStore) -> None:
    await promises(store)
    [read] = await store.open_promises(FRIDAY, 0, 10)
    broken = [JudgedPromise(read, PromiseState.BROKEN, calls_again=True)]

    judged = await asyncio.gather(*(each.judge_promises(broken, GRACE_OVER) for each in (store, other_store)))

    assert sorted(judged) == [0, 1]
    assert len(await told(store)) == 1


async def test_what_was_read_before_a_payment_breaks_nothing(store: SqlStore) -> None:
    await promises(store)
    [read] = await store.open_promises(FRIDAY, 0, 10)
    await pay(store, "0.00")
    assert await store.judge_promises([JudgedPromise(read, PromiseState.BROKEN, calls_again=True)], GRACE_OVER) == 0
    assert (await state(store), await told(store)) == ("open", [])


async def test_a_promise_is_kept_when_the_balance_has_fallen_by_it(store: SqlStore) -> None:
    await promises(store)
    await pay(store, "60.00")
    await look(store, NOW + DAY)
    assert await state(store) == "open"

    await pay(store, "0.00", 3)
    await look(store, NOW + 2 * DAY)
    await look(store, GRACE_OVER)

    assert await state(store) == "kept"
    assert [each.type for each in await told(store)] == ["promise.kept"]
    [figures] = (await store.report(By.CAMPAIGN, Span(), 7 * DAY)).values()
    assert (figures.promises, figures.promises_kept, figures.promises_broken) == (1, 1, 0)


async def test_what_a_payment_closed_and_interest_opened_again_was_kept(store: SqlStore) -> None:
    await promises(store)
    await pay(store, "0.00")
    await pay(store, "5.00", 3)
    await look(store, GRACE_OVER)

    assert await state(store) == "kept"


async def test_a_claim_that_was_wrong_leaves_no_broken_promise(store: SqlStore) -> None:
    await promises(store)
    await store.change_case(*CASE, CaseChange(dispute=Dispute.UPHELD), "key:test", NOW)
    await look(store, GRACE_OVER)

    assert (await state(store), await told(store)) == ("void", [])


async def test_a_later_promise_takes_the_place_of_an_earlier_one(store: SqlStore) -> None:
    await promises(store)
    await look(store, GRACE_OVER)
    again = await promises(store, FRIDAY + 14 * DAY, GRACE_OVER + 10 * timedelta(hours=1))

    assert await state(store) == "open"
    await look(store, GRACE_OVER + 14 * DAY)
    assert [each.attempt_id for each in await told(store)][1] == again.id


async def test_whoever_broke_a_promise_is_called_about_it(store: SqlStore) -> None:
    await promises(store)
    assert (await contact_of(store)).finished == "replied"

    await look(store, GRACE_OVER)

    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", GRACE_OVER)


async def test_whoever_promised_is_reminded_once_on_the_working_day_before(store: SqlStore) -> None:
    await promises(store)
    await look(store, THURSDAY_MORNING - DAY)
    assert (await contact_of(store)).finished == "replied"

    await look(store, THURSDAY_MORNING)
    assert (await contact_of(store)).due_at == THURSDAY_MORNING
    [attempt] = await lease(store, THURSDAY_MORNING)
    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)
    await look(store, THURSDAY_MORNING + timedelta(hours=5))

    assert (await contact_of(store)).finished == "delivered"
    assert await state(store) == "open"


async def test_nobody_is_called_about_promises_where_nothing_is_to_be_said_of_them(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await promises(store)
    await look(store, THURSDAY_MORNING)
    await look(store, GRACE_OVER)

    assert await state(store) == "broken"
    assert (await contact_of(store)).finished == "replied"


async def test_more_promises_than_one_portion_are_all_judged(store: SqlStore) -> None:
    await take(store, "B-2", *(row(f"D{n}", amount="100.00") for n in range(1, 8)))
    for attempt in await lease(store):
        said = MessageEnded(
            attempt.id, NOW, timedelta(seconds=9), whole=False, answers=Answers(True, (Reply.PROMISE,), FRIDAY)
        )
        plain = conclusion(attempt, Disposition.REPLIED)
        await store.conclude([replace(plain, call=replace(plain.call, message=said))], follow)

    await look(store, GRACE_OVER, portion=3)

    assert len(await told(store)) == 7
