"""Is everything that happened to a contact or a case told in order, and as the feed and the ledger tell it?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.answers import Answers, Reply
from dialer.core.blocks import CaseChange, Ordered
from dialer.core.call import MessageEnded
from dialer.core.cases import CaseOrder, HoldReason
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, Disposition
from dialer.ports.store import TimelineEntry
from tests.support.balances import balance, numbered
from tests.support.stores import (
    MOBILE,
    NOW,
    add,
    conclusion,
    contact_of,
    follow,
    lease,
    order,
    refused_row,
    row,
    settings,
    take,
)
from tests.support.suppressions import suppress, wish

CLIENT, KEY, HOUR = "CL-CZYNSZ", "key:abcd", timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def a_life(store: SqlStore) -> Attempt:
    """A list, a call that was answered with a key, a payment of a part, a hold, and a wish."""
    await take(store, "B-1", row("D1"), row("D2"), refused_row())
    attempt, other = await lease(store)
    said = MessageEnded(
        attempt.id, NOW + timedelta(seconds=30), timedelta(seconds=20), False,
        answers=Answers(True, (Reply.ALREADY_PAID,), keys="15"), flow="S04@2",
    )  # fmt: skip
    over = conclusion(attempt, Disposition.REPLIED)
    call = replace(over.call, answered_at=NOW + timedelta(seconds=5), message=said)
    await store.conclude([replace(over, call=call), conclusion(other)], follow)
    await store.settle(numbered(balance("RENT/D1", "100.00")), KEY, NOW + HOUR)
    held = CaseChange(ordered=Ordered(CaseOrder.PAUSE, HoldReason.AGREEMENT))
    await store.change_cases(CLIENT, ["RENT/D1"], held, KEY, NOW + 2 * HOUR)
    await suppress(store, wish(debtor="D1", reason=SuppressionReason.OBJECTION))
    return attempt


async def whole(store: SqlStore, contact_id: int, page: int = 100) -> list[TimelineEntry]:
    found: list[TimelineEntry] = []
    while entries := await store.contact_timeline(contact_id, found[-1].place if found else "", page):
        found += entries
    return found


def kinds(entries: Sequence[TimelineEntry]) -> list[str]:
    return [entry.kind for entry in entries]


async def test_a_contacts_life_is_told_from_its_list_to_its_last_word(store: SqlStore) -> None:
    attempt = await a_life(store)

    told = await whole(store, attempt.contact_id)

    assert told == sorted(told, key=lambda entry: entry.place)
    assert kinds(told)[:4] == ["listed", "wish.kept", "attempt.saved", "attempt.placed"]
    assert {"attempt.answered", "attempt.ended", "paid_claimed", "balance.taken", "balance.changed"} <= {*kinds(told)}
    assert kinds(told)[-2:] == ["case.paused", "case.blocked"]
    [ended] = [entry for entry in told if entry.kind == "attempt.ended"]
    assert ended.said["heard_text"] == "Dzień dobry."
    assert (ended.said["answers"]["keys"], ended.said["flow"]) == ("15", "S04@2")


async def test_it_agrees_with_the_feed_and_the_ledger(store: SqlStore) -> None:
    attempt = await a_life(store)

    told = await whole(store, attempt.contact_id)

    feed = await store.events(0, 1000, CLIENT, "RENT/D1")
    assert {entry.said["seq"] for entry in told if "seq" in entry.said} == {entry.seq for entry in feed}
    of_feed = {entry.said["seq"]: entry for entry in told if "seq" in entry.said}
    for entry in feed:
        shown, event = of_feed[entry.seq], entry.event
        assert (shown.kind, shown.at, shown.actor) == (event.type, event.at, event.actor)
        assert {
            name: shown.said[name] for name in event.body if event.body[name] is not None
        }.items() <= event.body.items()
    [seen] = await store.attempts_of(attempt.contact_id)
    states = {entry.kind.removeprefix("attempt."): entry.at for entry in told if entry.kind.startswith("attempt.")}
    states.pop("finished")
    assert states == {
        name: at
        for name in ("saved", "placed", "started", "rang", "answered", "waiting", "joined", "message", "ended")
        if (at := getattr(seen, f"{name}_at")) is not None
    }


async def test_nobodys_number_is_shown_in_full(store: SqlStore) -> None:
    attempt = await a_life(store)
    assert MOBILE not in str(await whole(store, attempt.contact_id))


async def test_pages_miss_and_repeat_nothing(store: SqlStore) -> None:
    attempt = await a_life(store)
    at_once = await whole(store, attempt.contact_id)
    assert await whole(store, attempt.contact_id, page=3) == at_once


async def test_a_cases_life_is_its_own(store: SqlStore) -> None:
    attempt = await a_life(store)
    await take(store, "B-2", row("D1", "C2"))

    one = await store.case_timeline(CLIENT, "RENT/D1", "", 100)
    two = await store.case_timeline(CLIENT, "C2", "", 100)

    assert {entry.case_id for entry in one} == {"RENT/D1", None}
    assert {entry.attempt_id for entry in one} == {attempt.id, None}
    assert "balance.taken" in kinds(one)
    assert "balance.taken" not in kinds(two)
    assert await store.case_timeline(CLIENT, "none", "", 100) == []
    assert await store.contact_timeline(4711, "", 100) == []


async def test_of_the_operators_lists_no_row_is_told_that_may_be_anothers(store: SqlStore) -> None:
    await store.put_campaign("OTHER", settings(client_id="C-OTHER"), NOW, None)
    batch, _ = await store.begin_batch(order("B-1", owner=""))
    await add(store, batch, row("D1", "C1"), row("D1", "C2"), row("D1", "C1", "OTHER", client="C-OTHER"))
    await store.finish_batch(batch.key, NOW)

    shared, own = [await store.case_timeline(CLIENT, case, "", 100) for case in ("C1", "C2")]

    assert "listed" not in kinds(shared)
    assert kinds(own) == ["listed"]


async def test_what_was_heard_stays_known_when_the_message_changes(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    over = conclusion(attempt, Disposition.HUNG_UP)
    heard = MessageEnded(attempt.id, NOW, timedelta(seconds=3), whole=False)
    await store.conclude([replace(over, call=replace(over.call, message=heard))], follow)

    await take(store, "B-2", row("D1", amount="99.00", version=9))

    assert (await contact_of(store)).message_text is None
    told = await whole(store, attempt.contact_id)
    assert [entry.said["heard_text"] for entry in told if entry.kind == "attempt.ended"] == ["Dzień dobry."]
