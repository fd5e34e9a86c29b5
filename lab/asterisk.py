"""Which Asterisk runs here, and how is it entered?

An installed Asterisk of version 20 or later is used as it is. Otherwise one from Debian's testing suite runs
inside a root directory of its own, where the paths that matter are the same inside and outside.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import LaboratoryError
from lab.settings import PROJECT, Settings

OLDEST = 20
STAMP = ".complete"
SAME_INSIDE = (Path("/dev"), Path("/proc"), Path("/tmp"))
IN_ROOT = Path(__file__).with_name("in_root.sh")


@dataclass(frozen=True, slots=True)
class Asterisk:
    """An Asterisk that can be run: the machine's own (no root) or one in a root directory."""

    root: Path | None
    shared: tuple[Path, ...]

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs this Asterisk with those arguments, in the foreground of one pid."""
        if self.root is None:
            return ["asterisk", *arguments]
        shared = [str(path) for path in (*SAME_INSIDE, *self.shared)]
        inside = ["sh", str(IN_ROOT), str(self.root), *shared, "--", "asterisk", *arguments]
        return ["unshare", "--mount", *inside]


def root_directory(settings: Settings) -> Path:
    return settings.cache / "asterisk-root"


def find(settings: Settings) -> Asterisk | None:
    """The Asterisk to use, or None when `prepare` has not fetched one yet."""
    shared = (PROJECT, settings.state, *settings.shared_paths)
    installed = shutil.which("asterisk")
    if installed and major_version(run([installed, "-V"])) >= OLDEST:
        return Asterisk(None, shared)
    root = root_directory(settings)
    return Asterisk(root, shared) if (root / STAMP).exists() else None


def require(settings: Settings) -> Asterisk:
    found = find(settings)
    if found is None:
        raise LaboratoryError(f"no Asterisk {OLDEST} or later here: run `python3 -m lab prepare` as root")
    return found


def major_version(text: str) -> int:
    """20 from `Asterisk 20.1.0~dfsg`, 0 when it says anything else."""
    found = re.match(r"Asterisk (?:certified/)?(\d+)", text)
    return int(found[1]) if found else 0


def run(command: Sequence[str]) -> str:
    """The output of a short command; an error names the command and what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LaboratoryError(f"`{' '.join(command)}` ended with {done.returncode}: {said}")
    return done.stdout
