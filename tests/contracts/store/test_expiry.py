"""Whose last calling window has passed?"""

from datetime import datetime, timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.plan import Mailing
from dialer.expire import Expiry
from dialer.lanes import Lanes
from dialer.model import CampaignState
from tests.support.stores import NOW, contact_of, row, settings, take

TONIGHT = NOW.replace(hour=20)


class Standing:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._at.timestamp()


async def looked_at(store: SqlStore, moment: datetime, mailing: Mailing | None) -> tuple[str, str | None]:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.set_campaign_state("RENT", CampaignState.RUNNING, NOW)
    await take(store, "B-1", row("D1"), mailing=mailing)
    lanes = Lanes(store)
    await lanes.refresh()
    await Expiry(store, lanes, Standing(moment)).look()
    contact = await contact_of(store)
    return contact.state, contact.finished


async def test_a_contact_whose_list_has_ended_is_finished_and_says_so(store: SqlStore) -> None:
    ended = await looked_at(store, TONIGHT + timedelta(minutes=1), Mailing(not_after=TONIGHT))
    assert ended == ("finished", "expired")


@pytest.mark.parametrize("mailing", [None, Mailing(windows={}), Mailing(not_after=TONIGHT + timedelta(days=7))])
async def test_a_contact_that_may_still_be_called_some_day_waits(store: SqlStore, mailing: Mailing | None) -> None:
    assert await looked_at(store, TONIGHT, mailing) == ("waiting", None)
