"""Are campaigns kept as they were put, and by nobody else's hand?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.plan import Mailing
from dialer.model import CampaignState, Disposition
from dialer.ports.store import CampaignFigures, Conflict
from tests.support.balances import balance
from tests.support.stores import (
    FIXED,
    NOW,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    order,
    ready_all,
    row,
    settings,
    take,
    voice_all,
)

LATER = NOW + timedelta(hours=1)


async def test_a_campaign_begins_as_a_draft(store: SqlStore) -> None:
    put = await store.put_campaign("RENT", settings(), NOW, None)

    assert (put.state, put.revision, put.updated_at) == (CampaignState.DRAFT, 1, NOW)
    assert await store.campaign("RENT") == put


async def test_a_campaign_nobody_put_is_not_there(store: SqlStore) -> None:
    assert await store.campaign("RENT") is None


@pytest.mark.parametrize(
    "changes", [{"gap_minutes": 30}, {"retry": {"busy": {"wait_minutes": 5}}}, {"max_per_debtor_day": 9}]
)
async def test_whoever_waits_is_judged_anew_when_the_wait_may_differ(store: SqlStore, changes: dict[str, Any]) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)
    soon = NOW + timedelta(minutes=1)

    await store.put_campaign("RENT", settings(**changes), soon, None)

    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", soon)


async def test_whoever_waits_goes_on_waiting_when_something_else_changes(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.put_campaign("FLATS", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)

    await store.put_campaign("RENT", settings(priority=1, attempts=5), NOW + timedelta(minutes=1), None)
    await store.put_campaign("FLATS", settings(gap_minutes=5), NOW + timedelta(minutes=1), None)

    assert (await contact_of(store)).due_at == LATER


async def test_a_client_sees_its_own_campaigns_in_order(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.put_campaign("POWER", settings(client_id="CL-ENERGIA"), NOW, None)
    await store.put_campaign("FLATS", settings(), NOW, None)

    assert [each.id for each in await store.campaigns("CL-CZYNSZ")] == ["FLATS", "RENT"]
    assert [each.id for each in await store.campaigns(None)] == ["FLATS", "POWER", "RENT"]


async def test_settings_are_changed_and_counted(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.set_campaign_state("RENT", CampaignState.RUNNING, NOW)

    changed = await store.put_campaign("RENT", settings(attempts=5), LATER, 1)

    assert (changed.state, changed.revision, changed.updated_at) == (CampaignState.RUNNING, 2, LATER)
    assert await store.campaign("RENT") == changed


@pytest.mark.parametrize("revision", [0, 2])
async def test_a_change_of_what_has_changed_meanwhile_is_refused(store: SqlStore, revision: int) -> None:
    put = await store.put_campaign("RENT", settings(), NOW, None)

    with pytest.raises(Conflict, match="changed since"):
        await store.put_campaign("RENT", settings(attempts=5), LATER, revision)
    assert await store.campaign("RENT") == put


async def test_of_two_that_change_the_same_revision_one_wins(store: SqlStore, other_store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)

    results = await asyncio.gather(
        *(each.put_campaign("RENT", settings(attempts=n), NOW, 1) for n, each in enumerate([store, other_store], 1)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["Campaign", "Conflict"]


async def test_of_two_that_create_it_one_wins(store: SqlStore, other_store: SqlStore) -> None:
    results = await asyncio.gather(
        *(each.put_campaign("RENT", settings(), NOW, 0) for each in (store, other_store)), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["Campaign", "Conflict"]


async def test_nobody_takes_another_clients_campaign(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)

    with pytest.raises(Conflict, match="another client"):
        await store.put_campaign("RENT", settings(client_id="CL-TELKO"), NOW, None)


async def test_the_longest_names_are_kept(store: SqlStore) -> None:
    put = await store.put_campaign("R" * 64, settings(client_id="Ł" * 120, brand="Ż" * 120), NOW, None)

    assert await store.campaign("R" * 64) == put


async def test_a_change_of_what_is_said_has_messages_rendered_anew(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"))
    await ready_all(store)

    await store.put_campaign("RENT", settings(brand="Spółdzielnia Zmyślona"), NOW, None)

    assert (await contact_of(store)).state == "waiting"
    assert await voice_all(store) == 2


async def test_a_change_of_how_often_is_called_leaves_messages_alone(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row())
    await ready_all(store)

    await store.put_campaign("RENT", settings(attempts=5), NOW, None)

    assert (await contact_of(store)).state == "ready"


async def test_a_lane_has_the_rules_of_its_campaign_and_zone(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(attempts=2, gap_minutes=90), NOW, None)
    await store.set_campaign_state("RENT", CampaignState.RUNNING, NOW)
    await take(store, "B-1", row("D1"), row("D2", timezone="Europe/London"))

    lanes = await store.lanes()

    assert {(lane.campaign_id, lane.hours.timezone.key, state) for lane, state in lanes} == {
        ("RENT", "Europe/Warsaw", CampaignState.RUNNING),
        ("RENT", "Europe/London", CampaignState.RUNNING),
    }
    assert {(lane.rules.per_number, lane.rules.spacing, lane.batch_id) for lane, _ in lanes} == {
        (2, timedelta(minutes=90), None)
    }


async def test_figures_tell_how_a_campaign_stands(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.put_campaign("FLATS", settings(), NOW, None)
    await take(store, "B-0", row("D9", case="FLATS/D9", campaign="FLATS"))
    await take(store, "B-1", *(row(f"D{n}", numbers=[FIXED]) for n in range(5)))
    rent = next(lane.id for lane, _ in await store.lanes() if lane.campaign_id == "RENT")
    first, second, *_ = await lease(store, lane=rent)
    await store.conclude([conclusion(first, Disposition.DELIVERED), conclusion(second)], follow)
    await take(store, "B-2", row("D5"))
    await store.hold([(await contact_of(store, "D5")).id], "no case form", LATER)

    assert await store.campaign_figures("RENT") == CampaignFigures(
        contacts={"dialing": 3, "finished": 1, "waiting": 2},
        finished={"delivered": 1},
        attempts={"delivered": 1, "busy": 1, "open": 3},
        held=1,
    )


async def test_an_empty_campaign_has_no_figures(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)

    assert await store.campaign_figures("RENT") == CampaignFigures({}, {}, {}, 0)
    assert await call_all(store, Disposition.BUSY) == []


# ---- settings of batches --------------------------------------------------------------------------------


async def test_the_settings_of_batches_that_contacts_are_called_by_are_told(store: SqlStore) -> None:
    for campaign in ("RENT", "FLATS"):
        await store.put_campaign(campaign, settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await take(store, "B-2", row("D2"), mailing=Mailing(attempts=2))
    await take(store, "B-3", row("D3", campaign="FLATS"), mailing=Mailing(attempts=3))
    await take(store, "B-4", row("D4"), mailing=Mailing(attempts=4))
    await take(store, "B-5", row("D4"))  # by the campaign's plan now

    assert await store.mailings("RENT") == {"B-2": Mailing(attempts=2)}
    assert await store.mailings("FLATS") == {"B-3": Mailing(attempts=3)}


@pytest.mark.parametrize(
    ("outcome", "is_told"),
    [(Disposition.BUSY, True), (Disposition.INVALID_NUMBER, False), (Disposition.DELIVERED, False)],
)
async def test_a_batch_whose_contacts_are_finished_for_good_is_not_told_of(
    store: SqlStore, outcome: Disposition, is_told: bool
) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"), mailing=Mailing(attempts=2))
    await call_all(store, outcome)

    assert ("B-1" in await store.mailings("RENT")) == is_told


async def test_whoever_is_blocked_may_come_back_so_their_batch_is_told_of(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"), mailing=Mailing(attempts=2))
    await store.settle([balance("RENT/D1")], "key:test", NOW)

    assert list(await store.mailings("RENT")) == ["B-1"]


@pytest.mark.parametrize(("owner", "is_told"), [("CL-CZYNSZ", True), ("", True), ("CL-TELKO", False)])
async def test_a_batch_that_is_being_received_may_be_about_the_campaign(
    store: SqlStore, owner: str, is_told: bool
) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.begin_batch(order("B-1", owner=owner, mailing=Mailing(attempts=2)))

    assert ("B-1" in await store.mailings("RENT")) == is_told
