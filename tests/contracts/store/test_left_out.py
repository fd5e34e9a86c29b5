"""Who is called no more: blocked, moved or left out by a newer call list?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.model import Disposition
from tests.support.stores import (
    NOW,
    conclusion,
    contact_of,
    follow,
    lease,
    ready_all,
    row,
    take,
)

TOMORROW = NOW + timedelta(days=1)

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def test_a_contact_whose_every_case_is_blocked_is_called_no_more(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await ready_all(store)

    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED))

    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.cases) == ("finished", "blocked", [])
    assert (await contact_of(store, "D2")).state == "ready"


async def test_a_contact_with_a_case_left_is_called_of_that_one_only(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    await ready_all(store)

    await take(store, "B-2", row("D1", case="RENT/1", blocked=Code.B_DISPUTE))

    await ready_all(store)
    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.cases) == ("ready", None, ["RENT/2"])


async def test_a_message_that_speaks_of_a_blocked_case_is_not_played(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    await ready_all(store)

    await take(store, "B-2", row("D1", case="RENT/1", blocked=Code.B_DISPUTE))

    assert (await contact_of(store)).state == "waiting"
    [asked] = await store.unvoiced([1], TOMORROW, NOW, 10)
    assert [case.case_id for case in asked.cases] == ["RENT/2"]


async def test_a_contact_that_is_blocked_during_its_call_is_not_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED))
    assert (await contact_of(store)).state == "dialing"

    await store.conclude([conclusion(attempt, Disposition.BUSY)], follow)

    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", "blocked")


async def test_a_contact_that_is_blocked_during_its_call_may_still_hear_it_out(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED))

    await store.conclude([conclusion(attempt, Disposition.DELIVERED)], follow)

    assert (await contact_of(store)).finished == "delivered"


async def test_a_contact_that_was_blocked_and_listed_again_during_its_call_goes_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await take(store, "B-2", row("D1", blocked=Code.B_DISPUTE))
    await take(store, "B-3", row("D1"))

    await store.conclude([conclusion(attempt, Disposition.BUSY)], follow)

    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("waiting", None)


async def test_a_case_that_moves_to_another_debtor_is_not_told_to_the_first(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D2", case="RENT/2"), row("D2", case="RENT/3"))
    await ready_all(store)

    await take(store, "B-2", row("D9", case="RENT/1"), row("D9", case="RENT/2"))

    assert (await contact_of(store, "D1")).finished == "blocked"
    assert (await contact_of(store, "D9")).cases == ["RENT/1", "RENT/2"]
    asked = {each.contact_id: each for each in await store.unvoiced([1], TOMORROW, NOW, 10)}
    assert [case.case_id for case in asked[(await contact_of(store, "D2")).id].cases] == ["RENT/3"]


async def test_a_case_that_moves_to_another_campaign_is_called_there_only(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)

    await take(store, "B-2", row("D1", campaign="FLATS"))

    assert (await contact_of(store, "D1", "RENT")).state == "finished"
    assert (await contact_of(store, "D1", "FLATS")).cases == ["RENT/D1"]


async def test_a_list_that_replaces_ends_the_contacts_it_does_not_name(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3", campaign="FLATS"))
    await ready_all(store)

    await take(store, "B-2", row("D1"), mode="replace")

    assert (await contact_of(store, "D1")).finished is None
    assert (await contact_of(store, "D2")).finished == "replaced"
    assert (await contact_of(store, "D3", "FLATS")).finished is None


async def test_a_list_that_updates_leaves_the_others_alone(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))

    await take(store, "B-2", row("D1"))

    assert (await contact_of(store, "D2")).finished is None
