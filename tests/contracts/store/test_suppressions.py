"""What does somebody's wish not to be called make of contacts, on either database?"""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.choice import Candidate, Wait
from dialer.core.codes import Code
from dialer.core.retry import Done
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, Disposition, FinishReason
from dialer.ports.store import CalledOff, Suppressed, Suppression, SuppressionFilter
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    OTHER_MOBILE,
    RULES,
    call_all,
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
from tests.support.suppressions import CALLEE, everywhere, suppress, wish, wrong

HOUR = timedelta(hours=1)
ENERGY = "CL-ENERGIA"


@pytest.fixture(autouse=True)
async def campaigns(store: SqlStore) -> None:
    for campaign in ("RENT", "FLATS"):
        await store.put_campaign(campaign, settings(), NOW, None)
    await store.put_campaign("POWER", settings(client_id=ENERGY), NOW, None)


async def ends(store: SqlStore, *debtors: str, campaign: str = "RENT") -> list[str | None]:
    """Why each is not called any more; None: it is."""
    contacts = [await contact_of(store, debtor, campaign) for debtor in debtors]
    assert all((contact.state == "finished") == (contact.finished is not None) for contact in contacts)
    return [contact.finished for contact in contacts]


async def told(store: SqlStore, after: int = 0) -> list[tuple[str, str | None]]:
    return [(each.event.type, each.event.case_id) for each in await store.events(after, 1000)]


# ---- who is called no more ------------------------------------------------------------------------------


async def test_a_debtor_who_opts_out_is_called_no_more_in_any_campaign(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D1", "C2", "FLATS"), row("D2"))

    kept = await suppress(store, wish(debtor="D1"))

    assert (kept.is_new, kept.finished, list(kept.called_off)) == (True, 2, [])
    assert await ends(store, "D1", "D2") == ["do_not_call", None]
    assert await ends(store, "D1", campaign="FLATS") == ["do_not_call"]
    assert {attempt.number for attempt in await lease(store)} == {MOBILE}


async def test_a_number_is_called_no_more_whoever_has_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3", numbers=[MOBILE, FIXED]))

    kept = await suppress(store, wish(MOBILE))

    assert kept.finished == 2
    assert await ends(store, "D1", "D2", "D3") == ["do_not_call", "do_not_call", None]
    assert [attempt.number for attempt in await lease(store)] == [FIXED]


async def test_a_number_may_be_left_in_peace_by_every_client(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D1", "P1", "POWER", client=ENERGY))

    await suppress(store, wish(MOBILE))
    assert [await ends(store, "D1"), await ends(store, "D1", campaign="POWER")] == [["do_not_call"], [None]]

    await suppress(store, everywhere(MOBILE))
    assert await ends(store, "D1", campaign="POWER") == ["do_not_call"]


async def test_a_wrong_number_costs_the_debtor_that_number_only(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]), row("D2"))

    kept = await suppress(store, wrong(MOBILE, "D1"))

    assert kept.finished == 0
    assert await ends(store, "D1", "D2") == [None, None]
    assert sorted(attempt.number for attempt in await lease(store)) == sorted([FIXED, MOBILE])


