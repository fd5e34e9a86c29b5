"""Is what pacing knows there again after a restart?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.clock import new_id
from dialer.adapters.store import SqlStore
from dialer.core.abandonment import Tally
from dialer.core.answered import DAY
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

    def decide(contact: Candidate) -> Attempt:
        number = contact.stand.numbers[0].e164
        return Attempt(new_id(NOW), contact.contact_id, "RENT", 1, 1, number, "spoken", NOW)

    ends = [Disposition.CONNECTED, Disposition.ABANDONED, Disposition.ABANDONED, Disposition.NO_ANSWER]
    made = await store.lease(1, 5, decide, NOW, HORIZON)
    await store.conclude([ended(attempt, end) for attempt, end in zip(made, ends, strict=False)], follow)

    counted = await store.answered_since(NOW - DAY)
    assert {name: each.within(DAY, NOW) for name, each in counted.items()} == {"RENT": Tally(3, 2)}
    assert await store.answered_since(NOW + timedelta(hours=1)) == {}


def ended(attempt: Attempt, end: Disposition) -> Conclusion:
    call: Call = conclusion(attempt).call
    answered_at = None if end is Disposition.NO_ANSWER else NOW
    return replace(conclusion(attempt, end), call=replace(call, answered_at=answered_at))


async def test_what_was_learnt_last_is_kept(store: SqlStore) -> None:
    assert await store.learned() == {}
    first, second = Learned(risk_level=0.1), Learned(risk_level=0.2)
    await store.keep_learned({"RENT": first.to_json(), "FLATS": first.to_json()}, NOW)
    await store.keep_learned({"RENT": second.to_json()}, NOW + DAY)
    kept = {name: Learned.from_json(each).risk_level for name, each in (await store.learned()).items()}
    assert kept == {"RENT": 0.2, "FLATS": 0.1}
