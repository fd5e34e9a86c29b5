"""How is a debtor erased, and nobody called meanwhile?

order ──► one transaction ──► calls ended ──► audio removed ──► database wiped ──► audio again ──► log cut ──► receipt

Whatever breaks off is taken up again: by the engine, once a minute and after a start, or by the same order.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from dialer.calloff import CallOff
from dialer.conclude import Concluder
from dialer.every import every
from dialer.ports import Clock
from dialer.ports.store import CalledOff, Erasure, Erasures, ErasureState
from dialer.ports.voice import Voice

EVERY = timedelta(minutes=1)
WRITING = timedelta(seconds=5)  # how long what has ended may take to be written down; then the engine goes on later

Forget = Callable[[str, str], Awaitable[int]]  # of that client's debtor; how many files are gone

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    erasure: Erasure
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Begun:
    of: Erasure | None
    is_new: bool
    called_off: Sequence[CalledOff]


class Erasing:
    """``forgets`` remove what else is kept of a debtor outside the database."""

    def __init__(self, store: Erasures, calloff: CallOff, concluder: Concluder, voice: Voice, clock: Clock) -> None:
        self._store = store
        self._calloff = calloff
        self._concluder = concluder
        self._voice = voice
        self._clock = clock
        self.forgets: list[Forget] = []

    async def run(self) -> None:
        """Take up what has broken off, for as long as this runs."""
        await every(EVERY, self.look, "erase")

    async def look(self) -> None:
        for erasure in await self._store.unfinished_erasures():
            try:
                await self._carry_on(erasure)
            except OSError as error:
                log.error("erasure_waits", erasure=erasure.id, because=str(error.strerror))

    async def erase(self, client_id: str, debtor_ref: str, actor: str) -> Erased | None:
        """Erase the debtor; None: the client has none of that id, and has erased none.

        When this returns nobody is called any more. Unless it is ``DONE`` by then, the engine brings it to its end.

        Raises:
            StoreFailed: it may have been ordered; the same order goes on with it.
        """
        begun, calls = await self._calloff.carry_out(self._begun(client_id, debtor_ref, actor))
        if begun.of is None:
            return None
        await self._calloff.all_over(calls)
        await self._written_down()
        await self._carry_on(begun.of)
        erasure = await self._store.erasure(begun.of.id)
        return None if erasure is None else Erased(erasure, begun.is_new)

    async def _begun(self, client_id: str, debtor_ref: str, actor: str) -> _Begun:
        begun = await self._store.begin_erasure(client_id, debtor_ref, actor, self._clock.now())
        if begun is None:
            return _Begun(None, False, ())
        if begun.is_new:
            log.info("erasure_ordered", erasure=begun.erasure.id, client=client_id, calls=len(begun.called_off))
        return _Begun(begun.erasure, begun.is_new, tuple(begun.called_off))

    async def _written_down(self) -> None:
        try:
            async with asyncio.timeout(WRITING.total_seconds()):
                await self._concluder.all_written()
        except TimeoutError:
            log.info("erasure_waits", because="calls are not written down yet")

    async def _carry_on(self, erasure: Erasure) -> None:
        if erasure.debtor_ref is None:
            return
        # Before the wipe, after which the order alone tells whose audio it was; and after it, as some may have been
        # made meanwhile.
        if erasure.state is ErasureState.ORDERED:
            gone = await self._forget(erasure.client_id, erasure.debtor_ref, erasure.debtor_ref)
            if not await self._store.wipe(erasure.id, gone, self._clock.now()):
                log.info("erasure_waits", erasure=erasure.id, because="a call or its wrap-up is not over")
                return
        gone = await self._forget(erasure.client_id, erasure.debtor_ref, erasure.pseudonym)
        if await self._store.complete_erasure(erasure.id, gone, self._clock.now()):
            log.info("erased", erasure=erasure.id, client=erasure.client_id)
        else:
            log.info("erasure_waits", erasure=erasure.id, because="a list is being taken, or the log is being read")

    async def _forget(self, client_id: str, debtor_ref: str, known_as: str) -> int:
        """``known_as``: by what the database knows the debtor at this moment."""
        rendered = await asyncio.to_thread(self._voice.forget, client_id, debtor_ref)
        return rendered + sum([await forget(client_id, known_as) for forget in self.forgets])
