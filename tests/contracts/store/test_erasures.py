"""Is nothing left that says who an erased debtor was, and is nobody called who was?"""

import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.access_tables import audit
from dialer.adapters.store.schema import metadata
from dialer.core.answers import Answers, Reply
from dialer.core.blocks import CaseChange, Ordered
from dialer.core.call import MessageEnded
from dialer.core.cases import CaseOrder, HoldReason
from dialer.core.inbound import InboundCall
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, Disposition, FinishReason
from dialer.ports.store import (
    AttemptFilter,
    CalledOff,
    Erasure,
    ErasureState,
    KeptAnswer,
    NamedRequest,
    SuppressionFilter,
    TakenRow,
)
from tests.support.balances import balance, numbered
from tests.support.stores import NOW, add, conclusion, contact_of, follow, lease, order, row, take
from tests.support.suppressions import everywhere, suppress, wish

CLIENT, KEY, DAY = "CL-CZYNSZ", "key:abcd", timedelta(days=1)
NUMBER, REF = "+48280471147", "D-ZAPOMNIANY"
WORDS = ("Nieznana", NUMBER, REF, "FV/47/11", "nieznana@", "czeka na list", "Szanowna Pani Nieznana")

pytestmark = pytest.mark.usefixtures("rent_and_flats")


def hers(case: str = "C-47", campaign: str = "RENT", ref: str = REF) -> TakenRow:
    """A row about the debtor who will be erased."""
    made = row(ref, case, campaign, numbers=[NUMBER])
    known = made.verdict.case
    assert known is not None
    debtor = replace(known.debtor, last_name="Nieznana", name_genitive="Ewy Nieznanej", email="nieznana@poczta.example")
    owed = replace(known.receivable, invoice_no="FV/47/11")
    return replace(made, verdict=replace(made.verdict, case=replace(known, debtor=debtor, receivable=owed)))


async def a_life(store: SqlStore) -> Attempt:
    """Of a debtor with two cases, and of another who stays."""
    await take(store, "B-1", hers(), hers("C-48", "FLATS"), row("D1"))
    attempts = await lease(store)
    attempt = next(each for each in attempts if each.number == NUMBER and each.campaign_id == "RENT")
    said = MessageEnded(
        attempt.id, NOW, timedelta(seconds=20), False, answers=Answers(True, (Reply.ALREADY_PAID,), keys="15")
    )
    over = conclusion(attempt, Disposition.REPLIED)
    others = [conclusion(each) for each in attempts if each is not attempt]
    await store.conclude([replace(over, call=replace(over.call, message=said)), *others], follow)
    await store.settle(numbered(balance("C-47", "100.00")), KEY, NOW)
    await store.take_inbound(InboundCall("1.1", "flats", CLIENT, "+48380000055", NUMBER, NOW), lambda _: None, bool)
    held = CaseChange(ordered=Ordered(CaseOrder.PAUSE, HoldReason.LETTERS, "czeka na list"))
    await store.change_cases(CLIENT, ["C-47"], held, KEY, NOW)
    kept = replace(wish(NUMBER, REF, reason=SuppressionReason.WRONG_NUMBER), note="Szanowna Pani Nieznana")
    await suppress(store, kept)
    await suppress(store, everywhere(NUMBER))
    named = NamedRequest("dzabc", "list-1", "address")
    await store.begin_request(named, NOW, NOW + DAY)
    answer = f'{{"number": "{NUMBER}"}}'.encode()
    await store.keep_answer(named, KeptAnswer("digest", 200, {}, answer), NOW + DAY)
    return attempt


async def erase(store: SqlStore) -> Erasure:
    begun = await store.begin_erasure(CLIENT, REF, KEY, NOW)
    assert begun is not None
    assert await store.wipe(begun.erasure.id, 2, NOW)
    assert await store.complete_erasure(begun.erasure.id, 1, NOW + DAY)
    found = await store.erasure(begun.erasure.id)
    assert found is not None
    return found


def everything(connection: sa.Connection) -> str:
    """Whatever any table holds."""
    rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    return "\n".join(_text(value) for row in rows for value in row)


def _text(value: Any) -> str:
    return zlib.decompress(value).decode() if isinstance(value, bytes) and value[:1] == b"x" else str(value)


