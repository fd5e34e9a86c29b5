"""Do those who ask see contacts and attempts as they are kept?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.call import Call
from dialer.core.codes import Code
from dialer.model import Disposition
from dialer.ports.store import AttemptFilter, Conclusion, ContactFilter
from tests.support.stores import NOW, call_all, contact_of, follow, lease, row, take

pytestmark = pytest.mark.usefixtures("rent_and_flats")


# ---- contacts -------------------------------------------------------------------------------------------


async def test_a_contact_is_found_by_its_id(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    contact = await contact_of(store)

    assert await store.contact(contact.id) == contact
    assert await store.contact(contact.id + 1) is None


async def found(store: SqlStore, **which: Any) -> list[str]:
    """The debtors of the contacts that are asked for."""
    return [each.debtor_ref for each in await store.contacts(ContactFilter(**which), 0, 10)]


async def test_contacts_come_in_pages(store: SqlStore) -> None:
    await take(store, "B-1", row("D0", case="FLATS/0", campaign="FLATS"), *(row(f"D{n}") for n in range(1, 6)))
    rent = ContactFilter(campaign_id="RENT")

    first = await store.contacts(rent, 0, 3)
    second = await store.contacts(rent, first[-1].id, 3)

    assert [each.debtor_ref for each in (*first, *second)] == ["D1", "D2", "D3", "D4", "D5"]
    assert await store.contacts(rent, second[-1].id, 3) == []


async def test_a_contact_is_found_by_its_case(store: SqlStore) -> None:
    await take(
        store,
        "B-1",
        row("D1"),
        row("D2", case="RENT/2a"),
        row("D2", case="RENT/2b", blocked=Code.B_DISPUTE),
    )

    for case in ("RENT/2a", "RENT/2b"):
        assert await found(store, campaign_id="RENT", case_id=case) == ["D2"]
        assert await found(store, case_id=case) == ["D2"]
    assert await found(store, campaign_id="FLATS", case_id="RENT/2a") == []


async def test_contacts_of_all_campaigns_are_found_by_debtor_and_by_number(store: SqlStore) -> None:
    other = "+48280000777"
    await take(
        store, "B-1", row("D1"), row("D2", numbers=(other,)), row("D1", case="FLATS/1", campaign="FLATS")
    )  # fmt: skip

    everybody = await store.contacts(ContactFilter(), 0, 10)
    assert sorted((each.debtor_ref, each.campaign_id) for each in everybody) == [
        ("D1", "FLATS"),
        ("D1", "RENT"),
        ("D2", "RENT"),
    ]
    assert await found(store, debtor_id="D1") == ["D1", "D1"]
    assert await found(store, number=other) == ["D2"]
    assert await found(store, client_id="CL-CZYNSZ", debtor_id="D2") == ["D2"]
    assert await found(store, client_id="CL-NOBODY") == []
    assert await found(store, debtor_id="D3") == await found(store, number="+48280999999") == []


async def test_contacts_are_found_by_their_state(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)
    await take(store, "B-2", row("D2"))

    assert await found(store, campaign_id="RENT", state="finished") == ["D1"]
    assert await found(store, campaign_id="RENT", state="waiting") == ["D2"]


# ---- attempts -------------------------------------------------------------------------------------------


async def test_an_attempts_row_tells_the_story_of_the_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    at = [NOW + timedelta(milliseconds=100 * step) for step in range(6)]
    call = Call(
        attempt.id,
        placed_at=at[0],
        started_at=at[1],
        rang_at=at[2],
        answered_at=at[3],
        message_at=at[4],
        ended_at=at[5],
        platform_code="16",
    )
    [before] = await store.attempts(AttemptFilter(campaign_id="RENT"), "", 10)
    assert (before.disposition, before.counted, before.saved_at) == (None, None, NOW)

    await store.conclude([Conclusion(attempt, call, Disposition.HUNG_UP)], follow)

    [seen] = await store.attempts(AttemptFilter(campaign_id="RENT"), "", 10)
    assert seen == replace(
        before,
        disposition="hung_up",
        counted=True,
        placed_at=at[0],
        started_at=at[1],
        rang_at=at[2],
        answered_at=at[3],
        message_at=at[4],
        ended_at=at[5],
        platform_code="16",
    )


async def test_attempts_come_in_pages_in_the_order_they_were_saved(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(5)), row("D9", case="FLATS/9", campaign="FLATS"))
    saved = [attempt.id for attempt in await lease(store, lane=1)]

    first = await store.attempts(AttemptFilter(campaign_id="RENT"), "", 3)
    second = await store.attempts(AttemptFilter(campaign_id="RENT"), first[-1].id, 3)

    assert [each.id for each in (*first, *second)] == saved


async def test_a_contacts_attempts_come_in_order(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    for hour in range(3):
        await call_all(store, Disposition.BUSY, NOW + timedelta(hours=hour))

    assert [each.ordinal for each in await store.attempts_of(1)] == [1, 2, 3]
