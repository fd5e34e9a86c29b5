"""Whose message is missing, and does a message say what is true when it is played?"""

from datetime import date, timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.core.plan import Mailing
from dialer.core.reminders import Reminded
from dialer.model import Disposition
from dialer.ports.store import TakenRow, Unvoiced, Voiced
from tests.support.stores import NOW, call_all, contact_of, lease, ready_all, row, settings, take, voice_all

SOON = NOW + timedelta(minutes=30)
DAY = date(2026, 11, 23)

pytestmark = pytest.mark.usefixtures("rent")


async def asked_for(store: SqlStore, limit: int = 100) -> list[Unvoiced]:
    return list(await store.unvoiced([lane.id for lane, _ in await store.lanes()], SOON, NOW, limit))


async def test_a_new_contact_needs_a_message_of_all_its_cases(store: SqlStore) -> None:
    rows = [row("D1", case=f"RENT/{n}", amount=f"{n}.50") for n in (1, 2)]
    await take(store, "B-1", *rows, row("D1", case="RENT/3", blocked=Code.B_DISPUTE))

    [asked] = await asked_for(store)

    assert (asked.campaign_id, asked.lane_id) == ("RENT", 1)
    assert list(asked.cases) == [each.verdict.case for each in rows]


async def test_the_soonest_due_are_asked_for_first(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), now=NOW + timedelta(minutes=2))
    await take(store, "B-2", row("D2"), mailing=Mailing(attempts=1), now=NOW)
    await take(store, "B-3", row("D3"), now=NOW + timedelta(minutes=1))

    order = [(await contact_of(store, debtor)).id for debtor in ("D2", "D3", "D1")]
    assert [each.contact_id for each in await asked_for(store)] == order
    assert [each.contact_id for each in await asked_for(store, limit=2)] == order[:2]


async def test_those_due_later_and_in_closed_lanes_are_not_asked_for(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), now=SOON + timedelta(seconds=1))
    await take(store, "B-2", row("D2", timezone="Europe/London"), now=NOW)
    warsaw = next(lane.id for lane, _ in await store.lanes() if lane.hours.timezone.key == "Europe/Warsaw")

    assert await store.unvoiced([warsaw], SOON, NOW, 10) == []
    assert await store.unvoiced([], SOON, NOW, 10) == []


async def test_a_voiced_contact_can_be_called(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    asked = await asked_for(store)

    await store.voice(asked, [Voiced(asked[0].contact_id, "k" * 64, "Dzień dobry.", DAY)])

    assert await asked_for(store) == []
    assert await store.wake(NOW) == {1: 1}
    assert (await contact_of(store)).message_text == "Dzień dobry."


async def test_nothing_voiced_is_no_trouble(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))

    await store.voice(await asked_for(store), [])

    assert len(await asked_for(store)) == 1


@pytest.mark.parametrize("newer", [row("D1", amount="1.00"), row("D1", case="RENT/2", blocked=Code.B_DISPUTE)])
async def test_a_message_made_before_a_newer_list_came_is_not_played(store: SqlStore, newer: TakenRow) -> None:
    await take(store, "B-1", row("D1", case="RENT/D1"), row("D1", case="RENT/2"))
    asked = await asked_for(store)
    await take(store, "B-2", newer)

    await store.voice(asked, [Voiced(asked[0].contact_id, "old", "Nieaktualne.", DAY)])

    assert len(await asked_for(store)) == 1
    assert (await contact_of(store)).message_text is None


async def test_a_message_made_before_the_campaign_changed_is_not_played(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    asked = await asked_for(store)
    await store.put_campaign("RENT", settings(brand="Spółdzielnia Zmyślona"), NOW, None)

    await store.voice(asked, [Voiced(asked[0].contact_id, "old", "Nieaktualne.", DAY)])

    assert len(await asked_for(store)) == 1


async def test_a_held_contact_is_asked_for_again_later(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    contact = await contact_of(store)

    await store.hold([contact.id], "no case form of the name" * 20, NOW + timedelta(minutes=10))

    assert (await contact_of(store)).held_because == ("no case form of the name" * 20)[:300]
    assert contact.id not in {each.contact_id for each in await asked_for(store)}
    later = NOW + timedelta(minutes=10)
    assert contact.id in {each.contact_id for each in await store.unvoiced([1], later, later, 10)}


async def test_a_newer_list_lets_go_of_a_held_contact(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await store.hold([1], "no case form of the name", NOW + timedelta(minutes=10))

    await take(store, "B-2", row("D1"))

    assert len(await asked_for(store)) == 1
    assert (await contact_of(store)).held_because is None


async def test_audio_that_is_gone_is_rendered_again_before_the_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)

    await store.unvoice([1])

    assert (await contact_of(store)).state == "waiting"
    assert await store.wake(NOW) == {}
    assert await voice_all(store) == 1


async def test_when_a_day_begins_in_a_lane_its_messages_of_another_day_are_rendered_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2", timezone="America/New_York"))
    await ready_all(store)
    tomorrow = DAY + timedelta(days=1)

    assert await store.unvoice_outdated({1: DAY, 2: DAY}) == 0
    assert await store.unvoice_outdated({1: tomorrow, 2: DAY}) == 1

    assert {each.lane_id for each in await asked_for(store)} == {1}
    assert (await contact_of(store, "D2")).state == "ready"


async def test_a_call_in_flight_is_not_disturbed_by_missing_audio(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await lease(store)

    await store.unvoice([1])

    assert (await contact_of(store)).state == "dialing"


async def test_calls_of_other_campaigns_to_the_debtor_are_reminders(store: SqlStore) -> None:
    await store.put_campaign("FLATS", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"))
    await call_all(store, Disposition.DELIVERED)
    await take(store, "B-2", row("D1", campaign="FLATS"), row("D3", campaign="FLATS"))

    [demanded, rented, new] = [
        (await contact_of(store, debtor, campaign)).id
        for debtor, campaign in (("D1", "FLATS"), ("D1", "RENT"), ("D3", "FLATS"))
    ]
    assert await store.reminded([demanded, rented, new]) == {demanded: Reminded(heard=1, tried=1)}
