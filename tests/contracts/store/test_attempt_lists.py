"""Is every attempt found by what it is asked for, once, in the order attempts were saved?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.choice import Candidate
from dialer.model import Attempt, Disposition
from dialer.ports.store import AttemptFilter, TalkBegun
from tests.support.stores import HORIZON, NOW, calls, conclusion, follow, ready_all, row, settings, take

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def phones(store: SqlStore, rent_and_flats: None) -> None:
    """Three campaigns, of two clients."""
    await store.put_campaign("PHONES", settings(client_id="CL-TELKO"), NOW, None)
    phone = row("D3", case="PHONES/1", campaign="PHONES", client="CL-TELKO")
    flats = (row(f"D{n}", case=f"FLATS/{n}", campaign="FLATS") for n in (1, 2))
    await take(store, "B-1", row("D1"), row("D2"), *flats, phone)
    await ready_all(store)


pytestmark = pytest.mark.usefixtures("phones")


async def call(store: SqlStore, campaign: str, at: datetime, outcome: Disposition | None = None) -> str:
    """One attempt of the campaign, saved at that moment; its id."""
    [lane] = [lane.id for lane, _ in await store.lanes() if lane.campaign_id == campaign]

    def decide(contact: Candidate) -> Attempt:
        made = calls(at)(contact)
        assert isinstance(made, Attempt)
        return replace(made, campaign_id=campaign, lane_id=lane)

    [attempt] = await store.lease(lane, 1, decide, NOW, HORIZON)
    if outcome is not None:
        await store.conclude([conclusion(attempt, outcome)], follow)
    return attempt.id


async def found(store: SqlStore, **asked: Any) -> list[str]:
    return [attempt.id for attempt in await store.attempts(AttemptFilter(**asked), "", 100)]


async def test_attempts_of_many_campaigns_come_in_pages_in_the_order_they_were_saved(store: SqlStore) -> None:
    third = await call(store, "FLATS", NOW + 3 * MINUTE)
    first = await call(store, "RENT", NOW + MINUTE)
    second = await call(store, "PHONES", NOW + 2 * MINUTE)
    saved = [first, second, third]

    page = await store.attempts(AttemptFilter(), "", 2)
    rest = await store.attempts(AttemptFilter(), page[-1].id, 2)

    assert [attempt.id for attempt in (*page, *rest)] == saved
    assert await store.attempts(AttemptFilter(), rest[-1].id, 2) == []


async def test_attempts_saved_at_one_moment_come_once_each(store: SqlStore) -> None:
    saved = {await call(store, campaign, NOW) for campaign in ("RENT", "RENT", "FLATS")}

    walked, after = list[str](), ""
    while page := await store.attempts(AttemptFilter("CL-CZYNSZ"), after, 1):
        walked += [attempt.id for attempt in page]
        after = page[-1].id

    assert (len(walked), set(walked)) == (3, saved)


async def test_a_clients_attempts_are_those_of_its_campaigns_in_one_order(store: SqlStore) -> None:
    later = await call(store, "FLATS", NOW + 2 * MINUTE)
    other = await call(store, "PHONES", NOW + MINUTE)
    earlier = await call(store, "RENT", NOW)

    assert await found(store, client_id="CL-CZYNSZ") == [earlier, later]
    assert await found(store, client_id="CL-TELKO") == [other]
    assert await found(store, campaign_id="FLATS") == [later]
    assert await found(store, client_id="CL-TELKO", campaign_id="FLATS") == []


async def test_attempts_are_found_by_their_end_and_by_when_they_were_saved(store: SqlStore) -> None:
    busy = await call(store, "RENT", NOW, Disposition.BUSY)
    delivered = await call(store, "FLATS", NOW + MINUTE, Disposition.DELIVERED)
    is_open = await call(store, "PHONES", NOW + 2 * MINUTE)

    assert await found(store, disposition=Disposition.DELIVERED) == [delivered]
    assert await found(store, since=NOW + MINUTE) == [delivered, is_open]
    assert await found(store, until=NOW + MINUTE) == [busy]
    assert await found(store, client_id="CL-CZYNSZ", since=NOW, until=NOW + MINUTE) == [busy]


async def test_an_agents_attempts_are_those_in_which_the_agent_spoke(store: SqlStore) -> None:
    spoken = await call(store, "RENT", NOW)
    await call(store, "FLATS", NOW)
    await store.save_agents([], [TalkBegun(spoken, "anna", NOW)])

    assert await found(store, agent_id="anna") == [spoken]
    assert await found(store, agent_id="anna", client_id="CL-TELKO") == []
    assert await found(store, agent_id="barbara") == []


async def test_an_attempt_is_found_by_its_id(store: SqlStore) -> None:
    made = await call(store, "RENT", NOW, Disposition.BUSY)

    [listed] = await store.attempts(AttemptFilter(), "", 10)
    assert await store.attempt(made) == listed
    assert await store.attempt("0" * 32) is None


async def test_nothing_comes_behind_an_attempt_that_there_never_was(store: SqlStore) -> None:
    await call(store, "RENT", NOW)

    assert await store.attempts(AttemptFilter(), "0" * 32, 10) == []
