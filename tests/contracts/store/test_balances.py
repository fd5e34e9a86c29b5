"""What does a balance that comes in make of cases and contacts, on either database?"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.balances import FEW
from dialer.adapters.store.contact_tables import balances, cases, contacts
from dialer.adapters.store.event_tables import events
from dialer.core.balances import BalanceRow
from dialer.core.codes import Code
from dialer.model import Disposition, FinishReason
from dialer.ports.store import CalledOff, Settled, StoreFailed
from tests.support.balances import balance, numbered, words
from tests.support.stores import (
    NOW,
    add,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    order,
    row,
    take,
    voice_all,
)

P = ParamSpec("P")
T = TypeVar("T")

KEY = "key:abcd"
LATER = NOW + timedelta(hours=3)

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def settle(store: SqlStore, *rows: BalanceRow) -> Settled:
    return await store.settle(numbered(*rows), KEY, NOW)


class BreakingDatabase(Database):
    """Every write fails right before its commit."""

    async def write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        def broken(connection: sa.Connection) -> T:
            work(connection, *args, **kwargs)
            raise sa.exc.OperationalError("COMMIT", {}, OSError("no space left on device"))

        return await super().write(broken)


class OvertakenDatabase(Database):
    """Something happens after every read."""

    def __init__(self, url: str, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__(url)
        self._happens = happens

    async def read(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        found = await super().read(work, *args, **kwargs)
        await self._happens()
        return found


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.close()


async def table(database: Database, query: sa.Select[Any]) -> list[Any]:
    return await database.read(lambda connection: list(connection.execute(query)))


async def case(database: Database, case_id: str = "RENT/D1") -> Any:
    [found] = await table(database, sa.select(cases).where(cases.c.case_id == case_id))
    return found


async def told(database: Database) -> list[tuple[str, str]]:
    query = sa.select(events.c.type, events.c.case_id).where(events.c.case_id.is_not(None)).order_by(events.c.seq)
    return [(event.type, event.case_id) for event in await table(database, query)]


# ---- who is called no more ------------------------------------------------------------------------------


async def test_a_debtor_who_has_paid_is_called_no_more(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"), row("D2"))

    settled = await settle(store, balance("RENT/D1"))

    assert words(settled.verdicts) == ["closed_paid"]
    assert (settled.finished, settled.already_finished, settled.calls_before) == (1, 0, 0)
    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.cases) == ("finished", FinishReason.SETTLED, [])
    found = await case(database)
    assert (found.state, found.amount, found.balance_version, found.closed_at) == ("closed_paid", 0, 2, NOW)
    assert [attempt.contact_id for attempt in await lease(store)] == [(await contact_of(store, "D2")).id]


async def test_who_owes_for_another_case_is_called_about_that_one(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"))
    await voice_all(store)

    settled = await settle(store, balance("RENT/1"))

    assert (settled.finished, settled.changed) == (0, 1)
    contact = await contact_of(store)
    assert (contact.state, contact.message_text, contact.cases) == ("waiting", None, ["RENT/2"])
    [unvoiced] = await store.unvoiced([1], NOW, NOW, 10)
    assert [spoken.case_id for spoken in unvoiced.cases] == ["RENT/2"]


async def test_who_owes_another_client_or_in_another_campaign_is_called_about_that(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="FLATS/1", campaign="FLATS"))

    await settle(store, balance("RENT/1"))

    assert (await contact_of(store, "D1", "RENT")).finished == FinishReason.SETTLED
    assert (await contact_of(store, "D1", "FLATS")).state == "waiting"


async def test_cases_that_are_not_called_about_keep_nobody_on_the_list(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2", blocked=Code.B_DISPUTE))

    await settle(store, balance("RENT/1"))

    assert (await contact_of(store)).finished == FinishReason.SETTLED


async def test_another_sum_makes_another_message(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"))
    await voice_all(store)
    await store.wake(NOW)

    settled = await settle(store, balance(amount="53.20"))

    assert words(settled.verdicts) == ["updated_partial"]
    assert (settled.changed, (await contact_of(store)).state) == (1, "waiting")
    assert await lease(store)
    assert (await case(database)).amount == 5320


async def test_a_message_about_the_old_sum_that_is_just_being_made_is_dropped(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    asked = await store.unvoiced([1], NOW, NOW, 10)
    await settle(store, balance(amount="53.20"))
    [again] = await store.unvoiced([1], NOW, NOW, 10)
    assert again.revision > asked[0].revision


async def test_a_newer_version_of_the_same_sum_leaves_the_message(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await voice_all(store)

    settled = await settle(store, balance(amount="153.20"))

    assert words(settled.verdicts) == ["updated_same"]
    assert (await contact_of(store)).message_text


# ---- calls that are up ----------------------------------------------------------------------------------


async def test_attempts_saved_before_are_named_and_end_with_their_call(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    first, second, _ = await lease(store)

    settled = await settle(store, balance("RENT/D1"), balance("RENT/D2", amount="1.00"))

    assert list(settled.called_off) == [
        CalledOff(first.id, first.contact_id, FinishReason.SETTLED),
        CalledOff(second.id, second.contact_id, None),
    ]
    assert list(await store.called_off()) == list(settled.called_off)
    assert (await contact_of(store, "D1")).state == "dialing"
    await store.conclude([conclusion(first, Disposition.CANCELLED), conclusion(second)], follow)
    contact = await contact_of(store, "D1")
    assert (contact.state, contact.finished) == ("finished", FinishReason.SETTLED)
    assert (await contact_of(store, "D2")).state == "waiting"


async def test_a_file_sent_again_names_the_calls_that_are_still_up(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await settle(store, balance())

    again = await settle(store, balance())

    assert words(again.verdicts) == ["D_IDENTICAL"]
    assert [each.attempt_id for each in again.called_off] == [attempt.id]


async def test_what_is_past_is_told(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await call_all(store, Disposition.BUSY)
    await lease(store, LATER)
    await settle(store, balance("RENT/D1"))
    await take(store, "B-2", row("D3"))
    await call_all(store, Disposition.DELIVERED, LATER)

    settled = await settle(store, balance("RENT/D2"), balance("RENT/D3"))

    assert (settled.finished, settled.already_finished, settled.calls_before) == (1, 1, 2)
    assert (await contact_of(store, "D3")).finished == FinishReason.DELIVERED


# ---- owed again -----------------------------------------------------------------------------------------


async def test_a_payment_that_was_taken_back_calls_the_debtor_again(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"))
    await settle(store, balance())

    settled = await settle(store, balance(amount="153.20", version=3))

    assert words(settled.verdicts) == ["reopened"]
    assert settled.reopened == 1
    contact = await contact_of(store)
    assert (contact.state, contact.finished, contact.due_at) == ("waiting", None, NOW)
    found = await case(database)
    assert (found.state, found.closed_at) == ("open", None)
    assert await lease(store)


async def test_spacing_holds_for_those_who_are_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await settle(store, balance())
    await store.conclude([conclusion(attempt, Disposition.CANCELLED)], follow)
    due = (await contact_of(store)).due_at

    await settle(store, balance(amount="153.20", version=3))

    contact = await contact_of(store)
    assert contact.due_at == due > NOW
    assert [number.attempts for number in contact.numbers] == [1]


async def test_who_owes_again_while_the_call_still_ends_is_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await settle(store, balance())
    await settle(store, balance(amount="153.20", version=3))
    await store.conclude([conclusion(attempt, Disposition.CANCELLED)], follow)
    assert (await contact_of(store)).state == "waiting"


async def test_who_heard_the_message_before_is_not_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.DELIVERED)
    await settle(store, balance())
    await settle(store, balance(amount="153.20", version=3))
    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", FinishReason.DELIVERED)


# ---- what changes nothing -------------------------------------------------------------------------------


async def test_the_same_file_again_changes_nothing(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    file = (balance("RENT/D1"), balance("RENT/D2", amount="20.00"))
    await settle(store, *file)
    before = [await table(database, sa.select(each)) for each in (cases, balances, contacts, events)]

    again = await settle(store, *file)

    assert words(again.verdicts) == ["D_IDENTICAL", "D_IDENTICAL"]
    assert [await table(database, sa.select(each)) for each in (cases, balances, contacts, events)] == before


async def test_rows_of_one_file_are_judged_one_after_the_other(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"))

    settled = await settle(
        store,
        balance(amount="100.00", version=2),
        balance(version=4),
        balance(version=4),
        balance(amount="1.00", version=3),
        balance(amount="5.00", version=5),
    )

    expected = ["updated_partial", "closed_paid", "D_IDENTICAL", "E_STALE_VERSION", "reopened"]
    assert words(settled.verdicts) == expected
    assert [each.row for each in settled.verdicts] == [1, 2, 3, 4, 5]
    found = await case(database)
    assert (found.state, found.amount, found.balance_version) == ("open", 500, 5)
    assert [kept.version for kept in await table(database, sa.select(balances).order_by(balances.c.version))] == [
        2,
        4,
        5,
    ]


async def test_another_clients_case_is_unknown(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"))
    settled = await settle(store, balance(client="CL-TELKO"))
    assert words(settled.verdicts) == ["E_CASE_UNKNOWN"]
    assert (await case(database)).state == "open"


async def test_a_file_that_fails_at_the_last_moment_changes_nothing(
    url: str, store: SqlStore, database: Database
) -> None:
    await take(store, "B-1", row("D1"))
    async with opened(BreakingDatabase(url)) as breaking:
        with pytest.raises(StoreFailed):
            await settle(SqlStore(breaking), balance())
    assert (await contact_of(store)).state == "waiting"
    assert (await case(database)).state == "open"
    assert not await table(database, sa.select(balances)) + await told(database)


# ---- what is told ---------------------------------------------------------------------------------------


async def test_what_happened_to_each_case_is_told_once(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    await settle(
        store,
        balance("RENT/D1"),
        balance("RENT/D2", amount="20.00"),
        balance("RENT/D3", amount="153.20"),
        balance("RENT/D1", version=1),
    )
    await settle(store, balance("RENT/D1", amount="153.20", version=3))

    changed = [
        event for event in await told(database) if event[0] in ("case.settled", "balance.changed", "case.reopened")
    ]
    assert changed == [("case.settled", "RENT/D1"), ("balance.changed", "RENT/D2"), ("case.reopened", "RENT/D1")]
    query = sa.select(events).where(events.c.type == "case.settled")
    [event] = await table(database, query)
    assert (event.client_id, event.actor, event.at) == ("CL-CZYNSZ", KEY, NOW)
    assert event.contact_id == (await contact_of(store)).id
    assert event.body["balance"] == "0.00"
    assert event.body["balance_before"] == "153.20"


async def test_the_history_of_a_balance_is_kept(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row("D1"))
    await settle(store, balance(amount="20.00"))
    [kept] = await table(database, sa.select(balances))
    assert (kept.version, kept.amount, kept.reason, kept.actor, kept.received_at) == (2, 2000, "paid", KEY, NOW)


# ---- beside call lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
async def test_an_older_list_neither_changes_the_balance_nor_calls_again(
    store: SqlStore, database: Database, version: int
) -> None:
    await take(store, "B-1", row())
    await settle(store, balance(version=2))

    await take(store, "B-2", row(version=version), now=LATER)

    found = await case(database)
    assert (found.state, found.amount, found.balance_version) == ("closed_paid", 0, 2)
    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", FinishReason.SETTLED)


async def test_an_older_list_does_not_bring_back_what_was_paid_in_part(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row())
    await settle(store, balance(amount="20.00", version=3))
    await take(store, "B-2", row(version=2), now=LATER)
    assert ((await case(database)).amount, (await case(database)).balance_version) == (2000, 3)


async def test_a_list_with_a_newer_balance_opens_the_case_again(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row())
    await settle(store, balance(version=2))
    await take(store, "B-2", row(version=3, amount="10.00"), now=LATER)
    found = await case(database)
    assert (found.state, found.amount, found.closed_at) == ("open", 1000, None)
    assert (await contact_of(store)).state == "waiting"


async def test_a_list_corrects_an_open_case_without_a_new_version(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row())
    await take(store, "B-2", row(amount="99.00"), now=LATER)
    assert (await case(database)).amount == 9900


async def test_nobody_who_has_paid_is_callable_while_a_list_is_taken(store: SqlStore) -> None:
    await take(store, "B-1", row())
    await settle(store, balance(version=2))
    batch, _ = await store.begin_batch(order("B-2"))
    await add(store, batch, row())
    assert (await contact_of(store)).state == "finished"
    assert not await lease(store, LATER)


# ---- judged outside the writer --------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 3])
async def test_what_changes_between_judging_and_writing_is_judged_again(
    url: str, store: SqlStore, database: Database, version: int
) -> None:
    await take(store, "B-1", row())

    async def list_comes() -> None:
        await take(store, "B-2", row(version=version, amount="50.00"), now=LATER)

    async with opened(OvertakenDatabase(url, list_comes)) as overtaken:
        others = (balance(f"RENT/X{n}") for n in range(FEW))  # too many to be judged inside at once
        settled = await settle(SqlStore(overtaken), balance(version=3), balance("RENT/D1", version=4), *others)

    assert words(settled.verdicts[:2]) == (
        ["closed_paid", "updated_same"] if version == 2 else ["E_VERSION_CONFLICT", "closed_paid"]
    )
    assert ((await case(database)).state, (await case(database)).balance_version) == ("closed_paid", 4)
    assert (await contact_of(store)).finished == FinishReason.SETTLED


async def test_a_payment_comes_before_all_that_waits_to_be_written(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", row())
    loop, is_writing, goes_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold_up(_: sa.Connection) -> None:
        loop.call_soon_threadsafe(is_writing.set)
        assert goes_on.wait(10)

    def state(connection: sa.Connection) -> str:
        return str(connection.execute(sa.select(cases.c.state)).scalar_one())

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(hold_up))
        await is_writing.wait()
        asked_before = tasks.create_task(database.write(state))
        tasks.create_task(settle(store, balance(version=2)))
        await asyncio.sleep(0)  # both have asked
        goes_on.set()

    assert asked_before.result() == "closed_paid"


# ---- what was taken -------------------------------------------------------------------------------------


async def test_the_balances_of_a_case_come_in_pages_by_their_versions(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    paid = replace(balance("RENT/D1", "50.00", 3), reason="payment", paid_amount=Decimal("50.00"), paid_at=NOW.date())
    await settle(store, balance("RENT/D1", "100.00", 2), balance("RENT/D2", "7.00", 2), paid)
    await settle(store, balance("RENT/D1", "0.00", 4), balance("RENT/D1", "99.00", 3))
    case = await store.case("CL-CZYNSZ", "RENT/D1")
    assert case is not None

    first = await store.balances(case.key, 0, 2)
    rest = await store.balances(case.key, first[-1].version, 2)

    assert [(each.version, str(each.amount)) for each in (*first, *rest)] == [(2, "100.00"), (3, "50.00"), (4, "0.00")]
    assert (first[1].reason, first[1].paid_amount, first[1].paid_at) == ("payment", Decimal("50.00"), NOW.date())
    assert (first[0].actor, first[0].received_at, first[0].paid_amount) == (KEY, NOW, None)
