"""What a decision is told of the debtor's and the numbers' past, on both databases."""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core import retry
from dialer.core.budgets import PastCall
from dialer.core.choice import Candidate, Wait
from dialer.core.rules import Rule
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, Disposition
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    OTHER_MOBILE,
    calls,
    conclusion,
    contact_of,
    follow,
    lease,
    ready_all,
    row,
    settings,
    take,
)
from tests.support.suppressions import everywhere, suppress, wish, wrong

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("rent")


async def asked(store: SqlStore, lane: int = 1) -> list[Candidate]:
    """What a decision would be told of everybody who is due, without deciding anything."""
    await ready_all(store, NOW + HOUR)
    seen: list[Candidate] = []
    await store.lease(lane, 100, seen.append, NOW + HOUR, HORIZON)
    return seen


async def test_the_calls_of_a_debtor_are_told_to_every_campaign_of_the_client(store: SqlStore) -> None:
    await store.put_campaign("OTHER", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D1", case="C2", campaign="OTHER"))
    [attempt, *_] = await lease(store, lane=1)
    await store.conclude([conclusion(attempt)], follow)

    [contact] = await asked(store, lane=2)

    assert contact.debtor_calls == [
        PastCall(MOBILE, NOW, NOW + timedelta(seconds=20), was_answered=False, disposition=Disposition.BUSY)
    ]


async def test_a_call_under_way_is_told_too(store: SqlStore) -> None:
    await store.put_campaign("OTHER", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D1", case="C2", campaign="OTHER"))
    await lease(store, lane=1)

    [contact] = await asked(store, lane=2)

    assert contact.debtor_calls == [PastCall(MOBILE, NOW, None)]


async def test_a_call_that_never_left_us_is_nobodys_past(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await store.conclude([conclusion(attempt, Disposition.NOT_PLACED)], follow)

    [contact] = await asked(store)

    assert (contact.debtor_calls, contact.number_calls) == ([], {MOBILE: []})


async def test_whoever_shares_a_number_shares_its_past(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2", numbers=[FIXED, MOBILE]))
    first, second = await lease(store, limit=1), await asked(store)

    [contact] = second
    assert [attempt.number for attempt in first] == [MOBILE]
    assert contact.debtor_calls == []
    assert contact.number_calls == {FIXED: [], MOBILE: [PastCall(MOBILE, NOW, None)]}


async def test_two_contacts_leased_together_see_each_others_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await ready_all(store)
    seen: list[int] = []
    call = calls()

    def decide(contact: Candidate) -> Attempt | Wait | retry.Done | None:
        seen.append(len(contact.number_calls[MOBILE]))
        return call(contact) if not contact.number_calls[MOBILE] else None

    leased = await store.lease(1, 10, decide, NOW, HORIZON)

    assert len(leased) == 1
    assert seen == [0, 1]


async def test_a_contact_that_is_put_off_waits_and_says_for_what(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)
    until = NOW + 3 * HOUR

    await store.lease(1, 10, lambda _: Wait(until, Rule.DEBTOR_DAY), NOW, HORIZON)

    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", until)
    known = await store.known(contact.id, NOW, HORIZON)
    assert known is not None
    assert known.waits_for is Rule.DEBTOR_DAY
    assert await store.wake(until - timedelta(seconds=1)) == {}
    assert await store.wake(until) == {1: 1}


async def known(store: SqlStore, debtor: str = "D1") -> Candidate:
    """What a decision about the debtor's contact would be told, were it due."""
    contact = await contact_of(store, debtor)
    found = await store.known(contact.id, NOW, HORIZON)
    assert found is not None
    return found.candidate


async def retired(store: SqlStore, debtor: str = "D1") -> list[str | None]:
    return [number.retired for number in (await known(store, debtor)).stand.numbers]


async def test_a_number_on_the_do_not_call_list_is_retired_whoever_has_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[FIXED, MOBILE]))
    await suppress(store, everywhere(FIXED))

    contact = await known(store)

    assert [(number.e164, number.retired) for number in contact.stand.numbers] == [
        (FIXED, "do_not_call"),
        (MOBILE, None),
    ]
    assert not contact.is_suppressed


async def test_a_wrong_number_is_retired_for_its_debtor_alone(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await suppress(store, wrong(MOBILE, "D1"))
    await suppress(store, wrong(OTHER_MOBILE, "somebody we do not know"))

    assert [await retired(store, "D1"), await retired(store, "D2")] == [["do_not_call"], [None]]


async def test_a_debtor_or_a_whole_client_may_be_suppressed(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await suppress(store, wish(debtor="D1"))
    assert [(await known(store, debtor)).is_suppressed for debtor in ("D1", "D2")] == [True, False]

    await suppress(store, wish(reason=SuppressionReason.DO_NOT_CALL))
    assert [(await known(store, debtor)).is_suppressed for debtor in ("D1", "D2")] == [True, True]


async def test_a_wish_that_is_lifted_or_somebody_elses_does_not_count(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    kept = await suppress(store, wish(debtor="D1"))
    await store.lift_suppression(kept.suppression.id, "cli", NOW)
    await suppress(store, wish(client="C-OTHER", reason=SuppressionReason.DO_NOT_CALL))
    await suppress(store, wish(MOBILE, client="C-OTHER"))

    assert not (await known(store)).is_suppressed
    assert await retired(store) == [None]


async def test_a_wish_holds_until_it_is_lifted_even_if_its_time_is_over(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await suppress(store, wish(debtor="D1", until=NOW - HOUR))

    assert (await known(store)).is_suppressed


async def test_behind_many_that_are_put_off_somebody_is_found_who_may_be_called(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}", numbers=[f"+4828000{n:04d}"]) for n in range(120)))
    await ready_all(store)
    asked_of: list[int] = []
    call = calls()

    def decide(contact: Candidate) -> Attempt | Wait | retry.Done | None:
        asked_of.append(contact.contact_id)
        return call(contact) if contact.contact_id > 70 else Wait(NOW + HOUR, Rule.GAP)

    leased = await store.lease(1, 3, decide, NOW, HORIZON)

    assert len(leased) == 3
    assert asked_of == list(range(1, 74))
