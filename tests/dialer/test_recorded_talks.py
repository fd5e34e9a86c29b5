"""Is every file somebody's, and are files gone before it is forgotten that there were any?"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from dialer.adapters.simulated.time import LoopClock
from dialer.ports.store import RecordedTalks, StoreFailed
from dialer.recorded_talks import Tapes
from tests.support.clock import MONDAY, SECOND, passes
from tests.support.engines import in_virtual_time

ONE, TWO, NOBODYS = "1" * 32, "2" * 32, "f" * 32
DAY = timedelta(days=1)


@dataclass
class Rows:
    """Attempts that are known, and which of them are noted as recorded, since when."""

    known: set[str]
    noted: dict[str, datetime] = field(default_factory=dict)
    fails: int = 0

    async def note_recordings(self, attempt_ids: Collection[str], now: datetime) -> Collection[str]:
        if self.fails:
            self.fails -= 1
            raise StoreFailed("the disk is full")
        there = self.known & set(attempt_ids)
        self.noted = dict.fromkeys(there, now) | self.noted
        return there

    async def recordings_of(self, client_id: str, debtor: str) -> Sequence[str]:
        return list(self.noted) if (client_id, debtor) == ("CL", "D1") else []

    async def recordings_before(self, moment: datetime, limit: int) -> Sequence[str]:
        return [each for each, begun_at in self.noted.items() if begun_at < moment][:limit]

    async def remove_recordings(self, attempt_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
        if self.fails:
            self.fails -= 1
            raise StoreFailed("the disk is full")
        for each in attempt_ids:
            del self.noted[each]


@asynccontextmanager
async def running(folder: Path, rows: Rows) -> AsyncIterator[Tapes]:
    tapes = Tapes(cast(RecordedTalks, rows), folder, LoopClock(MONDAY), 2 * DAY)
    task = asyncio.create_task(tapes.run())
    try:
        await passes(SECOND)
        yield tapes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def tape(folder: Path, attempt_id: str) -> Path:
    file = folder / f"{attempt_id}.wav"
    file.write_bytes(b"RIFF")
    return file


@in_virtual_time
async def test_what_a_killed_engine_left_is_somebodys_or_gone(tmp_path: Path) -> None:
    left, nobodys = tape(tmp_path, ONE), tape(tmp_path, NOBODYS)
    async with running(tmp_path, rows := Rows({ONE})) as tapes:
        assert (left.exists(), nobodys.exists(), set(rows.noted)) == (True, False, {ONE})
        assert tapes.file(ONE) == left
        assert tapes.file(NOBODYS) is None


@in_virtual_time
async def test_a_recording_that_could_not_be_noted_is_noted_later(tmp_path: Path) -> None:
    async with running(tmp_path, rows := Rows({ONE})) as tapes:
        rows.fails = 1
        tapes.begun(ONE)
        await passes(3 * SECOND)
        assert set(rows.noted) == {ONE}


@in_virtual_time
async def test_recordings_are_kept_for_so_long(tmp_path: Path) -> None:
    async with running(tmp_path, rows := Rows({ONE})) as tapes:
        tapes.begun(ONE)
        file = tape(tmp_path, ONE)
        await passes(2 * DAY)
        assert file.exists()
        await passes(timedelta(hours=2))
        assert (file.exists(), rows.noted) == (False, {})


@in_virtual_time
async def test_a_debtor_who_is_erased_takes_all_recordings_along(tmp_path: Path) -> None:
    files = [tape(tmp_path, each) for each in (ONE, TWO)]
    async with running(tmp_path, rows := Rows({ONE, TWO})) as tapes:
        assert await tapes.forget("CL", "D2", "key:a") == 0
        assert await tapes.forget("CL", "D1", "key:a") == 2
        assert ([file.exists() for file in files], rows.noted) == ([False, False], {})


@in_virtual_time
async def test_an_erasure_that_failed_half_way_can_be_repeated(tmp_path: Path) -> None:
    tape(tmp_path, ONE)
    async with running(tmp_path, rows := Rows({ONE})) as tapes:
        rows.fails = 1
        try:
            await tapes.forget("CL", "D1", "key:a")
        except StoreFailed:
            assert set(rows.noted) == {ONE}, "it is found again"
        assert await tapes.forget("CL", "D1", "key:a") == 1