async def test_a_client_may_call_nobody_at_all(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D1", "P1", "POWER", client=ENERGY))

    kept = await suppress(store, wish(reason=SuppressionReason.DO_NOT_CALL))

    assert kept.finished == 2
    assert await ends(store, "D1", campaign="POWER") == [None]


async def test_the_last_number_is_the_end(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    assert (await suppress(store, wish(MOBILE))).finished == 0
    assert (await suppress(store, wish(FIXED))).finished == 1
    assert await ends(store, "D1") == ["do_not_call"]


async def test_who_is_finished_already_stays_so_for_the_same_reason(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)

    assert (await suppress(store, wish(debtor="D1"))).finished == 0
    assert await ends(store, "D1") == ["delivered"]


# ---- the same wish, and its end -------------------------------------------------------------------------


async def test_the_same_wish_twice_is_one(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    first = await suppress(store, wish(MOBILE))
    second = await suppress(store, wish(MOBILE), NOW + HOUR)

    assert second.suppression == first.suppression
    assert not second.is_new
    assert len(await store.suppressions(SuppressionFilter(), 0, 10)) == 1
    types = [each for each, _ in await told(store)]
    assert (types.count("suppression.added"), types.count("opt_out")) == (1, 1)


async def test_of_two_times_the_longer_holds(store: SqlStore) -> None:
    short, long = NOW + HOUR, NOW + 3 * HOUR
    for until, holds_until in [(short, short), (long, long), (short, long), (None, None), (long, None)]:
        kept = await suppress(store, wish(MOBILE, until=until))
        assert kept.suppression.wish.until == holds_until


async def test_whoever_is_called_again_goes_on_where_he_was(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)
    kept = await suppress(store, wish(debtor="D1"))

    lifted = await store.lift_suppression(kept.suppression.id, "key:abcd", NOW + timedelta(minutes=1))

    assert lifted is not None
    assert (lifted.returned, lifted.suppression.lifted_by) == (1, "key:abcd")
    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.attempts) == ("waiting", None, 1)
    assert contact.due_at == NOW + RULES.spacing
    assert [attempt.ordinal for attempt in await lease(store, NOW + RULES.spacing)] == [2]


async def test_two_reasons_are_lifted_one_by_one(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    first = await suppress(store, wish(debtor="D1"))
    second = await suppress(store, wish(MOBILE, reason=SuppressionReason.COMPLAINT))

    await store.lift_suppression(first.suppression.id, "cli", NOW)
    assert await ends(store, "D1") == ["do_not_call"]
    await store.lift_suppression(second.suppression.id, "cli", NOW)
    assert await ends(store, "D1") == [None]


async def test_lifting_twice_changes_nothing_and_what_never_was_cannot_be_lifted(store: SqlStore) -> None:
    kept = await suppress(store, wish(MOBILE))
    once = await store.lift_suppression(kept.suppression.id, "cli", NOW)
    again = await store.lift_suppression(kept.suppression.id, "somebody else", NOW + HOUR)
    assert once == again
    assert await store.lift_suppression(4711, "cli", NOW) is None
    assert [each for each, _ in await told(store)] == ["suppression.added", "suppression.lifted"]


async def test_a_wish_whose_time_is_over_is_lifted(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    kept = await suppress(store, wish(MOBILE, until=NOW + HOUR))
    await suppress(store, wish(FIXED, until=NOW + 3 * HOUR))
    assert await store.outlived_suppressions(NOW + HOUR / 2) == []

    [outlived] = await store.outlived_suppressions(NOW + HOUR)
    lifted = await store.lift_if_outlived(outlived, NOW + HOUR)

    assert lifted is not None
    assert (outlived, lifted.returned, lifted.suppression.lifted_by) == (kept.suppression.id, 1, "engine")
    assert await store.lift_if_outlived(outlived, NOW + HOUR) is None


async def test_a_wish_that_was_prolonged_meanwhile_is_not_lifted(store: SqlStore) -> None:
    kept = await suppress(store, wish(MOBILE, until=NOW + HOUR))
    await suppress(store, wish(MOBILE))
    assert await store.lift_if_outlived(kept.suppression.id, NOW + HOUR) is None
    assert await store.suppression(kept.suppression.id) == Suppression(kept.suppression.id, wish(MOBILE), CALLEE, NOW)


async def test_who_was_blocked_meanwhile_is_not_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    kept = await suppress(store, wish(debtor="D1"))
    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED))

    lifted = await store.lift_suppression(kept.suppression.id, "cli", NOW)

    assert lifted is not None
    assert lifted.returned == 0


# ---- calls that are on their way ------------------------------------------------------------------------


async def test_attempts_that_are_open_are_named(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]), row("D2", numbers=[OTHER_MOBILE]))
    first, second = await lease(store)

    on_a_number = await suppress(store, wish(first.number))
    of_a_debtor = await suppress(store, wish(debtor="D2"))

    assert on_a_number.called_off == [CalledOff(first.id, first.contact_id, FinishReason.DO_NOT_CALL)]
    assert of_a_debtor.called_off == [CalledOff(second.id, second.contact_id, FinishReason.DO_NOT_CALL)]
    assert await store.called_off() == [*on_a_number.called_off, *of_a_debtor.called_off]
    assert (on_a_number.finished, of_a_debtor.finished) == (0, 1)


async def test_a_call_to_another_number_goes_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    await lease(store)
    assert (await suppress(store, wish(FIXED))).called_off == []


async def test_who_is_in_a_call_is_finished_with_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await suppress(store, wish(debtor="D1"))

    await store.conclude([conclusion(attempt, Disposition.CANCELLED)], follow)

    assert await ends(store, "D1") == ["do_not_call"]


async def test_a_wish_lifted_during_the_call_lets_its_contact_go_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    kept = await suppress(store, wish(debtor="D1"))
    await store.lift_suppression(kept.suppression.id, "cli", NOW)

    await store.conclude([conclusion(attempt)], follow)

    assert await ends(store, "D1") == [None]


async def test_a_wish_that_comes_again_names_the_calls_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await suppress(store, wish(debtor="D1"))
    again = await suppress(store, wish(debtor="D1"))
    assert again.called_off == [CalledOff(attempt.id, attempt.contact_id, FinishReason.DO_NOT_CALL)]


async def test_a_wish_waits_for_whoever_is_leasing_and_names_what_was_leased(
    store: SqlStore, other_store: SqlStore
) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    await ready_all(store)
    loop, is_kept, asking = asyncio.get_running_loop(), threading.Event(), list[asyncio.Task[Suppressed]]()

    async def ask() -> Suppressed:
        kept = await suppress(other_store, wish(MOBILE))
        is_kept.set()
        return kept

    def decide(contact: Candidate) -> Attempt | Wait | Done | None:
        """The wish comes when the decision to call has been made, and cannot be seen by it."""
        loop.call_soon_threadsafe(lambda: asking.append(asyncio.create_task(ask())))
        assert not is_kept.wait(0.3)
        return calls()(contact)

    [attempt] = await store.lease(1, 10, decide, NOW, HORIZON)
    kept = await asking[0]

    assert [each.attempt_id for each in kept.called_off] == [attempt.id]


