"""How does RHVoice speak?

With the command RHVoice-test, which needs no daemon and writes a wave. Debian has it in non-free, with Polish voices:
Alicja and Magda (CC-BY-4.0), Natan and Michał (public domain); Cezary may not be used commercially.
"""

from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from audio.engines.command import LONGEST, Command
from audio.speech import Sound, SpeechFailed, unspoken

_INSTALL = "install it (Debian non-free: apt install rhvoice rhvoice-polish)"
VOICES = Path("/usr/share/RHVoice/voices")


class RHVoice:
    """A statistical engine: clearly less robotic, some thirty times faster than real time."""

    name = "rhvoice"
    is_online = False

    def __init__(
        self,
        voice: str,
        *,
        rate: int = 100,
        voices: Path = VOICES,
        time_limit: timedelta = LONGEST,
        command: str = "RHVoice-test",
    ) -> None:
        """``rate`` is a percentage of the voice's own speed."""
        self._voice = voice.lower()
        self._rate = rate
        self._voices = voices
        self._command = Command(command, _INSTALL, time_limit)

    @property
    def voice(self) -> str:
        return f"{self._voice} {self._rate}%"

    @cached_property
    def version(self) -> str:
        """RHVoice tells no version of its program; what decides the sound is the voice's own revision."""
        try:
            return sha256((self._voices / self._voice / "voice.info").read_bytes()).hexdigest()[:12]
        except OSError as reason:
            raise SpeechFailed(self._no_voice()) from reason

    def synthesise(self, text: str) -> Sound:
        """The spoken text, 24,000 samples per second."""
        _ = self.version  # a name that it does not know is no error to it: another voice would speak
        return self._command.sound(
            ["-p", self._voice, "-r", str(self._rate), "-o", "/dev/stdout"],
            text,
            attempt=f"echo raz | {self._command.program} -p {self._voice} -o raz.wav",
        )

    def check(self) -> str | None:
        """What is missing: the command, or the voice."""
        return self._command.missing() or unspoken(self.synthesise)

    def _no_voice(self) -> str:
        there = sorted(path.name for path in self._voices.glob("*")) if self._voices.is_dir() else []
        known = f"there are: {', '.join(there)}" if there else "there are none"
        return f"RHVoice has no voice {self._voice} in {self._voices}; {known}; {_INSTALL}"
