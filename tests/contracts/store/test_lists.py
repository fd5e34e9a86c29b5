"""What does a newer call list make of the contacts that an older one brought?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.core.plan import Mailing
from dialer.core.retry import Stand
from dialer.model import Disposition
from dialer.ports.store import Concluded, Conclusion, ContactFilter, TakenRow
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    OTHER_MOBILE,
    RULES,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    ready_all,
    row,
    settings,
    take,
    voice_all,
)

TOMORROW = NOW + timedelta(days=1)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("rent_and_flats")


# ---- what a list brings ---------------------------------------------------------------------------------


async def test_an_accepted_row_becomes_a_contact_with_its_numbers_in_order(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[FIXED, MOBILE]))

    contact = await contact_of(store)

    assert (contact.client_id, contact.campaign_id, contact.debtor_ref) == ("CL-CZYNSZ", "RENT", "D1")
    assert (contact.state, contact.due_at, contact.attempts, contact.finished) == ("waiting", NOW, 0, None)
    assert [(number.e164, number.attempts, number.retired) for number in contact.numbers] == [
        (FIXED, 0, None),
        (MOBILE, 0, None),
    ]
    assert contact.cases == ["RENT/D1"]


async def test_a_blocked_row_is_no_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", blocked=Code.B_DECEASED))

    assert await store.contacts(ContactFilter(campaign_id="RENT"), 0, 10) == []


async def test_several_cases_of_a_debtor_are_one_contact(store: SqlStore) -> None:
    await take(
        store,
        "B-1",
        row("D1", case="RENT/1", numbers=[MOBILE, FIXED]),
        row("D1", case="RENT/2", numbers=[OTHER_MOBILE, MOBILE]),
        row("D1", case="RENT/3", blocked=Code.B_DISPUTE),
    )

    [contact] = await store.contacts(ContactFilter(campaign_id="RENT"), 0, 10)

    assert contact.cases == ["RENT/1", "RENT/2"]
    assert sorted(number.e164 for number in contact.numbers) == sorted([MOBILE, FIXED, OTHER_MOBILE])


async def test_a_number_may_belong_to_several_debtors(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE]), row("D2", numbers=[MOBILE]))

    await call_all(store, Disposition.BUSY)

    for debtor in ("D1", "D2"):
        assert [number.attempts for number in (await contact_of(store, debtor)).numbers] == [1]


async def test_debtors_of_two_clients_may_have_the_same_id(store: SqlStore) -> None:
    await store.put_campaign("POWER", settings(client_id="CL-ENERGIA"), NOW, None)

    await take(store, "B-1", row("D1"), row("D1", campaign="POWER", client="CL-ENERGIA"))

    assert (await contact_of(store, "D1", "RENT")).client_id == "CL-CZYNSZ"
    assert (await contact_of(store, "D1", "POWER")).client_id == "CL-ENERGIA"


async def test_a_batch_with_settings_of_its_own_has_lanes_of_its_own(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await take(store, "B-2", row("D2"), mailing=Mailing(attempts=1))
    await take(store, "B-3", row("D3"), mailing=Mailing())

    assert [(lane.batch_id, lane.rules.per_number) for lane, _ in await store.lanes()] == [(None, 3), ("B-2", 1)]


# ---- a newer list keeps the history ---------------------------------------------------------------------


async def test_a_contact_that_is_being_called_goes_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE]))
    await call_all(store, Disposition.BUSY)
    before = await contact_of(store)

    await take(store, "B-2", row("D1", numbers=[MOBILE], amount="99.00"), now=NOW + MINUTE)

    after = await contact_of(store)
    assert (after.id, after.due_at, after.attempts) == (before.id, NOW + RULES.spacing, 1)
    assert [number.attempts for number in after.numbers] == [1]


async def test_what_a_newer_list_says_is_spoken(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", amount="153.20"))
    await ready_all(store)

    await take(store, "B-2", row("D1", amount="99.00"))

    [asked] = await store.unvoiced([1], TOMORROW, NOW, 10)
    assert [str(case.receivable.amount) for case in asked.cases] == ["99"]


async def test_numbers_that_a_newer_list_does_not_name_are_called_no_more(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    await take(store, "B-2", row("D1", numbers=[FIXED, OTHER_MOBILE]))

    numbers = {number.e164: number.retired for number in (await contact_of(store)).numbers}

    assert numbers == {MOBILE: "not_listed", FIXED: None, OTHER_MOBILE: None}


async def test_a_number_that_is_named_again_is_called_again_with_its_history(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE]))
    await call_all(store, Disposition.BUSY)
    await take(store, "B-2", row("D1", numbers=[FIXED]))
    await take(store, "B-3", row("D1", numbers=[FIXED, MOBILE]))

    numbers = {number.e164: (number.attempts, number.retired) for number in (await contact_of(store)).numbers}

    assert numbers == {FIXED: (0, None), MOBILE: (1, None)}


async def test_a_number_that_proved_invalid_stays_so_whatever_lists_say(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    await call_all(store, Disposition.INVALID_NUMBER)
    await take(store, "B-2", row("D1", numbers=[MOBILE, FIXED]))

    assert (await contact_of(store)).numbers[0].retired == "invalid_number"


# ---- finished contacts ----------------------------------------------------------------------------------


async def test_a_newer_list_begins_a_finished_contact_anew_after_the_rest(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)
    assert (await contact_of(store)).finished == "delivered"

    await take(store, "B-2", row("D1"), now=NOW + MINUTE)

    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.due_at) == ("waiting", None, NOW + RULES.spacing)
    assert [number.attempts for number in contact.numbers] == [0]
    assert await lease(store, NOW + MINUTE) == []
    [attempt] = await lease(store, NOW + RULES.spacing)
    assert attempt.ordinal == 2


async def test_a_list_of_the_next_day_begins_it_at_once(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)

    await take(store, "B-2", row("D1"), now=TOMORROW)

    assert (await contact_of(store)).due_at == TOMORROW


async def test_attempts_that_did_not_count_are_forgotten_when_it_begins_anew(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await store.conclude([conclusion(attempt, Disposition.NOT_PLACED)], follow)
    [attempt] = await lease(store, NOW + MINUTE * 2)
    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)
    await take(store, "B-2", row("D1"), now=TOMORROW)

    told: list[int] = []

    def decide(each: Conclusion, before: Stand) -> Concluded:
        told.append(before.uncounted)
        return follow(each, before)

    [attempt] = await lease(store, TOMORROW)
    await store.conclude([conclusion(attempt)], decide)

    assert told == [0]


# ---- what is spoken -------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Disposition.DELIVERED, Disposition.BUSY])
async def test_whoever_begins_anew_on_the_same_day_hears_what_is_owed_now(
    store: SqlStore, outcome: Disposition
) -> None:
    await take(store, "B-1", row("D1", amount="153.20"))
    await call_all(store, outcome)
    await take(store, "B-2", row("D1", amount="99.00"), now=NOW + MINUTE)

    [asked] = await store.unvoiced([1], TOMORROW, NOW, 10)
    assert [str(case.receivable.amount) for case in asked.cases] == ["99"]


async def test_a_list_that_says_the_same_again_disturbs_no_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2", version=2))
    await ready_all(store)
    await lease(store)
    await take(store, "B-2", row("D1"), row("D2", amount="1.00", version=1))  # of the second, something newer is known

    assert await store.called_off() == []
    assert await voice_all(store) == 0


@pytest.mark.parametrize(
    "listed",
    [row("D1", amount="99.00"), row("D1", due=TOMORROW.date()), row("D1", case="RENT/2")],
    ids=["another sum", "another date", "another case"],
)
async def test_a_list_that_says_something_else_calls_the_message_off(store: SqlStore, listed: TakenRow) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await take(store, "B-2", listed)

    assert [(each.attempt_id, each.finished) for each in await store.called_off()] == [(attempt.id, None)]


async def test_another_name_of_the_debtor_calls_the_message_off(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    listed = row("D1")
    assert listed.verdict.case is not None
    other = replace(listed.verdict.case, debtor=replace(listed.verdict.case.debtor, last_name="Nieprawdziwy"))
    await take(store, "B-2", replace(listed, verdict=replace(listed.verdict, case=other)))

    assert [each.attempt_id for each in await store.called_off()] == [attempt.id]
