"""How does eSpeak NG speak? As a command that reads the text from its standard input.

Standard input rather than an argument: no text can become an option or a shell word. eSpeak NG is GPL; a command keeps
its licence apart from ours.
"""

import io
import re
import shutil
import subprocess
from datetime import timedelta
from functools import cached_property

import soundfile

from audio.speech import Sound, SpeechFailed

_INSTALL = "install it (Debian: apt install espeak-ng)"
_PHONEMES = re.compile(r"\[\[|\]\]")


class EspeakNg:
    """The default engine: robotic, but in every distribution, and hundreds of times faster than real time."""

    name = "espeak-ng"

    def __init__(
        self,
        *,
        language: str = "pl",
        words_per_minute: int = 150,
        time_limit: timedelta = timedelta(seconds=20),
        command: str = "espeak-ng",
    ) -> None:
        self._language = language
        self._words_per_minute = words_per_minute
        self._time_limit = time_limit
        self._command = command

    @property
    def voice(self) -> str:
        """Voice and speed, both of which change the sound."""
        return f"{self._language} {self._words_per_minute} wpm"

    @cached_property
    def version(self) -> str:
        """E.g. 1.51."""
        answer = self._run(["--version"], "").decode(errors="replace")
        found = re.search(r"\d+\.[\d.]+", answer)
        if found is None:
            raise SpeechFailed(f"{self._command} does not tell its version; {_INSTALL}")
        return found[0]

    def synthesise(self, text: str) -> Sound:
        """The spoken text, 22,050 samples per second."""
        wave = self._run(
            ["-v", self._language, "-s", str(self._words_per_minute), "-b", "1", "-z", "--stdin", "--stdout"],
            _PHONEMES.sub(" ", text),
        )
        if not wave:
            raise SpeechFailed(f"{self._command} made no sound of a text of {len(text)} characters")
        try:
            samples, rate = soundfile.read(io.BytesIO(wave), dtype="float32")
        except soundfile.LibsndfileError as reason:
            raise SpeechFailed(f"{self._command} wrote no readable sound: {reason}") from reason
        return Sound(samples, rate)

    def check(self) -> str | None:
        """What is missing: the command, or the voice."""
        if shutil.which(self._command) is None:
            return f"{self._command} is not installed: {_INSTALL}"
        try:
            self.synthesise("raz")
        except SpeechFailed as reason:
            return str(reason)
        return None

    def _run(self, arguments: list[str], text: str) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments, the text goes to standard input
                [self._command, *arguments],
                input=text.encode(),
                capture_output=True,
                timeout=self._time_limit.total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired as reason:
            limit = self._time_limit.total_seconds()
            raise SpeechFailed(
                f"{self._command} said nothing within {limit:g} s: is the machine overloaded?"
            ) from reason
        except OSError as reason:
            raise SpeechFailed(f"{self._command} cannot be started ({reason.strerror}): {_INSTALL}") from reason
        if done.returncode != 0:
            complaint = done.stderr.decode(errors="replace").strip()
            attempt = f"{self._command} -v {self._language} raz"
            raise SpeechFailed(f"{self._command} failed with code {done.returncode} ({complaint}); try: {attempt}")
        return done.stdout
