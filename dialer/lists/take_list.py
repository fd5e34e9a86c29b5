"""How is a call list taken, and what becomes of the calls to those whom it calls off?

judged, then kept portion by portion ──► saved attempts withdrawn, calls ended ──► reply
(who is called no more, or told otherwise)      (each second, and at the end)
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from dialer.calloff import CallOff, Ending
from dialer.lists.intake import Intake, Offer
from dialer.ports.store import Batch, CalledOff, CallOffs, StoreFailed

# A long list is kept in many transactions: whom those call off that are written is looked up.
LOOK = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A list, and what it has stopped."""

    batch: Batch
    calls: Sequence[Ending]  # attempts that were open


@dataclass(frozen=True, slots=True)
class _Found:
    called_off: Sequence[CalledOff]


class ListTaking:
    def __init__(self, intake: Intake, store: CallOffs, calloff: CallOff) -> None:
        self._intake = intake
        self._store = store
        self._calloff = calloff

    async def take(self, offer: Offer) -> Taken:
        """Take the list, as ``Intake.take`` does and with the same errors.

        When this returns, nothing rings any more at those whom the list leaves out or blocks, nor with words that it
        has made untrue, and nothing will. One that is broken off has ended the calls of those whom it had reached.
        """
        calls: dict[str, Ending] = {}
        taking = asyncio.ensure_future(self._intake.take(offer))
        try:
            while not (await asyncio.wait([taking], timeout=LOOK.total_seconds()))[0]:
                with suppress(StoreFailed):  # the next look makes up for it
                    calls = await self._end_calls() | calls
        finally:
            taking.cancel()  # whoever wanted it has gone; if it is done, this does nothing
            await asyncio.wait([taking])
            calls = await self._end_calls() | calls
        batch = taking.result()
        await self._calloff.all_over(list(calls.values()))
        if calls:
            log.info("batch_ended_calls", batch=batch.batch_id, calls=len(calls))
        return Taken(batch, list(calls.values()))

    async def _end_calls(self) -> dict[str, Ending]:
        _, ending = await self._calloff.carry_out(self._find())
        return {each.called_off.attempt_id: each for each in ending}

    async def _find(self) -> _Found:
        return _Found(await self._store.called_off())
