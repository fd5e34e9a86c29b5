"""Does an edited plan hold for those, too, for whom the former one was over?"""

from datetime import timedelta
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.feed import EventType
from dialer.core.plan import Mailing
from dialer.core.suppressions import Wish
from dialer.model import Disposition, FinishReason
from dialer.ports.store import Voiced
from tests.support.balances import balance
from tests.support.feed import disagreements
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    RULES,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    row,
    settings,
    take,
)
from tests.support.suppressions import suppress, wish

ACTOR = "key:dz01"
TURNS = [NOW + turn * RULES.spacing for turn in range(4)]
LATER = TURNS[3]


@pytest.fixture(autouse=True)
async def campaign(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(attempts=RULES.per_number), NOW, None)


async def edit(store: SqlStore, **changes: Any) -> None:
    await store.put_campaign("RENT", settings(**{"attempts": RULES.per_number, **changes}), LATER, None, ACTOR)


async def exhausted(store: SqlStore, *, mailing: Mailing | None = None) -> None:
    """Both cases of a debtor were called about as often as the plan allows."""
    await take(store, "B-1", row("D1", case="RENT/1"), row("D1", case="RENT/2"), mailing=mailing)
    for turn in range(RULES.per_number):
        await call_all(store, Disposition.BUSY, TURNS[turn])
    assert await stands(store) == ("finished", "exhausted")


async def stands(store: SqlStore) -> tuple[str, str | None]:
    contact = await contact_of(store)
    return contact.state, contact.finished


async def told(store: SqlStore, type_: EventType) -> list[tuple[str | None, str, str]]:
    entries = [each.event for each in await store.events(0, 100, types=[type_])]
    return [(event.case_id, event.body["reason"], event.actor) for event in entries]


async def test_more_attempts_bring_those_back_whose_attempts_were_used_up(store: SqlStore) -> None:
    await exhausted(store)

    await edit(store, attempts=4)

    assert await stands(store) == ("waiting", None)
    assert await told(store, EventType.CONTACT_REOPENED) == [
        ("RENT/1", "plan_changed", ACTOR),
        ("RENT/2", "plan_changed", ACTOR),
    ]
    contact = await contact_of(store)
    assert (contact.due_at, [number.attempts for number in contact.numbers]) == (LATER, [RULES.per_number])
    assert len(await store.unvoiced([1], LATER, LATER, 10)) == 1  # its message is made anew
    assert await disagreements(store, "RENT") == []


async def test_a_rule_that_allows_more_brings_back_whom_it_had_ended(store: SqlStore) -> None:
    await edit(store, retry={"busy": {"then": "stop"}})
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)
    await store.finish_lane(1, FinishReason.EXHAUSTED, NOW, 10)  # as the engine would, by that rule

    await edit(store, retry={"busy": {"then": "stop"}, "no_answer": {"wait_minutes": 5}})
    assert await stands(store) == ("finished", "exhausted")
    await edit(store, retry={"busy": {"at_most": 1}})
    assert await stands(store) == ("finished", "exhausted")
    await edit(store, retry={"busy": {"at_most": 2}})
    assert await stands(store) == ("waiting", None)


async def test_what_allows_no_more_brings_nobody_back(store: SqlStore) -> None:
    await exhausted(store)
    await edit(store, attempts=2)
    await edit(store, brand="Spółdzielnia Zmyślona")

    assert await stands(store) == ("finished", "exhausted")
    assert await told(store, EventType.CONTACT_REOPENED) == []


@pytest.mark.parametrize("outcome", [Disposition.DELIVERED, Disposition.INVALID_NUMBER])
async def test_whoever_is_finished_for_another_reason_stays_so(store: SqlStore, outcome: Disposition) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, outcome)
    before = await stands(store)

    await edit(store, attempts=9)

    assert await stands(store) == before
    assert before[0] == "finished"


async def test_whoever_has_paid_since_is_not_brought_back(store: SqlStore) -> None:
    await exhausted(store)
    await store.settle([balance("RENT/1"), balance("RENT/2")], "key:test", LATER)

    await edit(store, attempts=9)

    assert await stands(store) == ("finished", "exhausted")


@pytest.mark.parametrize("asked", [wish(debtor="D1"), wish(MOBILE)])
async def test_whoever_asked_for_it_since_is_not_brought_back(store: SqlStore, asked: Wish) -> None:
    await exhausted(store)
    await suppress(store, asked, LATER)

    await edit(store, attempts=9)

    assert await stands(store) == ("finished", "exhausted")


async def test_a_batch_with_attempts_of_its_own_does_not_follow(store: SqlStore) -> None:
    await exhausted(store, mailing=Mailing(attempts=RULES.per_number))
    await edit(store, attempts=9)
    assert await stands(store) == ("finished", "exhausted")


# ---- less than before -----------------------------------------------------------------------------------


async def test_fewer_attempts_finish_those_beyond_them(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2", numbers=[FIXED]))
    await call_all(store, Disposition.BUSY)
    await take(store, "B-2", row("D3"))

    await edit(store, attempts=1)

    assert [(await contact_of(store, debtor)).finished for debtor in ("D1", "D2", "D3")] == ["exhausted"] * 2 + [None]
    assert await told(store, EventType.CONTACT_FINISHED) == [
        ("RENT/D1", "exhausted", ACTOR),
        ("RENT/D2", "exhausted", ACTOR),
    ]


async def test_whoever_has_a_number_left_goes_on_with_fewer_attempts(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", numbers=[MOBILE, FIXED]))
    await call_all(store, Disposition.BUSY)
    await edit(store, attempts=1)
    assert await stands(store) == ("waiting", None)


async def test_whoever_is_being_called_follows_when_the_call_is_over(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await edit(store, attempts=1)
    assert await stands(store) == ("dialing", None)
    await store.conclude([conclusion(attempt)], follow)
    await edit(store, attempts=2)
    await edit(store, attempts=1)
    assert await stands(store) == ("finished", "exhausted")


async def test_whoever_is_reminded_again_on_another_day_waits_for_it(store: SqlStore) -> None:
    tomorrow = NOW + timedelta(days=1)
    await take(store, "B-1", row("D1"))
    asked = await store.unvoiced([1], NOW, NOW, 10)
    spoken = Voiced(asked[0].contact_id, "spoken", "Dzień dobry.", NOW.date(), next_round=tomorrow)
    await store.voice(asked, [spoken])
    await call_all(store, Disposition.BUSY)

    await edit(store, attempts=1)

    contact = await contact_of(store)
    assert (contact.state, contact.due_at, contact.numbers[0].attempts) == ("waiting", tomorrow, 0)
    assert await told(store, EventType.CONTACT_FINISHED) == []
