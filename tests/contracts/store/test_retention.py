"""Does each kind of personal data go when its time is over, and nothing else?"""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.call_tables import inbound_calls
from dialer.cases.retain import Retaining
from dialer.core.answers import Answers, Reply
from dialer.core.call import MessageEnded
from dialer.core.inbound import InboundCall
from dialer.core.retention import DEFAULTS, Kept
from dialer.model import Attempt, Disposition
from dialer.ports.store import Access, AuditFilter
from tests.support.clock import StillClock
from tests.support.stores import MOBILE, NOW, conclusion, follow, lease, row, take

CLIENT, KEY, DAY = "CL-CZYNSZ", "key:abcd", timedelta(days=1)

pytestmark = pytest.mark.usefixtures("rent")


async def a_call(store: SqlStore) -> Attempt:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    answers = Answers(True, (Reply.ALREADY_PAID,), keys="15")
    said = MessageEnded(attempt.id, NOW, timedelta(seconds=20), False, answers=answers)
    over = conclusion(attempt, Disposition.REPLIED)
    await store.conclude([replace(over, call=replace(over.call, message=said))], follow)
    return attempt


async def look(store: SqlStore, days: int) -> None:
    clock = StillClock()
    clock.move(days * DAY)
    await Retaining(store, clock).look()


async def heard(store: SqlStore, attempt: Attempt) -> object:
    told = await store.contact_timeline(attempt.contact_id, "", 100)
    [ended] = [entry for entry in told if entry.kind == "attempt.ended"]
    return ended.said.get("heard_text"), ended.said["answers"].get("keys")


async def listed(store: SqlStore) -> list[str]:
    batch = await store.batch(None, "B-1")
    assert batch is not None
    return [phone async for rows in store.batch_rows(batch.key) for each in rows for phone in each.phones]


async def test_what_was_heard_goes_after_its_days_and_what_reports_count_stays(store: SqlStore) -> None:
    attempt = await a_call(store)
    await look(store, DEFAULTS[Kept.HEARD].days - 1)
    assert await heard(store, attempt) == ("Dzień dobry.", "15")

    await look(store, DEFAULTS[Kept.HEARD].days + 1)

    assert await heard(store, attempt) == (None, None)
    [seen] = await store.attempts_of(attempt.contact_id)
    assert seen.answers == {"identified": True, "replies": ["already_paid"], "announced": False}
    assert seen.number == attempt.number


async def test_a_client_decides_for_itself_how_long(store: SqlStore) -> None:
    attempt = await a_call(store)
    assert await store.set_retention(CLIENT, {Kept.HEARD: 3 * DAY}, KEY, NOW) == {Kept.HEARD: 3 * DAY}
    await store.set_retention("C-OTHER", {Kept.CALLED_NUMBERS: DAY}, KEY, NOW)

    await look(store, 4)

    assert await heard(store, attempt) == (None, None)
    assert await listed(store) != []
    [seen] = await store.attempts_of(attempt.contact_id)
    assert seen.number == attempt.number


async def test_numbers_go_from_lists_and_then_from_calls(store: SqlStore) -> None:
    attempt = await a_call(store)
    await look(store, DEFAULTS[Kept.LISTED_NUMBERS].days + 1)
    assert await listed(store) == []
    await look(store, DEFAULTS[Kept.CALLED_NUMBERS].days + 1)
    [seen] = await store.attempts_of(attempt.contact_id)
    assert seen.number.startswith("#")


async def test_who_called_us_is_forgotten_and_that_somebody_did_is_not(store: SqlStore, database: Database) -> None:
    answers = Answers(replies=(Reply.OPT_OUT,), keys="9")
    await store.take_inbound(
        InboundCall("1.1", "flats", CLIENT, "+48380000055", MOBILE, NOW, answers=answers), _never, bool
    )

    async def known() -> list[tuple[str | None, object]]:
        query = sa.select(inbound_calls.c.caller, inbound_calls.c.answers)
        return await database.read(lambda connection: [tuple(row) for row in connection.execute(query)])

    await look(store, DEFAULTS[Kept.CALLERS].days - 1)
    [(caller, told)] = await known()
    assert caller == MOBILE
    assert told is not None

    await look(store, DEFAULTS[Kept.CALLERS].days + 1)
    assert await known() == [(None, None)]


def _never(_: int) -> None:
    return None


async def test_what_goes_and_for_how_long_it_is_kept_is_written_down(store: SqlStore) -> None:
    await a_call(store)
    await store.set_retention(CLIENT, {Kept.HEARD: 3 * DAY}, KEY, NOW)
    await store.set_retention(CLIENT, {Kept.HEARD: 3 * DAY}, KEY, NOW)
    await look(store, 4)
    await look(store, 5)
    _, *written = [each.change for each in await store.audit(AuditFilter(subject=CLIENT), 0, 100)]  # its creation
    assert [(each.action, each.actor) for each in written] == [
        ("retention.changed", KEY),
        ("retention.swept", "engine"),
    ]
    assert written[0].after == {"heard": 3}
    assert (written[1].after["kind"], written[1].after["rows"]) == ("heard", 1)


async def test_who_read_what_is_told_until_its_time_is_over(store: SqlStore) -> None:
    access = Access(NOW, KEY, "127.0.0.1", "contacts.show", CLIENT, "7")
    await store.note_accesses([access, replace(access, client_id="", actor="key:op")])

    assert [each.access for each in await store.accesses(CLIENT, None, None, 0, 10)] == [access]
    assert len(await store.accesses(None, None, "7", 0, 10)) == 2
    assert [each.access.actor for each in await store.accesses(None, "key:op", None, 0, 10)] == ["key:op"]
    assert await store.accesses(None, None, "8", 0, 10) == []
    await look(store, DEFAULTS[Kept.ACCESSES].days + 1)
    assert await store.accesses(None, None, None, 0, 10) == []