# ---- lists that come later ------------------------------------------------------------------------------


async def verdicts(store: SqlStore, batch_id: str) -> list[tuple[str, Sequence[str]]]:
    batch = await store.batch(None, batch_id)
    assert batch is not None
    return [(each.status, each.codes) async for page in store.batch_rows(batch.key) for each in page]


async def test_an_opted_out_number_stays_so_when_it_is_listed_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await suppress(store, wish(MOBILE))

    batch = await take(store, "B-2", row("D1"), row("D2", numbers=[MOBILE, FIXED]), row("D3", numbers=[FIXED]))

    assert await verdicts(store, "B-2") == [
        ("accepted_blocked", ["B_DO_NOT_CALL"]),
        ("accepted", ["W_PHONE_DO_NOT_CALL"]),
        ("accepted", []),
    ]
    assert batch.counts == {"rows": 3, "accepted": 2, "accepted_blocked": 1}
    assert await ends(store, "D1", "D2", "D3") == ["do_not_call", None, None]
    assert {attempt.number for attempt in await lease(store)} == {FIXED}


async def test_a_debtor_who_opted_out_before_any_list_named_him_is_not_called(store: SqlStore) -> None:
    kept = await suppress(store, wish(debtor="D1"))
    await take(store, "B-1", row("D1"))
    assert await verdicts(store, "B-1") == [("accepted_blocked", ["B_DO_NOT_CALL"])]
    assert await ends(store, "D1") == ["do_not_call"]
    assert await lease(store) == []

    await store.lift_suppression(kept.suppression.id, "cli", NOW)
    assert len(await lease(store)) == 1


async def test_a_new_number_is_called_after_the_old_one_was_opted_out(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await suppress(store, wish(MOBILE))
    await take(store, "B-2", row("D1", numbers=[OTHER_MOBILE]))
    assert [attempt.number for attempt in await lease(store)] == [OTHER_MOBILE]


async def test_the_end_of_a_contact_is_told_once_however_often_it_is_listed(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await suppress(store, wish(debtor="D1"))
    before = await store.last_event()
    await take(store, "B-2", row("D1"), row("D2"))
    await take(store, "B-3", row("D1"))
    assert [type_ for type_, _ in await told(store, before)] == ["batch.finished", "batch.finished"]


async def test_one_who_is_being_called_while_a_list_comes_is_finished_with_the_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await suppress(store, wish(debtor="D1"))
    await take(store, "B-2", row("D1"))

    await store.conclude([conclusion(attempt)], follow)

    assert await ends(store, "D1") == ["do_not_call"]


# ---- what is told ---------------------------------------------------------------------------------------


async def test_an_opt_out_is_told_of_every_open_case_and_of_every_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D1", "C2"), row("D2", numbers=[FIXED]))
    before = await store.last_event()

    await suppress(store, wish(MOBILE))

    assert await told(store, before) == [
        ("suppression.added", None),
        ("opt_out", "RENT/D1"),
        ("opt_out", "C2"),
        ("contact.finished", "RENT/D1"),
        ("contact.finished", "C2"),
    ]
    [event] = [each.event for each in await store.events(before, 1)]
    assert event.body == {"suppression_id": 1, "reason": "opt_out", "number": "…001"}
    assert event.actor == CALLEE


async def test_a_wrong_number_is_told_of_its_debtors_cases(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]), row("D2"))
    before = await store.last_event()
    await suppress(store, wrong(MOBILE, "D1"))
    assert await told(store, before) == [("suppression.added", None), ("wrong_number", "RENT/D1")]


# ---- finding them ---------------------------------------------------------------------------------------


async def test_suppressions_are_found_by_what_they_are_about(store: SqlStore) -> None:
    wishes = [wish(MOBILE), wish(debtor="D1"), wrong(FIXED, "D2"), everywhere(MOBILE), wish(MOBILE, client=ENERGY)]
    ids = [(await suppress(store, each)).suppression.id for each in wishes]
    await store.lift_suppression(ids[1], "cli", NOW)

    async def found(after: int = 0, limit: int = 10, **which: Any) -> list[int]:
        page = await store.suppressions(SuppressionFilter(**which), after, limit)
        return [ids.index(each.id) for each in page]

    assert await found() == [0, 1, 2, 3, 4]
    assert await found(client_id="CL-CZYNSZ") == [0, 1, 2]
    assert await found(number=MOBILE) == [0, 3, 4]
    assert await found(debtor_ref="D2") == [2]
    assert await found(reason=SuppressionReason.DO_NOT_CALL) == [3]
    assert await found(is_lifted=True) == [1]
    assert await found(is_lifted=False) == [0, 2, 3, 4]
    assert await found(after=ids[0], limit=2) == [1, 2]
    assert await store.suppression(4711) is None
