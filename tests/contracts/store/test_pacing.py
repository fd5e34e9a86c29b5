"""Is what pacing knows there again after a restart?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialer.adapters.clock import new_id
from dialer.adapters.store import SqlStore
from dialer.core.abandonment import Tally
from dialer.core.answered import DAY, is_live_answer
from dialer.core.call import Call
from dialer.core.choice import Candidate
from dialer.core.learned import Learned
from dialer.model import Attempt, Disposition
from dialer.ports.store import Conclusion
from tests.support.stores import HORIZON, NOW, conclusion, follow, ready_all, row, take

pytestmark = pytest.mark.usefixtures("rent")


async def test_answered_calls_are_counted_with_those_that_found_nobody(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(5)))
    await ready_all(store)
    ends = [Disposition.CONNECTED, Disposition.ABANDONED, Disposition.ABANDONED, Disposition.NO_ANSWER]
    made = await store.lease(1, 5, dialled, NOW, HORIZON)
    await store.conclude([ended(attempt, end) for attempt, end in zip(made, ends, strict=False)], follow)

    counted = await store.answered_since(NOW - DAY)
    assert {name: each.within(DAY, NOW) for name, each in counted.items()} == {"RENT": Tally(3, 2)}
    assert await store.answered_since(NOW + timedelta(hours=1)) == {}


async def test_who_heard_a_message_earns_no_credit_for_agents(store: SqlStore) -> None:
    """A campaign that played messages yesterday may be predictive today."""
    await take(store, "B-1", *(row(f"D{n}") for n in range(4)))
    await ready_all(store)
    heard, asked, told, silent = await store.lease(1, 4, dialled, NOW, HORIZON)
    later = NOW + timedelta(seconds=2)
    ends = [
        ended(heard, Disposition.DELIVERED, message_at=NOW),
        ended(asked, Disposition.UNSERVED, message_at=NOW, waiting_at=later),
        ended(told, Disposition.ABANDONED, waiting_at=NOW, message_at=later),
        ended(silent, Disposition.ABANDONED),
    ]
    await store.conclude(ends, follow)

    counted = await store.answered_since(NOW - DAY)
    assert counted["RENT"].within(DAY, NOW) == Tally(2, 2)
    assert [is_live_answer(each.call, each.disposition) for each in ends] == [False, False, True, True]


def dialled(contact: Candidate) -> Attempt:
    return Attempt(new_id(NOW), contact.contact_id, "RENT", 1, 1, contact.stand.numbers[0].e164, "spoken", NOW)


def ended(attempt: Attempt, end: Disposition, **moments: datetime) -> Conclusion:
    call: Call = conclusion(attempt).call
    answered_at = None if end is Disposition.NO_ANSWER else NOW
    return replace(conclusion(attempt, end), call=replace(call, answered_at=answered_at, **moments))  # type: ignore[arg-type]


async def test_what_was_learnt_last_is_kept(store: SqlStore) -> None:
    assert await store.learned() == {}
    first, second = Learned(risk_level=0.1), Learned(risk_level=0.2)
    await store.keep_learned({"RENT": first.to_json(), "FLATS": first.to_json()}, NOW)
    await store.keep_learned({"RENT": second.to_json()}, NOW + DAY)
    kept = {name: Learned.from_json(each).risk_level for name, each in (await store.learned()).items()}
    assert kept == {"RENT": 0.2, "FLATS": 0.1}
