"""How is somebody who asked for it left in peace, from this moment on?

wish ──► one transaction ──► saved attempts withdrawn, calls ended ──► reply
         (who is called no more)       (waited for, not for ever)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from dialer.calloff import CallOff, Ending
from dialer.core.suppressions import Wish
from dialer.every import every
from dialer.ports import Clock
from dialer.ports.store import Lifted, Suppressed, Suppressions

EVERY = timedelta(minutes=1)  # how often wishes are looked for whose time is over

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a wish has changed."""

    suppressed: Suppressed
    calls: Sequence[Ending]  # attempts that were open


class Suppressing:
    def __init__(self, store: Suppressions, calloff: CallOff, clock: Clock) -> None:
        self._store = store
        self._calloff = calloff
        self._clock = clock

    async def suppress(self, wish: Wish, actor: str) -> Kept:
        """Keep the wish. When this returns, nothing rings any more that it forbids, and nothing will.

        Raises:
            StoreFailed: nothing was changed.
        """
        suppressed, calls = await self._calloff.carry_out(self._store.suppress(wish, actor, self._clock.now()))
        await self._calloff.all_over(calls)
        log.info(
            "suppressed",
            suppression=suppressed.suppression.id,
            reason=wish.reason,
            client=wish.client_id or "every",
            finished=suppressed.finished,
            calls=len(calls),
        )
        return Kept(suppressed, calls)

    async def lift(self, suppression_id: int, actor: str) -> Lifted | None:
        """The wish holds no more; None: there is none."""
        lifted = await self._store.lift_suppression(suppression_id, actor, self._clock.now())
        _note(lifted)
        return lifted


class Outliving:
    """Lifts wishes whose time is over; until it has, they hold."""

    def __init__(self, store: Suppressions, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        await every(EVERY, self.look, "outlive")

    async def look(self) -> None:
        for suppression in await self._store.outlived_suppressions(self._clock.now()):
            _note(await self._store.lift_if_outlived(suppression, self._clock.now()))


def _note(lifted: Lifted | None) -> None:
    if lifted is not None:
        log.info("suppression_lifted", suppression=lifted.suppression.id, returned=lifted.returned)
