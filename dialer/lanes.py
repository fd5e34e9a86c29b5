"""By which rules may each lane be called at this moment?

The lanes of all campaigns, in memory, read again whenever a campaign or a list changes: an edited window takes effect
on every attempt that is not placed yet.
"""

import asyncio
from datetime import datetime

from dialer.core import gate
from dialer.model import CampaignState, Lane
from dialer.ports.store import Campaigns


class Lanes:
    def __init__(self, store: Campaigns) -> None:
        self._store = store
        self._all: dict[int, Lane] = {}
        self._running: dict[int, Lane] = {}
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> None:
        """Read them again; when this returns, no call is placed by the old rules any more."""
        async with self._refreshing:  # or an older answer could overwrite a newer one, and a paused campaign run on
            known = await self._store.lanes()
            self._all = {lane.id: lane for lane, _ in known}
            self._running = {lane.id: lane for lane, state in known if state is CampaignState.RUNNING}

    def rules(self, lane_id: int) -> Lane:
        """The lane, whatever its campaign's state."""
        return self._all[lane_id]

    def running(self, lane_id: int) -> Lane | None:
        """The lane if its campaign is running."""
        return self._running.get(lane_id)

    def all_running(self) -> list[Lane]:
        return list(self._running.values())

    def open_at(self, now: datetime) -> list[Lane]:
        """The lanes that may be called now, the most urgent campaigns first."""
        return sorted(
            (lane for lane in self._running.values() if gate.closed_by(lane, now) is None),
            key=lambda lane: lane.priority,
        )
