"""Is every case found by what it is asked for, once, in the order in which cases came?"""

from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.blocks import CaseChange, Ordered
from dialer.core.cases import CaseOrder, CaseState, Dispute, Hold, HoldReason, PromiseState, Stage
from dialer.core.codes import Code
from dialer.ports.store import CaseFilter
from tests.contracts.store.test_promises import promises
from tests.support.balances import balance, numbered
from tests.support.stores import NOW, row, settings, take

CLIENT, OTHER = "CL-CZYNSZ", "CL-TELKO"

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def found(store: SqlStore, **asked: Any) -> list[str]:
    return [case.case_id for case in await store.cases(CaseFilter(**asked), 0, 100)]


async def change(store: SqlStore, case: str, **to: Any) -> None:
    await store.change_case(CLIENT, case, CaseChange(**to), "key:test", NOW)


async def test_cases_come_in_pages(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(1, 6)))

    first = await store.cases(CaseFilter(CLIENT), 0, 3)
    second = await store.cases(CaseFilter(CLIENT), first[-1].key, 3)

    assert [each.case_id for each in (*first, *second)] == [f"RENT/D{n}" for n in range(1, 6)]
    assert await store.cases(CaseFilter(CLIENT), second[-1].key, 3) == []


async def test_a_listed_case_is_the_one_that_is_shown(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))

    assert await store.cases(CaseFilter(), 0, 10) == [await store.case(CLIENT, "RENT/D1")]


async def test_cases_are_found_by_client_campaign_and_debtor(store: SqlStore) -> None:
    await store.put_campaign("PHONES", settings(client_id=OTHER), NOW, None)
    phone = row("D1", case="PHONES/1", campaign="PHONES", client=OTHER)
    await take(store, "B-1", row("D1"), row("D2"), row("D1", case="FLATS/1", campaign="FLATS"), phone)

    assert await found(store) == ["RENT/D1", "RENT/D2", "FLATS/1", "PHONES/1"]
    assert await found(store, client_id=OTHER) == ["PHONES/1"]
    assert await found(store, campaign_id="FLATS") == ["FLATS/1"]
    assert await found(store, client_id=CLIENT, debtor_ref="D1") == ["RENT/D1", "FLATS/1"]
    assert await found(store, client_id=OTHER, campaign_id="RENT") == []


async def test_cases_are_found_by_their_state_and_stage(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(stages=[Stage.OVERDUE, Stage.DEMAND]), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"), row("D3", stage=Stage.DEMAND))
    await store.settle(numbered(balance("RENT/D2")), "key:test", NOW)

    assert await found(store, state=CaseState.CLOSED_PAID) == ["RENT/D2"]
    assert await found(store, state=CaseState.OPEN) == ["RENT/D1", "RENT/D3"]
    assert await found(store, stage=Stage.DEMAND) == ["RENT/D3"]


async def test_cases_are_found_by_what_keeps_them_from_being_called(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(1, 5)), row("D5", blocked=Code.B_ATTORNEY))
    await change(store, "RENT/D1", dispute=Dispute.OPEN)
    await change(store, "RENT/D2", dispute=Dispute.OPEN)
    await change(store, "RENT/D2", dispute=Dispute.REJECTED)
    await change(store, "RENT/D3", ordered=Ordered(CaseOrder.PAUSE, HoldReason.OTHER))

    assert await found(store, dispute=Dispute.OPEN) == ["RENT/D1"]
    assert await found(store, dispute=Dispute.REJECTED) == ["RENT/D2"]
    assert await found(store, hold=Hold.PAUSED) == ["RENT/D3"]
    assert await found(store, is_blocked=True) == ["RENT/D1", "RENT/D3", "RENT/D5"]
    assert await found(store, is_blocked=False) == ["RENT/D2", "RENT/D4"]


async def test_cases_are_found_by_what_became_of_their_promise(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await promises(store)
    await take(store, "B-2", row("D2"))

    assert await found(store, promise=PromiseState.OPEN) == ["RENT/D1"]
    assert await found(store, promise=PromiseState.KEPT) == []
