"""What do the carrier's people and machines say?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lab.asterisk import run

SENTENCES = {
    "halo": "Halo?",
    "greeting": "Dzień dobry. Tu poczta głosowa. Abonent nie może teraz odebrać. Zostaw wiadomość po sygnale.",
    "apology": "Przepraszamy, zadzwonimy później.",
}
TONES = {"beep": ("0.4", "1400")}


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody speaks who answers: a voice of espeak-ng, words a minute."""

    name: str
    pace: int


VOICES = (Voice("pl", 150), Voice("pl+f2", 180), Voice("pl+m3", 130))
_PAUSE = '<break time="{}ms"/>'


def speak(directory: Path, name: str, sentence: str, voice: Voice) -> None:
    """Synthesise it; a number of ms in brackets is a pause."""
    marked = re.sub(r"\[(\d+)\]", lambda pause: _PAUSE.format(pause[1]), sentence)
    spoken = directory / f"{name}.espeak"
    run(["espeak-ng", "-m", "-v", voice.name, "-s", str(voice.pace), "-w", str(spoken), f"<speak>{marked}</speak>"])
    target = str(directory / f"{name}.wav")
    run(["sox", "-t", "wav", str(spoken), "-r", "8000", "-c", "1", "-b", "16", target, "gain", "-n", "-6"])
    spoken.unlink()


def make(directory: Path) -> None:
    """Synthesise what is missing, as 8 kHz mono WAV."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, sentence in SENTENCES.items():
        if not (directory / f"{name}.wav").exists():
            speak(directory, name, sentence, VOICES[0])
    for name, (seconds, hertz) in TONES.items():
        if not (target := directory / f"{name}.wav").exists():
            tone = ["synth", seconds, "sine", hertz, "gain", "-12"]
            run(["sox", "-n", "-r", "8000", "-c", "1", "-b", "16", str(target), *tone])
