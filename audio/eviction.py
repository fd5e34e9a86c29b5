"""Which audio is not needed any more? What nobody used for long, then the longest unused until the rest fits."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Evicted:
    """What a cleaning removed."""

    files: int
    size: int


def evict(root: Path, now: datetime, *, unused_for: timedelta, keep: int, spare: timedelta) -> Evicted:
    """Remove what nobody needed for so long, then the longest unused until at most `keep` bytes remain.

    Nothing used within `spare` is removed: a call may be about to play it.
    """
    files = sorted(_files(root))
    remaining = sum(size for _, _, size in files)
    removed = Evicted(0, 0)
    for used_at, path, size in files:
        unused = now - datetime.fromtimestamp(used_at, UTC)
        if unused < spare or (unused < unused_for and remaining <= keep):
            break
        path.unlink(missing_ok=True)
        remaining -= size
        removed = Evicted(removed.files + 1, removed.size + size)
    return removed


def _files(root: Path) -> Iterator[tuple[float, Path, int]]:
    """Every file, also what a killed process left unfinished: when it was last used, where it is, its size."""
    for path in root.glob("??/*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            yield status.st_mtime, path, status.st_size
