"""Is a client known as soon as a campaign names it, and is what it has decided kept and followed?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.blocks import CaseChange, Held, Ordered
from dialer.core.cases import CaseOrder, Dispute, Hold, HoldReason
from dialer.core.clients import AfterRejection, ClientSettings
from dialer.core.codes import Code
from dialer.ports.store import AuditFilter, CaseView, Conflict
from tests.support.balances import balance, numbered
from tests.support.stores import NOW, row, settings, take

CLIENT, OTHER = "CL-CZYNSZ", "CL-TELKO"
LATER = NOW + timedelta(hours=1)
WAITS = ClientSettings(name="Spółdzielnia Fikcyjna", after_rejected_dispute=AfterRejection.WAIT)

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def changed(store: SqlStore, change: CaseChange) -> CaseView:
    return (await store.change_case(CLIENT, "RENT/D1", change, "key:test", NOW)).case


async def actions(store: SqlStore) -> list[str]:
    found = await store.audit(AuditFilter(subject=CLIENT), 0, 100)
    return [entry.change.action for entry in found]


async def test_a_campaigns_client_is_known_once_by_its_id(store: SqlStore) -> None:
    [client] = await store.clients(None)

    assert (client.id, client.settings, client.revision) == (CLIENT, ClientSettings(name=CLIENT), 1)
    assert await store.client(CLIENT) == client
    assert await store.client(OTHER) is None
    assert await actions(store) == ["client.created"]


async def test_a_campaign_leaves_a_client_that_is_known_as_it_is(store: SqlStore) -> None:
    decided = await store.put_client(OTHER, WAITS, NOW, 0, "key:test")
    await store.put_campaign("PHONES", settings(client_id=OTHER), LATER, None)

    assert await store.client(OTHER) == decided


async def test_clients_are_listed_by_id(store: SqlStore) -> None:
    await store.put_client("CL-ATOM", ClientSettings(name="Atom"), NOW, None, "key:test")

    assert [client.id for client in await store.clients(None)] == ["CL-ATOM", CLIENT]
    assert [client.id for client in await store.clients(CLIENT)] == [CLIENT]


async def test_a_change_says_what_was_otherwise(store: SqlStore) -> None:
    after = await store.put_client(CLIENT, WAITS, LATER, 1, "key:test")

    assert (after.settings, after.revision, after.updated_at) == (WAITS, 2, LATER)
    assert await store.client(CLIENT) == after
    [_, entry] = await store.audit(AuditFilter(subject=CLIENT), 0, 100)
    assert (entry.change.action, entry.change.client_id, entry.change.actor) == ("client.changed", CLIENT, "key:test")
    assert entry.change.before == {"name": CLIENT, "after_rejected_dispute": "call", "revision": 1}
    assert entry.change.after == {"name": "Spółdzielnia Fikcyjna", "after_rejected_dispute": "wait", "revision": 2}


@pytest.mark.parametrize("seen", [0, 2])
async def test_what_has_changed_since_it_was_read_is_left_alone(store: SqlStore, seen: int) -> None:
    with pytest.raises(Conflict, match="has changed since"):
        await store.put_client(CLIENT, WAITS, LATER, seen, "key:test")
    assert await actions(store) == ["client.created"]


async def test_what_there_is_of_a_client_is_counted_by_state(store: SqlStore) -> None:
    await store.put_campaign("PHONES", settings(client_id=OTHER), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"), row("D3", case="PHONES/3", campaign="PHONES", client=OTHER))
    await store.settle(numbered(balance("RENT/D2")), "key:test", NOW)

    figures = await store.client_figures(CLIENT)
    assert (figures.campaigns, figures.cases) == ({"draft": 2}, {"open": 1, "closed_paid": 1})


# ---- what follows when a dispute is rejected ------------------------------------------------------------


async def test_calls_go_on_after_a_rejected_dispute_unless_the_client_has_decided_otherwise(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await changed(store, CaseChange(dispute=Dispute.OPEN))

    case = await changed(store, CaseChange(dispute=Dispute.REJECTED))

    assert (case.standing.blocked, case.standing.held) == ((), None)


async def test_a_client_may_have_the_case_wait_until_it_is_resumed(store: SqlStore) -> None:
    await store.put_client(CLIENT, WAITS, NOW, None, "key:test")
    await take(store, "B-1", row("D1"))
    await changed(store, CaseChange(dispute=Dispute.OPEN))

    rejected = await changed(store, CaseChange(dispute=Dispute.REJECTED))
    assert rejected.standing.blocked == (Code.B_PAUSED,)
    assert rejected.standing.held == Held(Hold.PAUSED, HoldReason.COMPLAINT)

    resumed = await changed(store, CaseChange(ordered=Ordered(CaseOrder.RESUME, HoldReason.OTHER)))
    assert (resumed.standing.blocked, resumed.standing.held) == ((), None)
