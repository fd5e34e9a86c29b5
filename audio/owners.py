"""Whose audio is it? For every person a list of what was made for them, so that all of it can be removed.

    <root>/owners/<sha256 of the owner>      one key of the phrase cache a line

The list outlives changes of voice, engine and text: it names files, not what they were made from.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

_FOLDER = "owners"


class Owners:
    """Blocking: called from worker threads, each owner's list by one at a time or appended to as a whole."""

    def __init__(self, root: Path) -> None:
        self._folder = root / _FOLDER

    def add(self, owner: str, keys: Sequence[str]) -> None:
        """Before the audio is there: a crash in between leaves a line too many, never a file too many."""
        known = set(self.keys(owner))
        keys = [key for key in keys if key not in known]
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = "".join(f"{key}\n" for key in keys).encode()
        # One write to a file opened for appending: two at once do not tear each other's lines.
        opened = os.open(self._list(owner), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(opened, lines)
        finally:
            os.close(opened)

    def keys(self, owner: str) -> list[str]:
        """What was made for that person, each once."""
        try:
            return list(dict.fromkeys(self._list(owner).read_text().split()))
        except FileNotFoundError:
            return []

    def remove(self, owner: str) -> None:
        self._list(owner).unlink(missing_ok=True)

    def outdated(self, before: datetime) -> Iterator[tuple[Path, Iterable[str]]]:
        """The lists that nothing was added to since, each with its keys."""
        for path in self._folder.glob("*"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                yield path, path.read_text().split()

    def _list(self, owner: str) -> Path:
        return self._folder / hashlib.sha256(owner.encode()).hexdigest()
