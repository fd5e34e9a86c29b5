"""Where does an engine note, right before each call, that it is placed next, so that a kill cannot take it back?

In a file, by a write that is not waited for: once the system has it, it outlives the process, as nothing but the
machine's own end takes it away. So what is not in the file was not placed, if

    the file is the one of the run that made the attempt      (the id names it)
    the machine has not been started anew since               (its first line says so)
    nobody writes to it any more                              (whoever does holds a lock that goes with the process)

and if any of it cannot be shown, nothing is proved. Files are small and followed by others: an id of a file that is
gone proves nothing either.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

MOST = 20_000  # calls noted in one file; those of the one before it are placed long before there is a third
KEPT = 100  # files of earlier runs: an engine may be killed again and again while it starts

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MOMENT, _RUN = 12, 10  # hex digits of an id: milliseconds, its file, chance

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _File:
    run: str
    path: Path
    handle: int
    noted: int = 0


class PlacingFiles:
    """The ids of attempts, and the files they name (``PlacingLog``). ``new_id`` may be called on any thread."""

    def __init__(
        self,
        folder: Path,
        machine_start: str | None = None,
        write: Callable[[int, bytes], int] = os.write,
        hex_digits: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        """Raises OSError: nothing can be kept in the folder. ``hex_digits``: so many bytes by chance."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._start = machine_start or _BOOT.read_text().strip()
        self._write = write
        self._hex_digits = hex_digits
        self._forget_oldest()
        self._newest = self._begin()
        self._before: _File | None = None

    def new_id(self, now: datetime) -> str:
        """32 lowercase hex characters: the moment in milliseconds, the file, 40 random bits."""
        return f"{int(now.timestamp() * 1000):0{_MOMENT}x}{self._newest.run}{self._hex_digits(5)}"

    def note(self, attempt_id: str) -> None:
        """Raises OSError if it can neither be noted nor the file be removed that would tell otherwise."""
        file = self._file_of(attempt_id)
        if file is None:
            self._path(attempt_id).unlink(missing_ok=True)
            return
        try:
            self._append(file, attempt_id)
        except OSError as error:  # a full disk, most likely
            file.path.unlink(missing_ok=True)
            log.warning("placing_not_noted", because=error.strerror)
        file.noted += 1
        if file is self._newest and file.noted >= MOST:
            self._follow()

    def never_placed(self, attempt_ids: Iterable[str]) -> Collection[str]:
        by_file: dict[Path, set[str]] = {}
        for each in attempt_ids:
            by_file.setdefault(self._path(each), set()).add(each)
        return {each for path, ids in by_file.items() for each in self._unnoted(path, ids)}

    def close(self) -> None:
        for file in (self._newest, self._before):
            if file is not None:
                os.close(file.handle)

    def _unnoted(self, path: Path, ids: set[str]) -> Collection[str]:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ()
        with os.fdopen(handle, encoding="ascii", errors="replace") as file:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:  # that engine is alive, or stands still and may go on
                return ()
            start, *noted = file.read().split("\n")
        return ids.difference(noted) if start == self._start else ()

    def _file_of(self, attempt_id: str) -> _File | None:
        run = _run_of(attempt_id)
        return next((each for each in (self._newest, self._before) if each is not None and each.run == run), None)

    def _path(self, attempt_id: str) -> Path:
        return self._folder / _run_of(attempt_id)

    def _begin(self) -> _File:
        run = self._hex_digits(_RUN // 2)
        path = self._folder / run
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        file = _File(run, path, handle)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self._append(file, self._start)
        return file

    def _follow(self) -> None:
        """A new file, and the one before the last is removed: of whatever it had not noted nothing is proved."""
        oldest, self._before, self._newest = self._before, self._newest, self._begin()
        if oldest is not None:
            oldest.path.unlink(missing_ok=True)
            os.close(oldest.handle)

    def _append(self, file: _File, line: str) -> None:
        text = f"{line}\n".encode()
        if self._write(file.handle, text) != len(text):
            raise OSError(0, "the line was cut off")

    def _forget_oldest(self) -> None:
        with os.scandir(self._folder) as found:
            files = sorted((each.stat().st_mtime, each.path) for each in found if each.is_file())
        for _, path in files[:-KEPT]:
            Path(path).unlink(missing_ok=True)


def _run_of(attempt_id: str) -> str:
    return attempt_id[_MOMENT : _MOMENT + _RUN]
