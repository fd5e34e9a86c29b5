"""By which rules may each lane be called at this moment?

The lanes of all campaigns, in memory, read again whenever a campaign or a list changes: an edited window takes effect
on every attempt that is not placed yet.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from dialer.core import gate, windows
from dialer.model import CampaignState, Lane
from dialer.ports.store import Campaigns

LONGEST_STEADY = timedelta(minutes=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Lanes:
    def __init__(self, store: Campaigns) -> None:
        self._store = store
        self._all: dict[int, Lane] = {}
        self._running: dict[int, Lane] = {}
        self._refreshing = asyncio.Lock()
        self._open: list[Lane] = []
        self._steady = (_NEVER, _NEVER)  # from when until when those are the open ones
        self._opening: dict[int, datetime] = {}  # of lanes that are closed
        self.watchers: list[Callable[[], None]] = []  # told when they were read again

    async def refresh(self) -> None:
        """Read them again; when this returns, no call is placed by the old rules any more."""
        async with self._refreshing:  # or an older answer could overwrite a newer one, and a paused campaign run on
            known = await self._store.lanes()
            self._all = {lane.id: lane for lane, _ in known}
            self._running = {lane.id: lane for lane, state in known if state is CampaignState.RUNNING}
            self._steady = (_NEVER, _NEVER)
            self._opening.clear()
        for tell in self.watchers:
            tell()

    def knows(self, lane_id: int) -> bool:
        return lane_id in self._all

    def rules(self, lane_id: int) -> Lane:
        """The lane, whatever its campaign's state."""
        return self._all[lane_id]

    def running(self, lane_id: int) -> Lane | None:
        """The lane if its campaign is running."""
        return self._running.get(lane_id)

    def all_running(self) -> list[Lane]:
        return list(self._running.values())

    def open_at(self, now: datetime) -> Sequence[Lane]:
        """The lanes that may be called now, the most urgent campaigns first."""
        begun, ends = self._steady
        if not begun <= now < ends:
            is_open = (lane for lane in self._running.values() if gate.closed_by(lane, now) is None)
            self._open = sorted(is_open, key=lambda lane: lane.priority)
            changes = (windows.steady_until(lane.hours, now) for lane in self._running.values())
            self._steady = (now, min(changes, default=_NEVER))
        return self._open

    def steady_for(self, now: datetime) -> timedelta:
        """For how long, at least, no lane opens or closes unless they are read again."""
        self.open_at(now)
        return min(self._steady[1] - now, LONGEST_STEADY)

    def opening_by(self, latest: datetime, now: datetime) -> Mapping[int, datetime]:
        """The lanes that are open now, or will be by then, each with the moment."""
        found = {lane.id: now for lane in self.open_at(now)}
        for lane in self._running.values():
            if lane.id not in found and (opens := self._opens(lane, now)) <= latest:
                found[lane.id] = opens
        return found

    def _opens(self, lane: Lane, now: datetime) -> datetime:
        known = self._opening.get(lane.id)
        if known is None or known <= now:  # looking for an opening takes long, where it is days away
            refusal = gate.lane_refusal(lane, now)
            known = self._opening[lane.id] = now if refusal is None else refusal.until or _NEVER
        return known
