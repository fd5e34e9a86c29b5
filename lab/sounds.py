"""What do the carrier's people and machines say?"""

from __future__ import annotations

from pathlib import Path

from lab.asterisk import run

SENTENCES = {
    "halo": "Halo?",
    "greeting": "Dzień dobry. Tu poczta głosowa. Abonent nie może teraz odebrać. Zostaw wiadomość po sygnale.",
    "apology": "Przepraszamy, zadzwonimy później.",
}
TONES = {"beep": ("0.4", "1400")}


def make(directory: Path) -> None:
    """Synthesise what is missing, as 8 kHz mono WAV."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, sentence in SENTENCES.items():
        if not (target := directory / f"{name}.wav").exists():
            spoken = directory / f"{name}.espeak"
            run(["espeak-ng", "-v", "pl", "-s", "150", "-w", str(spoken), sentence])
            run(["sox", "-t", "wav", str(spoken), "-r", "8000", "-c", "1", "-b", "16", str(target), "gain", "-n", "-6"])
            spoken.unlink()
    for name, (seconds, hertz) in TONES.items():
        if not (target := directory / f"{name}.wav").exists():
            tone = ["synth", seconds, "sine", hertz, "gain", "-12"]
            run(["sox", "-n", "-r", "8000", "-c", "1", "-b", "16", str(target), *tone])
