"""Does a certificate's name stand for one client, for as long as it is said to?"""

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.audit import Action
from dialer.ports.store import AuditFilter, Conflict
from tests.support.stores import NOW

NAME = "DNS:crm.energia.example"


async def test_a_name_stands_for_its_client_until_it_is_removed(store: SqlStore) -> None:
    made = await store.add_certificate(NAME, "CL-ENERGIA", NOW, "cli")
    assert await store.holders(["CN:crm", NAME]) == {"CL-ENERGIA"}
    assert await store.holders([NAME.upper()]) == frozenset()

    assert await store.remove_certificate(made.id, NOW, "cli") == made
    assert await store.holders([NAME]) == frozenset()
    assert await store.remove_certificate(made.id, NOW, "cli") is None


async def test_saying_it_again_changes_nothing(store: SqlStore) -> None:
    made = await store.add_certificate(NAME, "CL-ENERGIA", NOW, "cli")
    assert await store.add_certificate(NAME, "CL-ENERGIA", NOW, "cli") == made
    assert len(await store.audit(AuditFilter(), 0, 9)) == 1


async def test_a_name_never_stands_for_two(store: SqlStore) -> None:
    await store.add_certificate(NAME, "CL-ENERGIA", NOW, "cli")
    with pytest.raises(Conflict, match="another client"):
        await store.add_certificate(NAME, "CL-TELKO", NOW, "cli")


async def test_they_come_in_pages(store: SqlStore) -> None:
    made = [await store.add_certificate(f"CN:{n}", "CL-ENERGIA", NOW, "cli") for n in range(3)]
    assert [*await store.certificates(0, 2), *await store.certificates(made[1].id, 2)] == made


async def test_what_was_said_is_written_down(store: SqlStore) -> None:
    made = await store.add_certificate(NAME, "CL-ENERGIA", NOW, "key:dz1")
    await store.remove_certificate(made.id, NOW, "cli")
    told = [entry.change for entry in await store.audit(AuditFilter(client_id="CL-ENERGIA"), 0, 9)]
    assert [(each.action, each.actor, each.before, each.after) for each in told] == [
        (Action.CERTIFICATE_ADDED, "key:dz1", {}, {"name": NAME}),
        (Action.CERTIFICATE_REMOVED, "cli", {"name": NAME}, {}),
    ]
