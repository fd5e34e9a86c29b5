"""How does Piper speak?

A neural engine, run as a command (its libraries are GPL) on a voice file that the operator has copied to the machine:
NAME.onnx and NAME.onnx.json. It writes a wave to its standard output, in every version so far.
"""

import json
from datetime import timedelta
from functools import cached_property
from hashlib import file_digest
from pathlib import Path

from audio.engines.command import Command
from audio.speech import Sound, SpeechFailed

_INSTALL = "install it (pip install piper-tts), outside of the engine's own environment"
_LONGEST = timedelta(seconds=60)  # every phrase loads the voice anew


class Piper:
    """The most natural of the engines that speak on this machine."""

    name = "piper"
    is_online = False

    def __init__(
        self,
        model: Path,
        *,
        speaker: int | None = None,
        length_scale: float = 1.0,
        time_limit: timedelta = _LONGEST,
        command: str = "piper",
    ) -> None:
        """``length_scale`` above 1 speaks more slowly; ``speaker`` chooses one of a voice file with several."""
        self._model = model
        self._speaker = speaker
        self._length_scale = length_scale
        self._command = Command(command, _INSTALL, time_limit)

    @property
    def voice(self) -> str:
        return f"{self._model.stem} {self._speaker or 0} {self._length_scale:g}"

    @cached_property
    def version(self) -> str:
        """Of the voice: what its file holds."""
        try:
            with self._model.open("rb") as model:
                return file_digest(model, "sha256").hexdigest()[:12]
        except OSError as reason:
            raise SpeechFailed(f"the voice {self._model} cannot be read ({reason.strerror})") from reason

    def synthesise(self, text: str) -> Sound:
        """The spoken text, at the voice's own rate."""
        speaker = [] if self._speaker is None else ["--speaker", str(self._speaker)]
        return self._command.sound(
            ["--model", str(self._model), "--length_scale", f"{self._length_scale:g}", *speaker, "--output_file", "-"],
            " ".join(text.split()),  # a line is a text of its own
            attempt=f"echo raz | {self._command.program} --model {self._model} --output_file raz.wav",
        )

    def check(self) -> str | None:
        """What is missing: the command, the voice's two files, or its sound."""
        if missing := self._command.missing():
            return missing
        try:
            _ = self.version
            json.loads(self._model.with_name(f"{self._model.name}.json").read_bytes())
            self.synthesise("raz")
        except SpeechFailed as reason:
            return str(reason)
        except (OSError, ValueError) as reason:
            return (
                f"the voice's description {self._model.name}.json cannot be used ({reason}): copy it beside the voice"
            )
        return None
