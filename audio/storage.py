"""How does a file of the cache appear: whole or not at all, and readable for Asterisk?"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from audio.speech import AudioFailed

_FILE_MODE = 0o640  # a debtor's name and debt: for us and for the group that Asterisk is in
_FOLDER_MODE = 0o750
_UNFINISHED = ".part"


class StorageFailed(AudioFailed):
    """The cache cannot be read or written: disk full, no rights."""


@dataclass(frozen=True, slots=True)
class Storage:
    root: Path
    group: int | None  # the id of the system group that Asterisk reads with; None leaves the files to our own

    def store(self, path: Path, content: bytes) -> None:
        """Raises StorageFailed: disk full, no rights."""
        unfinished = path.with_suffix(f".{secrets.token_hex(4)}{_UNFINISHED}")
        try:
            self._make_folder(path.parent)
            unfinished.write_bytes(content)
            self._open_to_asterisk(unfinished, _FILE_MODE)
            unfinished.replace(path)
        except OSError as reason:
            raise StorageFailed(
                f"audio cannot be stored in {self.root} ({reason.strerror}): check free space and rights"
            ) from reason
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        for each in (self.root, folder):
            if not each.is_dir():
                each.mkdir(parents=True, exist_ok=True)
                self._open_to_asterisk(each, _FOLDER_MODE)

    def _open_to_asterisk(self, path: Path, mode: int) -> None:
        if self.group is not None:
            os.chown(path, -1, self.group)
        path.chmod(mode)
