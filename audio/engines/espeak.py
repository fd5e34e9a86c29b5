"""How does eSpeak NG speak?"""

import re
from datetime import timedelta
from functools import cached_property

from audio.engines.command import LONGEST, Command
from audio.speech import Sound, SpeechFailed, unspoken

_INSTALL = "install it (Debian: apt install espeak-ng)"
_PHONEMES = re.compile(r"\[\[|\]\]")


class EspeakNg:
    """The default engine: robotic, but in every distribution, and hundreds of times faster than real time."""

    name = "espeak-ng"
    is_online = False

    def __init__(
        self,
        *,
        language: str = "pl",
        words_per_minute: int = 150,
        time_limit: timedelta = LONGEST,
        command: str = "espeak-ng",
    ) -> None:
        """``language`` as eSpeak NG names it, perhaps with a variant: pl, pl+f2, en-gb."""
        self._language = language
        self._words_per_minute = words_per_minute
        self._command = Command(command, _INSTALL, time_limit)

    @property
    def voice(self) -> str:
        """Voice and speed, both of which change the sound."""
        return f"{self._language} {self._words_per_minute} wpm"

    @cached_property
    def version(self) -> str:
        """E.g. 1.51."""
        answer = self._command.run(["--version"], "").decode(errors="replace")
        found = re.search(r"\d+\.[\d.]+", answer)
        if found is None:
            raise SpeechFailed(f"{self._command.program} does not tell its version; {_INSTALL}")
        return found[0]

    def synthesise(self, text: str) -> Sound:
        """The spoken text, 22,050 samples per second."""
        return self._command.sound(
            ["-v", self._language, "-s", str(self._words_per_minute), "-b", "1", "-z", "--stdin", "--stdout"],
            _PHONEMES.sub(" ", text),
            attempt=f"{self._command.program} -v {self._language} raz",
        )

    def check(self) -> str | None:
        """What is missing: the command, or the voice."""
        return self._command.missing() or unspoken(self.synthesise)
