"""How is a speech program run? As a command that reads the text from its standard input.

Standard input rather than an argument: no text can become an option or a shell word. The programs are GPL; a command
keeps their licence apart from ours.
"""

import io
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import soundfile

from audio.speech import Sound, SpeechFailed

LONGEST = timedelta(seconds=20)  # for one phrase


@dataclass(frozen=True, slots=True)
class Command:
    """A program that speaks, and what to do when it is not there."""

    program: str
    install: str
    time_limit: timedelta = LONGEST

    def run(self, arguments: Sequence[str], text: str, attempt: str = "") -> bytes:
        """What it writes; SpeechFailed if it is missing, hangs or fails. ``attempt`` is what a person may try."""
        try:
            done = self._run(arguments, text)
        except subprocess.TimeoutExpired as reason:
            limit = self.time_limit.total_seconds()
            raise SpeechFailed(
                f"{self.program} said nothing within {limit:g} s: is the machine overloaded?"
            ) from reason
        except OSError as reason:
            raise SpeechFailed(f"{self.program} cannot be started ({reason.strerror}): {self.install}") from reason
        if done.returncode != 0:
            complaint = _last_line(done.stderr, text)
            raise SpeechFailed(f"{self.program} failed with code {done.returncode} ({complaint}); try: {attempt}")
        return done.stdout

    def _run(self, arguments: Sequence[str], text: str) -> "subprocess.CompletedProcess[bytes]":
        command, pipe = [self.program, *arguments], subprocess.PIPE
        with (
            _group() as group,
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, process_group=group) as speaking,  # noqa: S603
        ):
            try:
                said, complaint = speaking.communicate(text.encode(), self.time_limit.total_seconds())
            except BaseException:
                os.killpg(group, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(command, speaking.returncode, said, complaint)

    def sound(self, arguments: Sequence[str], text: str, attempt: str = "") -> Sound:
        """What it says, if it writes a wave."""
        wave = self.run(arguments, text, attempt)
        if not wave:
            raise SpeechFailed(f"{self.program} made no sound of a text of {len(text)} characters")
        return read_sound(wave, self.program)

    def missing(self) -> str | None:
        """What to do about it, unless it is installed."""
        found = shutil.which(self.program)
        return None if found else f"{self.program} is not installed: {self.install}"


@contextmanager
def _group() -> Iterator[int]:
    """A process group that is ended with the block, and with this process, however that ends.

    A program may be a script, and what that has started holds on to its output; one that hangs and writes nothing does
    not notice either that nobody reads any more.
    """
    guard = ["/bin/sh", "-c", "read _; kill -9 0"]  # it reads nothing, until we are gone
    with subprocess.Popen(guard, stdin=subprocess.PIPE, process_group=0) as guarding:  # noqa: S603
        try:
            yield guarding.pid
        finally:
            os.killpg(guarding.pid, signal.SIGKILL)


def read_sound(recorded: bytes, who: str) -> Sound:
    """A sound file in the memory, of any kind that libsndfile reads; SpeechFailed if it is none, or has no sound."""
    try:
        samples, rate = soundfile.read(io.BytesIO(recorded), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as reason:
        raise SpeechFailed(f"{who} wrote no readable sound: {reason}") from reason
    return Sound(samples[:, 0], rate)


def _last_line(complaint: bytes, text: str) -> str:
    """The end of what it complained of, for a person to read; programs may repeat what was to be said."""
    lines = complaint.decode(errors="replace").strip().splitlines()
    return re.sub(re.escape(text.strip()), "…", lines[-1]) if lines else "it does not say why"
