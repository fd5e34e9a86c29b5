"""Which clips belong to a debtor's flow, and how does that wait for the call?

Beside the audio there is a note for each debtor: the flow, the day, and the clip of every sentence that may be said. It
is found by the attempt's message key, at once and without the database, also after a restart. The flow itself is a
note of its own, once for each version.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from audio.message import NOTHING_RECORDED
from audio.naming import named
from audio.phrases import Phrase, Phrases, content_key
from audio.speech import Forgotten
from audio.storage import StorageFailed
from ivr.flow import shipped
from ivr.flow.nodes import BODY, OFFERS, Flow
from ivr.flow.session import FlowScript
from ivr.flow.speech import Segment, Speech
from ivr.flow.words import GREETING, Sentence, Terms, Words
from ivr.session import Clip

MILLISECOND = timedelta(milliseconds=1)
_NOT_READ = (ValueError, LookupError)  # notes and flows as another release wrote them: they are made anew
Sources = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A flow that can be played to somebody, and which version of which scenario it is."""

    script: FlowScript
    label: str


def read_flow(sources: Sources) -> Flow:
    """The flow of these files, whose first is its own; InvalidFlow if there is none."""
    return _read_flow(tuple(sources.items()))


@lru_cache(maxsize=64)  # reading one takes as long as rendering a debtor's sentences
def _read_flow(files: tuple[tuple[str, str], ...]) -> Flow:
    (file, source), *_ = files
    return shipped.flow(source, file, dict(files))


class Prepared:
    """Flows that wait for calls. ``path`` names an audio file as the switch sees it."""

    def __init__(self, phrases: Phrases, path: Callable[[Phrase], str]) -> None:
        self._phrases = phrases
        self._path = path
        self._flows: dict[str, Flow] = {}  # by the key of their note: found without reading it

    async def keep(
        self,
        phrases: Phrases,
        label: str,
        sources: Sources,
        words: Words,
        terms: Terms,
        owner: str,
        recorded: Mapping[str, Phrase] = NOTHING_RECORDED,
    ) -> str:
        """Render whatever may be said, and note it; the message key.

        Args:
            phrases: speaking with the campaign's voice.
            recorded: played in place of sentences that are the same for everybody, by their words.

        Raises:
            AudioFailed: it cannot be rendered or kept.
        """
        flow = read_flow(sources)
        await phrases.know_engine()
        flow_key = content_key("flow", json.dumps(dict(sources)))
        note = partial(_note, label, flow_key, words, terms)
        personal = [each.words for each in words if each.is_personal]
        common = [each.words for each in words if not each.is_personal and each.words not in personal]
        there = {words: recorded[words] for words in common if words in recorded}
        keys = {each.words: phrases.key(each.words) for each in words} | {said: it.key for said, it in there.items()}
        key = named(flow.language, content_key("prepared", flow_key, label, *_terms(terms), *keys.values()))
        owned = [key, *(keys[each] for each in personal)]
        await phrases.own(owner, owned)
        spoken = there | dict(zip(personal, await phrases.ensure(personal), strict=True))
        common = [words for words in common if words not in there]
        spoken |= zip(common, await phrases.ensure(common, are_personal=False), strict=True)
        silences = {length: await phrases.ensure_silence(length) for length in flow.silences}
        await phrases.keep_note(flow_key, json.dumps(dict(sources)).encode())
        await phrases.keep_note(key, json.dumps(note(spoken, silences)).encode())
        if not await phrases.still_owns(owner, key):
            phrases.remove(owned)
            raise Forgotten("the person was erased while the message was made")
        return key

    def has(self, message_key: str) -> bool:
        """Whether everything that may be said is there; StorageFailed if that cannot be known."""
        try:
            note = self._read(message_key)
            return (
                note is not None and self._flow(note["flow"]) is not None and all(map(self._phrases.has, _keys(note)))
            )
        except _NOT_READ:
            return False

    def find(self, message_key: str, greeting: Phrase) -> Ready | None:
        """The flow that was prepared, ready to begin; None if there is none. ``greeting`` is by the callee's clock."""
        try:
            note = self._read(message_key)
            flow = self._flow(note["flow"]) if note is not None else None
            return None if note is None or flow is None else self._ready(note, flow, greeting)
        except (StorageFailed, *_NOT_READ):
            return None

    def _ready(self, note: Mapping[str, Any], flow: Flow, greeting: Phrase) -> Ready:
        clips = {"": self._of(greeting), **{key: self._clip(key, length) for key, length in note["clips"].items()}}
        segments = partial(_segments, clips)
        speech = Speech(
            {name: segments(name, said) for name, said in note["texts"].items()},
            {(name, date.fromisoformat(day)): segments(name, said) for name, day, said in note["dated"]},
            {seconds * timedelta(seconds=1): self._clip(key, length) for seconds, key, length in note["silences"]},
        )
        script = FlowScript(flow, speech, _terms_of(note))
        script.begin()  # whoever is told that a message has begun will wait for its end
        return Ready(script, note["label"])

    def _flow(self, key: str) -> Flow | None:
        if key not in self._flows:
            sources = self._phrases.note(key)
            if sources is None:
                return None
            self._flows[key] = read_flow(json.loads(sources))
        return self._flows[key]

    def _read(self, key: str) -> dict[str, Any] | None:
        note = self._phrases.note(key)
        return None if note is None else json.loads(note)

    def _of(self, phrase: Phrase) -> Clip:
        return Clip(self._path(phrase), phrase.duration)

    def _clip(self, key: str, milliseconds: int) -> Clip:
        # Its name alone is asked; where the file lies costs as much as all the rest.
        return self._of(Phrase(key, "", milliseconds * MILLISECOND))


