"""Do reports say what happened, and does whoever adds up the feed come to the same figures?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.answers import Answers, Reply
from dialer.core.call import Call
from dialer.core.codes import Code
from dialer.core.feed import EventType, FeedEvent
from dialer.core.inbound import InboundCall
from dialer.core.retry import Done
from dialer.core.wrap_up import DelayReason, TalkOutcome, WrapUp
from dialer.model import Attempt, Disposition, FinishReason
from dialer.ports.store import REACHED, By, Conclusion, FeedEntry, Figures, Span
from tests.support.balances import balance, numbered
from tests.support.feed import whole_feed
from tests.support.stores import MOBILE, NOW, add, follow, lease, order, row, settings, take

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
EVERYTHING = Span()


@pytest.fixture(autouse=True)
async def campaigns(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.put_campaign("FLATS", settings(), NOW, None)


def ended(attempt: Attempt, outcome: Disposition, after: timedelta = timedelta(seconds=20)) -> Conclusion:
    at = attempt.started_at
    is_answered = outcome in (*REACHED, Disposition.ABANDONED, Disposition.HUNG_UP)
    call = Call(attempt.id, placed_at=at, answered_at=at if is_answered else None, ended_at=at + after)
    return Conclusion(attempt, call, outcome)


async def call(store: SqlStore, *outcomes: Disposition, now: datetime = NOW) -> Sequence[Attempt]:
    attempts = await lease(store, now, len(outcomes))
    assert len(attempts) == len(outcomes)
    await store.conclude([ended(*each) for each in zip(attempts, outcomes, strict=True)], follow)
    return attempts


async def told(database: Database, type_: EventType, attempt: Attempt, case: str, **body: str) -> None:
    at = attempt.started_at + timedelta(seconds=20)
    event = FeedEvent(type_, at, "CL-CZYNSZ", case, "callee", "RENT", attempt.contact_id, attempt.id, body)
    await database.write(append, [event])


async def pay(store: SqlStore, case: str, left: str, version: int, at: datetime) -> None:
    await store.settle(numbered(replace(balance(case, left), version=version)), "key:test", at)


def added_up(feed: Sequence[FeedEntry], within: timedelta) -> Figures:
    """What a CRM makes of the feed alone."""
    finished = {e.event.attempt_id: e.event for e in feed if e.event.type is EventType.ATTEMPT_FINISHED}
    of_case = defaultdict(list)
    for entry in feed:
        of_case[entry.event.case_id].append(entry)
    types = [entry.event.type for entry in feed]
    paid = [e for e in feed if e.event.type in (EventType.CASE_SETTLED, EventType.BALANCE_CHANGED)]
    following = [e for e in paid if _follows(e, of_case[e.event.case_id], within)]
    recovered: dict[str, Decimal] = defaultdict(Decimal)
    for entry in following:
        less = Decimal(entry.event.body["balance_before"]) - Decimal(entry.event.body["balance"])
        if less > 0:
            recovered[entry.event.body["currency"]] += less
    said = [event.body["disposition"] for event in finished.values()]
    return Figures(
        attempts=len(said),
        answered=sum(event.body["answered"] for event in finished.values()),
        reached=sum(each in REACHED for each in said),
        delivered=said.count("delivered"),
        abandoned=said.count("abandoned"),
        right_party=len({e.event.attempt_id for e in feed if e.event.type is EventType.IDENTITY_CONFIRMED}),
        promises=types.count(EventType.PROMISE_MADE),
        promises_kept=types.count(EventType.PROMISE_KEPT),
        promises_broken=types.count(EventType.PROMISE_BROKEN),
        settled=len({e.event.case_id for e in following if e.event.type is EventType.CASE_SETTLED}),
        recovered=dict(recovered),
    )


def _follows(payment: FeedEntry, of_case: Sequence[FeedEntry], within: timedelta) -> bool:
    reached = [
        e.event.at
        for e in of_case
        if e.event.type is EventType.ATTEMPT_FINISHED and e.event.body["disposition"] in REACHED
    ]
    return any(timedelta() < payment.event.at - at <= within for at in reached)


async def whole(store: SqlStore, within: timedelta = WEEK) -> Figures:
    [figures] = (await store.report(By.CLIENT, EVERYTHING, within)).values()
    return figures


# ---- what is counted ------------------------------------------------------------------------------------


async def test_attempts_are_counted_by_how_they_ended(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(5)))
    await call(store, Disposition.DELIVERED, Disposition.BUSY, Disposition.ABANDONED, Disposition.HUNG_UP)
    await lease(store, limit=1)  # still open

    found = await whole(store)
    assert (found.attempts, found.answered, found.reached) == (4, 3, 1)
    assert (found.delivered, found.abandoned) == (1, 1)


async def test_whoever_confirmed_is_counted_once_for_all_their_cases(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    [attempt] = await call(store, Disposition.DELIVERED)
    for case in ("RENT/1", "RENT/2"):
        await told(database, EventType.IDENTITY_CONFIRMED, attempt, case)

    assert ((await whole(store)).right_party, (await whole(store)).attempts) == (1, 1)


@pytest.mark.parametrize(
    ("became", "kept", "broken"),
    [(EventType.PROMISE_KEPT, 1, 0), (EventType.PROMISE_BROKEN, 0, 1), (None, 0, 0)],
)
async def test_a_promise_is_kept_broken_or_open(
    store: SqlStore, database: Database, became: EventType | None, kept: int, broken: int
) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await call(store, Disposition.REPLIED)
    await told(database, EventType.PROMISE_MADE, attempt, "RENT/D1")
    if became is not None:
        await told(database, became, attempt, "RENT/D1")

    found = await whole(store)
    assert (found.promises, found.promises_kept, found.promises_broken) == (1, kept, broken)


async def test_what_callers_promise_counts_where_nobody_was_called(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=(MOBILE,)))
    promised = Answers(replies=(Reply.PROMISE,), promised=NOW.date() + DAY, keys="2")
    at = NOW + timedelta(minutes=1)
    made = InboundCall("1795.1", "flats", "CL-CZYNSZ", "+48380000055", MOBILE, NOW, at, answers=promised)
    await store.take_inbound(made, lambda _: None, bool)

    for by, key in (
        (By.CLIENT, "CL-CZYNSZ"),
        (By.CAMPAIGN, "RENT"),
        (By.BATCH, "B-1"),
        (By.HOUR, f"{NOW:%Y-%m-%dT%H:00:00Z}"),
    ):
        sender = "CL-CZYNSZ" if by is By.BATCH else ""
        assert await store.report(by, EVERYTHING, WEEK) == {(key, sender): Figures(promises=1)}
    assert await whole(store) == added_up(await whole_feed(store), WEEK)
    assert await store.report(By.CLIENT, Span(since=at + HOUR), WEEK) == {}
    assert await store.report(By.CLIENT, Span(campaign_id="FLATS"), WEEK) == {}


async def test_what_is_paid_soon_after_somebody_was_reached_counts(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}", amount="100.00") for n in range(4)))
    await call(store, *3 * [Disposition.DELIVERED], Disposition.BUSY)
    await pay(store, "RENT/D0", "0.00", 2, NOW + 2 * DAY)
    await pay(store, "RENT/D1", "60.50", 2, NOW + DAY)
    await pay(store, "RENT/D1", "0.00", 3, NOW + 8 * DAY)  # too late
    await pay(store, "RENT/D2", "150.00", 2, NOW + DAY)  # more is owed
    await pay(store, "RENT/D3", "0.00", 2, NOW + DAY)  # nobody was reached

    found = await whole(store)
    assert (found.settled, found.recovered) == (1, {"PLN": Decimal("139.50")})
    assert (await whole(store, within=30 * DAY)).recovered == {"PLN": Decimal("200.00")}


async def test_what_nobody_was_called_about_follows_from_no_call(store: SqlStore) -> None:
    spoken_of, blocked = row("D1", case="RENT/1"), row("D1", case="RENT/2", blocked=Code.B_ATTORNEY)
    await take(store, "B-1", spoken_of, blocked)
    await call(store, Disposition.DELIVERED)
    await take(store, "B-2", row("D1", case="RENT/3"), now=NOW + HOUR)
    for case in ("RENT/1", "RENT/2", "RENT/3"):
        await pay(store, case, "0.00", 2, NOW + DAY)

    found = await whole(store)
    assert (found.settled, found.recovered) == (1, {"PLN": Decimal("153.20")})
    assert found == added_up(await whole_feed(store), WEEK)


# ---- for what it is told --------------------------------------------------------------------------------


async def test_reasons_of_delay_are_counted_for_each_creditor(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{number}") for number in range(4)))
    talks = await call(store, *4 * [Disposition.CONNECTED])
    reasons = (DelayReason.LIQUIDITY, DelayReason.FORGOT, DelayReason.LIQUIDITY, None)
    for attempt, reason in zip(talks, reasons, strict=True):
        said = WrapUp(attempt.id, TalkOutcome.INFORMED, NOW, "anna", reason)
        await store.wrap_up(said, lambda *_: Done(FinishReason.HANDLED))

    [figures] = (await store.report(By.CLIENT, EVERYTHING, WEEK)).values()
    assert figures.delays == {"forgot": 1, "liquidity": 2}
    [of_flats] = [*(await store.report(By.CAMPAIGN, Span(campaign_id="FLATS"), WEEK)).values()] or [Figures()]
    assert of_flats.delays == {}


async def test_figures_are_told_by_campaign_list_client_and_hour(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await take(store, "B-2", row("D3"))
    await call(store, Disposition.BUSY, Disposition.BUSY)
    await call(store, Disposition.BUSY, now=NOW + HOUR)

    async def attempts(by: By, span: Span = EVERYTHING) -> Mapping[str, int]:
        found = await store.report(by, span, WEEK)
        return {row.key: figures.attempts for row, figures in found.items()}

    assert await attempts(By.CAMPAIGN) == {"RENT": 3}
    assert await attempts(By.CLIENT) == {"CL-CZYNSZ": 3}
    assert sum((await attempts(By.BATCH)).values()) == 3
    assert set(await attempts(By.BATCH)) == {"B-1", "B-2"}
    assert await attempts(By.HOUR) == {"2026-11-23T10:00:00Z": 2, "2026-11-23T11:00:00Z": 1}
    assert await attempts(By.CAMPAIGN, Span(since=NOW + HOUR)) == {"RENT": 1}
    assert await attempts(By.CAMPAIGN, Span(until=NOW + HOUR)) == {"RENT": 2}
    assert await attempts(By.CAMPAIGN, Span(client_id="CL-OTHER")) == {}
    assert await attempts(By.CAMPAIGN, Span(campaign_id="FLATS")) == {}


async def test_attempts_stay_with_the_list_that_they_followed(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await call(store, Disposition.BUSY, Disposition.BUSY)
    await take(store, "B-2", row("D1"), row("D2"), now=NOW + HOUR)
    await call(store, Disposition.DELIVERED, Disposition.BUSY, now=NOW + 2 * HOUR)

    found = await store.report(By.BATCH, EVERYTHING, WEEK)

    assert {row.key: (each.attempts, each.reached) for row, each in found.items()} == {"B-1": (2, 0), "B-2": (2, 1)}
    finished = [e.event for e in await whole_feed(store) if e.event.type is EventType.ATTEMPT_FINISHED]
    assert sorted(event.body["batch"]["batch_id"] for event in finished) == ["B-1", "B-1", "B-2", "B-2"]


async def test_lists_of_one_name_by_two_senders_are_two(store: SqlStore) -> None:
    for debtor, owner in (("D1", "CL-CZYNSZ"), ("D2", "")):
        batch, _ = await store.begin_batch(order("SAME", owner=owner))
        await add(store, batch, row(debtor))
        await store.finish_batch(batch.key, NOW)
    await call(store, Disposition.DELIVERED, Disposition.DELIVERED)

    found = await store.report(By.BATCH, EVERYTHING, WEEK)
    assert {row: figures.attempts for row, figures in found.items()} == {("SAME", "CL-CZYNSZ"): 1, ("SAME", ""): 1}


# ---- and the feed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_adds_up_the_feed_comes_to_the_same_figures(
    store: SqlStore, database: Database, seed: int
) -> None:
    chance = Random(seed)
    await take(store, "B-1", *(row(f"D{n % 20}", case=f"RENT/{n}", amount="100.00") for n in range(30)))
    outcomes = [Disposition.DELIVERED, Disposition.REPLIED, Disposition.ABANDONED, Disposition.BUSY]
    version = 1
    for hour in range(4):
        now = NOW + hour * 2 * HOUR
        for attempt in await lease(store, now):
            outcome = chance.choice(outcomes)
            await store.conclude([ended(attempt, outcome)], follow)
            contact = await store.contact(attempt.contact_id)
            case = contact.cases[0] if contact and contact.cases else None
            if outcome is Disposition.REPLIED and case:
                await told(database, EventType.IDENTITY_CONFIRMED, attempt, case)
                await told(database, EventType.PROMISE_MADE, attempt, case)
                became = EventType.PROMISE_KEPT if chance.randrange(11) > 5 else EventType.PROMISE_BROKEN
                await told(database, became, attempt, case)
    for _ in range(25):
        version += 1
        left = chance.choice(["0.00", "40.25", "130.00"])
        await pay(store, f"RENT/{chance.randrange(30)}", left, version, NOW + chance.uniform(0.5, 14) * DAY)

    figures = await whole(store)
    assert figures == added_up(await whole_feed(store), WEEK)
    assert figures.attempts > 20
    assert figures.settled > 0
    assert figures.promises_kept + figures.promises_broken > 0
