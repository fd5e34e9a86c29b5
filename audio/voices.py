"""Which voices are there in this installation, and which engine speaks each?

A voice is a name that campaigns and brands use, such as pl-voice-a; what stands behind it is this installation's
business. Some are shipped; a file adds others, or replaces them:

    {"pl-anna": {"engine": "piper", "language": "pl", "model": "/srv/voices/pl_PL-anna-medium.onnx"}}
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from audio.engines.espeak import EspeakNg
from audio.engines.google import GoogleTranslate
from audio.engines.piper import Piper
from audio.engines.rhvoice import RHVoice
from audio.engines.tone import Tones
from audio.grammar import Language
from audio.speech import SpeechEngine

DEFAULT = "pl-voice-a"
ENGINES = ("espeak-ng", "rhvoice", "tone")
"""Those that may speak the shipped voices."""


class VoiceProblem(Exception):
    """Voices that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A name, and who speaks under it."""

    name: str
    language: Language
    engine: SpeechEngine


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Language


class _Espeak(_Described):
    engine: Literal["espeak-ng"]
    voice: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+_-]*$")]
    words_per_minute: Annotated[int, Field(ge=80, le=300)] = 150

    def speaks(self) -> SpeechEngine:
        return EspeakNg(language=self.voice, words_per_minute=self.words_per_minute)


class _RHVoice(_Described):
    engine: Literal["rhvoice"]
    voice: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
    rate: Annotated[int, Field(ge=50, le=200, description="percent of the voice's own speed")] = 100

    def speaks(self) -> SpeechEngine:
        return RHVoice(self.voice, rate=self.rate)


class _Piper(_Described):
    engine: Literal["piper"]
    model: Path
    speaker: Annotated[int, Field(ge=0)] | None = None
    length_scale: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    command: str = "piper"

    def speaks(self) -> SpeechEngine:
        return Piper(self.model, speaker=self.speaker, length_scale=self.length_scale, command=self.command)


class _Google(_Described):
    engine: Literal["gtts"]
    texts_leave_the_machine: Literal[True]

    def speaks(self) -> SpeechEngine:
        return GoogleTranslate(language=self.language)


_Any = Annotated[_Espeak | _RHVoice | _Piper | _Google, Field(discriminator="engine")]
_FILE = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")], _Any])

_SHIPPED: Mapping[str, Mapping[str, Callable[[], SpeechEngine]]] = {
    "espeak-ng": {
        "pl-voice-a": partial(EspeakNg, language="pl"),
        "pl-voice-b": partial(EspeakNg, language="pl+f2"),
        "en-voice-a": partial(EspeakNg, language="en-gb"),
    },
    "rhvoice": {
        "pl-voice-a": partial(RHVoice, "alicja"),
        "pl-voice-b": partial(RHVoice, "natan"),
        "en-voice-a": partial(EspeakNg, language="en-gb"),  # Debian's English voices are a package of their own
    },
    "tone": {name: partial(Tones, name) for name in ("pl-voice-a", "pl-voice-b", "en-voice-a")},
}


class Voices(Mapping[str, Voice]):
    """Every voice by its name. Whether one can speak is asked once, as that may take seconds."""

    def __init__(self, voices: Mapping[str, Voice]) -> None:
        self._voices = MappingProxyType(dict(voices))
        self._missing: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> Voice:
        try:
            return self._voices[name]
        except KeyError:
            raise VoiceProblem(f"there is no voice {name!r}; there are: {', '.join(self)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._voices

    def __iter__(self) -> Iterator[str]:
        return iter(self._voices)

    def __len__(self) -> int:
        return len(self._voices)

    def missing(self, name: str) -> str | None:
        """Why the voice cannot speak on this machine, and what to do; None if it can. May block for seconds."""
        if name not in self._missing:
            self._missing[name] = self[name].engine.check()
        return self._missing[name]

    def ready(self, language: Language) -> list[str]:
        """The voices of a language that can speak on this machine. May block for seconds."""
        return [name for name, voice in self.items() if voice.language is language and self.missing(name) is None]


def voices(engine: str = "espeak-ng", document: str | bytes = "{}") -> Voices:
    """The shipped voices, spoken by that engine, and those of a file.

    Raises:
        VoiceProblem: the document is none, or describes a voice that cannot be.
    """
    shipped = {name: Voice(name, Language(name[:2]), make()) for name, make in _SHIPPED[engine].items()}
    try:
        described = _FILE.validate_json(document)
    except ValidationError as error:
        where = error.errors()[0]
        raise VoiceProblem(f"{'.'.join(map(str, where['loc'])) or 'the file'}: {where['msg']}") from error
    own = {
        # In trials without speech every voice is a tone.
        name: Voice(name, each.language, Tones(name) if engine == "tone" else each.speaks())
        for name, each in described.items()
    }
    return Voices(shipped | own)