def left(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


async def test_nothing_says_any_more_who_the_debtor_was(store: SqlStore, database: Database) -> None:
    await a_life(store)
    assert left(await database.read(everything)) == [*WORDS]

    done = await erase(store)

    assert left(await database.read(everything)) == []
    assert (done.state, done.debtor_ref, done.done_at) == (ErasureState.DONE, None, NOW + DAY)
    assert done.removed["audio_files"] == 3
    assert {name for name, count in done.removed.items() if not count} == set()


async def test_nothing_is_left_in_the_files(store: SqlStore, database: Database, tmp_path: Path) -> None:
    if not database.is_sqlite:
        pytest.skip("what PostgreSQL leaves in its files is its own VACUUM's")
    await a_life(store)
    files = [tmp_path / "dzwonek.db", tmp_path / "dzwonek.db-wal"]
    words = [word.encode() for word in WORDS]
    before = b"".join(file.read_bytes() for file in files)
    assert [word for word in words if word not in before] == []

    await erase(store)

    after = b"".join(file.read_bytes() for file in tmp_path.glob("dzwonek.db*"))
    assert [word for word in words if word in after] == []


async def test_what_is_billed_and_what_is_owed_stays_without_a_name(store: SqlStore) -> None:
    attempt = await a_life(store)
    [before] = [
        each for each in await store.attempts(AttemptFilter(campaign_id="RENT"), "", 100) if each.id == attempt.id
    ]

    done = await erase(store)

    [after] = [
        each for each in await store.attempts(AttemptFilter(campaign_id="RENT"), "", 100) if each.id == attempt.id
    ]
    assert after.number.startswith("#")
    assert after.answers == {"identified": True, "replies": ["already_paid"], "announced": False}
    assert replace(after, number=before.number, answers=before.answers) == before
    case = await store.case(CLIENT, "C-47")
    assert case is not None
    assert (case.debtor_ref, str(case.amount)) == (done.pseudonym, "100.00")
    assert case.standing.blocked == ("B_ERASED",)


async def test_another_debtor_is_left_as_before(store: SqlStore) -> None:
    await a_life(store)
    before = await contact_of(store, "D1")
    await erase(store)
    assert await contact_of(store, "D1") == before


async def test_no_list_brings_an_erased_debtor_back(store: SqlStore, database: Database) -> None:
    await a_life(store)
    await erase(store)

    batch = await take(store, "B-2", hers(), hers("C-49"), row("D2"))

    assert batch.counts == {"accepted": 1, "rejected": 2, "rows": 3}
    assert left(await database.read(everything)) == []
    others = {(await contact_of(store, each)).id for each in ("D1", "D2")}
    assert {each.contact_id for each in await lease(store, NOW + DAY)} == others


async def test_the_number_is_called_for_nobody_of_the_client_until_the_wish_is_lifted(
    store: SqlStore,
) -> None:
    await take(store, "B-1", hers())
    await erase(store)

    batch = await take(store, "B-2", row("D9", numbers=[NUMBER]))

    [[listed]] = [page async for page in store.batch_rows(batch.key)]
    assert (listed.status, listed.codes) == ("accepted_blocked", ["B_DO_NOT_CALL"])
    assert await lease(store) == []
    [kept] = await store.suppressions(SuppressionFilter(number=NUMBER), 0, 10)
    assert (kept.wish.reason, kept.wish.number == NUMBER) == (SuppressionReason.ERASED, False)
    await store.lift_suppression(kept.id, KEY, NOW)
    assert [each.number for each in await lease(store)] == [NUMBER]


async def test_a_wish_of_every_client_outlives_the_erasure(store: SqlStore) -> None:
    await a_life(store)
    await erase(store)
    [_, everywhere_, mine] = await store.suppressions(SuppressionFilter(number=NUMBER), 0, 10)
    await store.lift_suppression(mine.id, KEY, NOW)
    assert everywhere_.wish.client_id == ""
    await take(store, "B-2", row("D9", numbers=[NUMBER]))
    assert (await contact_of(store, "D9")).finished == "do_not_call"


async def test_a_list_staged_before_is_waited_for_and_brings_nothing(store: SqlStore, database: Database) -> None:
    await take(store, "B-1", hers())
    batch, _ = await store.begin_batch(order("B-2"))
    await add(store, batch, hers("C-50"))
    begun = await store.begin_erasure(CLIENT, REF, KEY, NOW)
    assert begun is not None
    assert await store.wipe(begun.erasure.id, 0, NOW)

    assert not await store.complete_erasure(begun.erasure.id, 0, NOW)
    assert [each.state for each in await store.unfinished_erasures()] == [ErasureState.WIPED]

    await store.finish_batch(batch.key, NOW)
    assert await store.complete_erasure(begun.erasure.id, 0, NOW)
    assert left(await database.read(everything)) == []
    assert await store.unfinished_erasures() == []


async def test_a_call_is_called_off_and_its_end_is_waited_for(store: SqlStore) -> None:
    await take(store, "B-1", hers())
    [attempt] = await lease(store)

    begun = await store.begin_erasure(CLIENT, REF, KEY, NOW)

    assert begun is not None
    assert begun.called_off == [CalledOff(attempt.id, attempt.contact_id, FinishReason.ERASED)]
    assert not await store.wipe(begun.erasure.id, 0, NOW)
    await store.conclude([conclusion(attempt, Disposition.CANCELLED)], follow)
    assert await store.wipe(begun.erasure.id, 0, NOW)


async def test_the_same_order_again_goes_on_with_the_first(store: SqlStore) -> None:
    await take(store, "B-1", hers())
    first, again = [await store.begin_erasure(CLIENT, REF, KEY, NOW) for _ in range(2)]
    assert first is not None
    assert again is not None
    assert (first.erasure.id, first.is_new, again.is_new) == (again.erasure.id, True, False)
    done = await erase(store)
    after = await store.begin_erasure(CLIENT, REF, KEY, NOW)
    assert after is not None
    assert (after.erasure, after.is_new, after.finished) == (done, False, 0)
    assert await store.begin_erasure(CLIENT, "D-NOBODY", KEY, NOW) is None
    assert await store.begin_erasure("C-OTHER", REF, KEY, NOW) is None


async def test_it_is_told_of_every_case_and_written_down(store: SqlStore) -> None:
    await a_life(store)
    before = await store.last_event()
    done = await erase(store)
    told = [each.event for each in await store.events(before, 100)]
    assert [(each.type, each.case_id) for each in told if each.type == "case.erased"] == [
        ("case.erased", "C-47"),
        ("case.erased", "C-48"),
    ]
    assert {each.body["reason"] for each in told if each.type == "contact.finished"} <= {"erased"}
    assert await store.erasures(CLIENT, 0, 10) == [done]
    assert await store.erasures("C-OTHER", 0, 10) == []


async def test_the_audit_log_stays_as_it_is_but_for_what_is_erased(store: SqlStore, database: Database) -> None:
    await a_life(store)
    await erase(store)
    for to in (audit.update().values(actor="nobody"), audit.update().values(after={})):
        with pytest.raises(sa.exc.IntegrityError, match="stays"):
            await database.write(_execute, to)


def _execute(connection: sa.Connection, statement: sa.Update) -> None:
    connection.execute(statement)
