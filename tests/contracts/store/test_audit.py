"""Is every change written down with whoever made it, and does it stay written?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.access_tables import audit
from dialer.adapters.store.audit import note
from dialer.core.audit import Action, Change
from dialer.core.blocks import CaseChange
from dialer.core.cases import Dispute
from dialer.core.suppressions import SuppressionReason, Wish
from dialer.model import CampaignState
from dialer.ports.origin import ORIGIN
from dialer.ports.store import AuditEntry, AuditFilter, Conflict, Key
from tests.support.balances import balance, numbered
from tests.support.stores import MOBILE, NOW, order, row, settings, take

EVERYTHING = AuditFilter()
WISH = Wish("CL-CZYNSZ", MOBILE, None, SuppressionReason.OPT_OUT)
HOUR = timedelta(hours=1)


@asynccontextmanager
async def new_entries(store: SqlStore) -> AsyncIterator[list[AuditEntry]]:
    """What is written within the block; filled at its end."""
    before = await store.audit(EVERYTHING, 0, 1000)
    found: list[AuditEntry] = []
    yield found
    found += await store.audit(EVERYTHING, before[-1].seq if before else 0, 1000)


def told(entry: AuditEntry) -> tuple[str, str, str, str]:
    change = entry.change
    return change.action, change.actor, change.client_id, change.subject


# ---- what is written ------------------------------------------------------------------------------------


async def test_a_new_campaign_is_written_whole(store: SqlStore) -> None:
    async with new_entries(store) as found:
        await store.put_campaign("RENT", settings(), NOW, None, "key:dz1")

    [client, entry] = found
    assert told(client) == ("client.created", "key:dz1", "CL-CZYNSZ", "CL-CZYNSZ")
    assert told(entry) == ("campaign.created", "key:dz1", "CL-CZYNSZ", "RENT")
    assert (entry.change.at, entry.change.before) == (NOW, {})
    assert entry.change.after["cli"] == "+48380000005"


async def test_of_a_changed_campaign_only_the_difference_is_written(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(attempts=3), NOW, None)
    async with new_entries(store) as found:
        await store.put_campaign("RENT", settings(attempts=5), NOW, None, "key:dz1")

    [entry] = found
    assert entry.change.action is Action.CAMPAIGN_CHANGED
    assert (entry.change.before, entry.change.after) == (
        {"attempts": 3, "revision": 1},
        {"attempts": 5, "revision": 2},
    )


async def test_a_command_is_written_once_however_often_it_is_repeated(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    async with new_entries(store) as found:
        for _ in range(3):
            await store.set_campaign_state("RENT", CampaignState.RUNNING, NOW, "key:dz1")

    [entry] = found
    assert (entry.change.before, entry.change.after) == ({"state": "draft"}, {"state": "running"})


async def test_a_list_is_written_when_it_begins_and_when_it_is_taken(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    async with new_entries(store) as found:
        await take(store, "B-1", row("D1"), row("D2"))

    assert [told(each) for each in found] == [
        ("batch.begun", order().actor, "CL-CZYNSZ", "B-1"),
        ("batch.taken", order().actor, "CL-CZYNSZ", "B-1"),
    ]
    assert found[1].change.after == {"counts": {"accepted": 2, "rows": 2}}


async def test_balances_are_written_for_each_client(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"))
    async with new_entries(store) as found:
        await store.settle(numbered(balance("RENT/D1"), balance("RENT/NONE")), "key:dz1", NOW)

    [entry] = found
    assert told(entry) == ("balances.taken", "key:dz1", "CL-CZYNSZ", "")
    assert sum(entry.change.after["counts"].values()) == 2


async def test_a_changed_case_is_written_with_what_was_otherwise(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    async with new_entries(store) as found:
        for _ in range(2):
            await store.change_case("CL-CZYNSZ", "RENT/D1", CaseChange(dispute=Dispute.OPEN), "key:dz1", NOW)

    [entry] = found
    assert told(entry) == ("case.changed", "key:dz1", "CL-CZYNSZ", "RENT/D1")
    assert (entry.change.before["dispute"], entry.change.after["dispute"]) == (None, "open")


async def test_a_wish_is_written_masked_when_it_comes_and_when_it_is_lifted(store: SqlStore) -> None:
    async with new_entries(store) as found:
        kept = await store.suppress(WISH, "key:dz1", NOW)
        await store.suppress(WISH, "key:dz1", NOW)
        await store.lift_suppression(kept.suppression.id, "key:dz2", NOW + HOUR)

    added, lifted = found
    assert (told(added)[:2], told(lifted)[:2]) == (
        ("suppression.added", "key:dz1"),
        ("suppression.lifted", "key:dz2"),
    )
    assert added.change.after["number"] == "…001"
    assert lifted.change.after == {"lifted_at": (NOW + HOUR).isoformat()}


async def test_a_stop_and_a_resume_are_the_installations(store: SqlStore) -> None:
    async with new_entries(store) as found:
        await store.order_stop("cli", "wrong amounts", NOW, hangs_up=True)
        await store.order_resume("key:dz1", None, NOW)

    assert [told(each) for each in found] == [
        ("engine.stopped", "cli", "", "engine"),
        ("engine.resumed", "key:dz1", "", "engine"),
    ]
    assert found[0].change.after["reason"] == "wrong amounts"


async def test_of_a_key_everything_is_written_but_its_secret(store: SqlStore) -> None:
    async with new_entries(store) as found:
        await store.add_key(Key("dz1", frozenset({"metrics"}), None, "monitoring"), "a" * 64, NOW, "key:dz0")
        await store.rotate_key("dz1", "b" * 64, NOW, NOW, "key:dz0")
        for _ in range(2):
            await store.revoke_key("dz1", NOW, "key:dz0")

    assert [each.change.action for each in found] == ["key.created", "key.rotated", "key.revoked"]
    assert {told(each)[1:] for each in found} == {("key:dz0", "", "dz1")}
    assert not [each for each in found if "a" * 64 in str(each) or "b" * 64 in str(each)]


# ---- from where, and with what --------------------------------------------------------------------------


async def test_it_is_written_from_where_the_change_was_ordered(store: SqlStore) -> None:
    async def stop_from(place: str) -> None:
        ORIGIN.set(place)
        await store.order_stop("cli", None, NOW, hangs_up=place == "192.0.2.9")

    async with new_entries(store) as found:
        await asyncio.create_task(stop_from("192.0.2.7"))
        await asyncio.create_task(stop_from("192.0.2.9"))
        await store.order_resume("engine", None, NOW)

    assert [each.origin for each in found] == ["192.0.2.7", "192.0.2.9", "engine"]


async def test_a_change_that_fails_is_not_written(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    async with new_entries(store) as found:
        with pytest.raises(Conflict):
            await store.put_campaign("RENT", settings(attempts=9), NOW, 7, "key:dz1")

    assert found == []


async def test_a_change_that_cannot_be_written_down_is_not_made(store: SqlStore, database: Database) -> None:
    def refuse_entries(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE audit RENAME TO audit_away"))

    await database.write(refuse_entries)
    with pytest.raises(Exception, match="audit"):
        await store.order_stop("cli", None, NOW, hangs_up=False)
    await database.write(lambda connection: connection.execute(sa.text("ALTER TABLE audit_away RENAME TO audit")))

    assert not (await store.stop_order()).is_stopped


# ---- what is written stays ------------------------------------------------------------------------------


@pytest.mark.parametrize("work", [audit.update().values(actor="nobody"), audit.delete()], ids=["changed", "removed"])
async def test_the_database_refuses_to_alter_what_is_written(
    store: SqlStore, database: Database, work: sa.Update | sa.Delete
) -> None:
    await store.order_stop("cli", None, NOW, hangs_up=False)
    written = await store.audit(EVERYTHING, 0, 10)

    def alter(connection: sa.Connection) -> None:
        connection.execute(work)

    with pytest.raises(sa.exc.IntegrityError, match="stays"):
        await database.write(alter)
    assert await store.audit(EVERYTHING, 0, 10) == written


async def test_nothing_takes_the_place_of_what_is_written(store: SqlStore, database: Database) -> None:
    await store.order_stop("cli", None, NOW, hangs_up=False)
    work = {"sqlite": "REPLACE INTO audit SELECT * FROM audit", "postgresql": "TRUNCATE audit"}

    def alter(connection: sa.Connection) -> None:
        connection.execute(sa.text(work[connection.dialect.name]))

    with pytest.raises(sa.exc.IntegrityError, match="stays"):
        await database.write(alter)


# ---- finding it -----------------------------------------------------------------------------------------


def change(subject: str, **changes: Any) -> Change:
    given: dict[str, Any] = {"action": Action.CASE_CHANGED, "at": NOW, "actor": "cli", "client_id": "CL-A"}
    return Change(subject=subject, **given | changes)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (AuditFilter(), ["1", "2", "3", "4"]),
        (AuditFilter(client_id="CL-B"), ["2"]),
        (AuditFilter(actor="key:dz1"), ["3"]),
        (AuditFilter(action=Action.KEY_REVOKED), ["3"]),
        (AuditFilter(subject="4"), ["4"]),
        (AuditFilter(since=NOW + HOUR), ["4"]),
        (AuditFilter(until=NOW + HOUR), ["1", "2", "3"]),
    ],
)
async def test_entries_are_found(store: SqlStore, database: Database, which: AuditFilter, found: list[str]) -> None:
    for each in (
        change("1"),
        change("2", client_id="CL-B"),
        change("3", actor="key:dz1", action=Action.KEY_REVOKED),
        change("4", at=NOW + HOUR),
    ):
        await database.write(note, each)

    assert [each.change.subject for each in await store.audit(which, 0, 10)] == found


async def test_entries_come_in_pages(store: SqlStore, database: Database) -> None:
    for n in range(5):
        await database.write(note, change(str(n)))

    first = await store.audit(EVERYTHING, 0, 3)
    second = await store.audit(EVERYTHING, first[-1].seq, 3)
    assert [each.change.subject for each in (*first, *second)] == ["0", "1", "2", "3", "4"]