def _segments(clips: Mapping[str, Clip], name: str, said: Sequence[Sequence[Any]]) -> tuple[Segment, ...]:
    """A text from its note; the greeting has no key."""
    return tuple(Segment(clips[key], text=name, is_sensitive=is_sensitive) for key, is_sensitive in said)


def body_text(words: Words) -> str:
    """What the message itself says, for those who look at the contact."""
    return " ".join(each.words for each in words.texts[BODY] if each.words != GREETING)


def _note(
    label: str,
    flow_key: str,
    words: Words,
    terms: Terms,
    spoken: Mapping[str, Phrase],
    silences: Mapping[timedelta, Phrase],
) -> dict[str, Any]:
    def said(sentences: Sequence[Sentence]) -> list[tuple[str, bool]]:
        return [("" if each.words == GREETING else spoken[each.words].key, each.is_sensitive) for each in sentences]

    return {
        "label": label,
        "flow": flow_key,
        "terms": _terms(terms),
        "texts": {name: said(sentences) for name, sentences in words.texts.items()},
        "dated": [(name, day.isoformat(), said(sentences)) for (name, day), sentences in words.dated.items()],
        "clips": {phrase.key: phrase.duration // MILLISECOND for phrase in spoken.values()},
        "silences": [
            (length.total_seconds(), phrase.key, phrase.duration // MILLISECOND) for length, phrase in silences.items()
        ],
    }


def _keys(note: Mapping[str, Any]) -> list[str]:
    return [*note["clips"], *(key for _, key, _ in note["silences"])]


def _terms(terms: Terms) -> list[str]:
    days = [terms.today, terms.last_promise, *(terms.offers[name] for name in sorted(terms.offers))]
    return [*(day.isoformat() for day in days), "told" if terms.may_be_told else "asked"]


def _terms_of(note: Mapping[str, Any]) -> Terms:
    today, last, *offered, told = note["terms"]
    days = dict(zip(sorted(OFFERS), map(date.fromisoformat, offered), strict=True))
    return Terms(date.fromisoformat(today), date.fromisoformat(last), days, told == "told")
