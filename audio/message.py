"""What does the callee hear after the greeting? A text, sentence by sentence, joined to one file before the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from audio.grammar import Language
from audio.languages import GRAMMARS
from audio.naming import named
from audio.phrases import Phrase, Phrases, content_key
from audio.sentences import Sentence, sentences
from audio.speech import Forgotten

GREETINGS = ("Dzień dobry.", "Dobry wieczór.")
GOODBYE = "Dziękujemy. Do widzenia."
PAID = "Właśnie otrzymaliśmy informację, że należność została uregulowana. Dziękujemy. Do widzenia."
CUT_OFF = "Przepraszamy, rozmowa z konsultantem została przerwana. Zadzwonimy ponownie. Do widzenia."
ASK_FOR_AGENT = "Aby połączyć się z konsultantem, proszę nacisnąć dwa."
HOLD = "Łączymy z konsultantem. Prosimy o chwilę cierpliwości."
NO_AGENT = "Przepraszamy, w tej chwili wszyscy konsultanci są zajęci. Zadzwonimy ponownie. Do widzenia."
NO_MORE_CALLS = "Dziękujemy. Nie będziemy dzwonić na ten numer. Do widzenia."
RECORDED_TALK = (
    "Za chwilę połączymy z konsultantem. Rozmowa będzie nagrywana. "
    "Aby rozmawiać bez nagrywania, proszę nacisnąć siedem. "
    "Informacje o przetwarzaniu danych są dostępne na naszej stronie internetowej."
)
# What any call may need that is answered.
STANDING = (*GREETINGS, GOODBYE, PAID, CUT_OFF, NO_MORE_CALLS, ASK_FOR_AGENT, HOLD, NO_AGENT, RECORDED_TALK)


# The phrases that may be recorded, by the names that they have in the API.
NAMED = {
    "hello_by_day": GREETINGS[0],
    "hello_in_the_evening": GREETINGS[1],
    "goodbye": GOODBYE,
    "paid": PAID,
    "cut_off": CUT_OFF,
    "no_more_calls": NO_MORE_CALLS,
    "ask_for_agent": ASK_FOR_AGENT,
    "hold": HOLD,
    "no_agent": NO_AGENT,
    "recorded_talk": RECORDED_TALK,
    "automatic": "To jest wiadomość automatyczna, odczytywana głosem syntetycznym.",
    "thanks": "Dziękujemy.",
}
NOTHING_RECORDED: Mapping[str, Phrase] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be played: one file, and the sentences that it was joined from."""

    body_key: str
    duration: timedelta
    text: str
    sentence_keys: tuple[str, ...]


# What is said in place of the Polish words, which name the phrase.
_ENGLISH = {
    GREETINGS[0]: "Good day.",
    GREETINGS[1]: "Good evening.",
    GOODBYE: "Thank you. Goodbye.",
    PAID: "We have just been informed that the amount has been settled. Thank you. Goodbye.",
    CUT_OFF: "We are sorry, the call with the consultant was cut off. We will call again. Goodbye.",
    ASK_FOR_AGENT: "To talk to a consultant, press two.",
    HOLD: "We are connecting you with a consultant. One moment, please.",
    NO_AGENT: "We are sorry, all consultants are busy at the moment. We will call again. Goodbye.",
    NO_MORE_CALLS: "Thank you. We will not call this number again. Goodbye.",
    RECORDED_TALK: (
        "We will connect you with a consultant in a moment. The conversation will be recorded. "
        "To talk without recording, press seven. Information on data processing is available on our website."
    ),
}


def standing_words(words: str, language: Language) -> str:
    """A standing phrase as it is said in that language."""
    return words if language is Language.POLISH else _ENGLISH[words]


def greeting(clock: time, language: Language = Language.POLISH) -> str:
    """The greeting by the callee's own clock, as its own sentence."""
    return standing_words(f"{GRAMMARS[Language.POLISH].greeting(clock)}.", language)


async def prepare(
    said: str | Sequence[Sentence],
    phrases: Phrases,
    *,
    owner: str | None = None,
    recorded: Mapping[str, Phrase] = NOTHING_RECORDED,
    language: Language | None = None,
) -> Message:
    """The message with its audio in the cache; AudioFailed if that is not possible.

    Its key tells the ``language``, if one is given.

    ``recorded`` has what is played in place of sentences that are the same for everybody, by their words.

    A text that does not say which of its sentences are personal is personal as a whole. What is personal is kept as the
    owner's, whom `Phrases.forget` names.
    """
    wanted = [Sentence(words, True) for words in sentences(said)] if isinstance(said, str) else list(said)
    if not wanted:
        raise ValueError("a message without words")
    personal = [sentence.words for sentence in wanted if sentence.is_personal]
    common = [sentence.words for sentence in wanted if not sentence.is_personal]
    there = {words: recorded[words] for words in common if words in recorded and words not in personal}
    common = [words for words in common if words not in there]
    await phrases.know_engine()
    keys = [there[each.words].key if each.words in there else phrases.key(each.words) for each in wanted]
    body_key = content_key("message", *keys)
    if language is not None:
        body_key = named(language, body_key)
    owned = [body_key, *map(phrases.key, personal)]
    if owner is not None:
        await phrases.own(owner, owned)
    spoken = there | dict(zip(personal, await phrases.ensure(personal), strict=True))
    spoken |= zip(common, await phrases.ensure(common, are_personal=False), strict=True)
    body = await phrases.ensure_joined(body_key, [spoken[sentence.words] for sentence in wanted])
    if owner is not None and not await phrases.still_owns(owner, body_key):
        phrases.remove(owned)
        raise Forgotten("the person was erased while the message was made")
    text = " ".join(sentence.words for sentence in wanted)
    return Message(body.key, body.duration, text, tuple(keys))


async def prepare_standing(
    phrases: Phrases, recorded: Mapping[str, Phrase] = NOTHING_RECORDED, language: Language = Language.POLISH
) -> Mapping[str, Phrase]:
    """The standing phrases by their Polish words: ready for whatever hour a call is answered at, however it ends."""
    said = {words: standing_words(words, language) for words in STANDING}
    spoken = [words for words in said.values() if words not in recorded]
    synthesised = dict(zip(spoken, await phrases.ensure(spoken, are_personal=False), strict=True))
    return {words: recorded.get(each) or synthesised[each] for words, each in said.items()}
