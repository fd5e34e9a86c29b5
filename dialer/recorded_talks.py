"""Which talks are recorded, where are the files, and when are they gone?

The switch writes a file named after the attempt, which was saved before it was called: whatever is killed in the
middle, no recording is nameless. The row that tells of it follows; at start, files without a row get theirs, and those
of which no attempt is known are removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from pathlib import Path

import structlog

from dialer.core.feed import ENGINE
from dialer.ports import Clock
from dialer.ports.store import RecordedTalks, StoreFailed

ENDING = ".wav"
AFTER_TROUBLE = timedelta(seconds=1)
LOOK = timedelta(hours=1)  # how often recordings that are kept no longer are looked for
AT_ONCE = 200  # files that are removed between two looks at the database

log = structlog.get_logger(__name__)


class Tapes:
    """Recordings of talks, in one folder."""

    def __init__(self, store: RecordedTalks, folder: Path, clock: Clock, kept_for: timedelta) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._kept_for = kept_for
        self._unwritten: list[str] = []
        self._news = asyncio.Event()

    def begun(self, attempt_id: str) -> None:
        """The switch was told to record that talk."""
        log.info("recording", attempt=attempt_id)
        self._unwritten.append(attempt_id)
        self._news.set()

    def file(self, attempt_id: str) -> Path | None:
        """The recording, 8 kHz WAV; None: nothing was said, or it is gone."""
        file = self._folder / f"{attempt_id}{ENDING}"
        return file if file.is_file() else None

    async def forget(self, client_id: str, debtor: str, actor: str = ENGINE) -> int:
        """Erase all recordings of a debtor; how many.

        Raises:
            StoreFailed, OSError: some may be left; to be called again.
        """
        return await self._remove(await self._store.recordings_of(client_id, debtor), actor, "erased")

    async def run(self) -> None:
        """Write down what is recorded, and remove what is kept no longer, until cancelled."""
        await self._settle(self._adopt)
        while True:
            await self._settle(self._expire)
            try:
                async with asyncio.timeout(LOOK.total_seconds()):
                    await self._news.wait()
            except TimeoutError:
                continue
            self._news.clear()
            await self._settle(self._write_down)

    async def _settle(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, as often as it takes."""
        while True:
            try:
                await work()
            except (StoreFailed, OSError) as error:
                log.error("recordings_not_kept", because=str(error))
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
            else:
                return

    async def _write_down(self) -> None:
        if written := list(self._unwritten):
            await self._store.note_recordings(written, self._clock.now())
            del self._unwritten[: len(written)]

    async def _adopt(self) -> None:
        names = [file.stem for file in await asyncio.to_thread(lambda: list(self._folder.glob(f"*{ENDING}")))]
        known = set(await self._store.note_recordings(names, self._clock.now()))
        if strays := [name for name in names if name not in known]:
            log.warning("recordings_of_nobody", files=len(strays))
            await asyncio.to_thread(self._unlink, strays)

    async def _expire(self) -> None:
        while old := await self._store.recordings_before(self._clock.now() - self._kept_for, AT_ONCE):
            await self._remove(old, ENGINE, "expired")

    async def _remove(self, attempt_ids: Collection[str], actor: str, reason: str) -> int:
        # Files first: a row without a file is found again, a file without a row would be adopted.
        await asyncio.to_thread(self._unlink, attempt_ids)
        await self._store.remove_recordings(attempt_ids, self._clock.now(), actor, reason)
        if attempt_ids:
            log.info("recordings_removed", reason=reason, files=len(attempt_ids))
        return len(attempt_ids)

    def _unlink(self, attempt_ids: Collection[str]) -> None:
        for attempt_id in attempt_ids:
            (self._folder / f"{attempt_id}{ENDING}").unlink(missing_ok=True)
