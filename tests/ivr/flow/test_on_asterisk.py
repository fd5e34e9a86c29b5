"""What do callees hear who press keys? A shipped flow over a real Asterisk, real audio, and DTMF from the carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest

from audio.engines.espeak import EspeakNg
from audio.phrases import Phrase, Phrases
from dialer.adapters.carrier.script import role
from ivr.answers import Answers, Reply
from ivr.flow import shipped
from ivr.flow.contact import contact
from ivr.flow.nodes import Ask, Collect, Flow, Wait
from ivr.flow.passage import LEAVES, SILENCE, without_audio
from ivr.flow.session import FlowScript, FlowSession
from ivr.flow.speech import Segment, speech
from ivr.flow.transcripts import passage_after
from ivr.flow.words import words
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Act, Clip, ClipEnded, EndedBy, Happening, Outcome, Play, Session
from lab import hearing
from lab.carrier import Manner
from lab.laboratory import Laboratory
from lab.process import wait_until
from tests.ivr.flow.transcripts import FIXTURES
from tests.support.witness import witness

pytestmark = pytest.mark.lab

FLOW = "S03_due_today"
JAN = contact((FIXTURES / "flows" / "jan.json").read_text("utf-8"))
SECOND = timedelta(seconds=1)
PATIENCE = 80 * SECOND
HURRIED = EspeakNg(words_per_minute=400)  # the shipped words; a recording need not be understood
MANNER = Manner(ring_scale=0, is_recording=True, key_pause=5 * SECOND, menu_passes=2 * SECOND)

# What a callee does; the same for the walk without a telephone; and what is told. All hear the opening to its end.
WAYS: Mapping[str, tuple[str, tuple[str, ...], Answers]] = {
    "says nothing": ("", (SILENCE, SILENCE), Answers()),
    "leaves in the question": ("hangup@6s", (LEAVES,), Answers()),
    "is the wrong one": ("9", ("9",), Answers(replies=(Reply.WRONG_NUMBER,), keys="9")),
    "fetches the wrong one": ("2,wait,9", ("2", "9"), Answers(replies=(Reply.WRONG_NUMBER,), keys="29")),
    "fetches nobody": ("2,wait,2", ("2", "2"), Answers(keys="22")),
    "hears it out": ("1", ("1", SILENCE, SILENCE), Answers(True, keys="1")),
    "has paid": ("1,5", ("1", "5"), Answers(True, (Reply.ALREADY_PAID,), keys="15")),
    "hears it twice": ("1,1,5", ("1", "1", "5"), Answers(True, (Reply.ALREADY_PAID,), keys="115")),
    "disputes": ("1,4", ("1", "4"), Answers(True, (Reply.DISPUTE,), keys="14")),
    "opts out": ("1,9", ("1", "9"), Answers(True, (Reply.OPT_OUT,), keys="19")),
    "wants an agent": ("1,2", ("1", "2"), Answers(True, (Reply.AGENT,), keys="12")),
    "pays today": ("1,3,1,1", ("1", "3", "1", "1"), Answers(True, (Reply.PROMISE,), date(2026, 11, 23), keys="1311")),
    "pays on Friday": (
        "1,3,2,1",
        ("1", "3", "2", "1"),
        Answers(True, (Reply.PROMISE,), date(2026, 11, 27), keys="1321"),
    ),
    "types a day": (
        "1,3,4,0512,1",
        ("1", "3", "4", "0512", "1"),
        Answers(True, (Reply.PROMISE,), date(2026, 12, 5), keys="13405121"),
    ),
    "thinks better of it": (
        "1,3,3,2,1,1",
        ("1", "3", "3", "2", "1", "1"),
        Answers(True, (Reply.PROMISE,), date(2026, 11, 23), keys="133211"),
    ),
}  # fmt: skip


@dataclass(slots=True)
class Call:
    """What was played to one callee, as we believe, and how it ended."""

    number: str
    begun: list[Segment] = field(default_factory=list)
    whole: list[Segment] = field(default_factory=list)
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A session that is looked at while it goes its way."""

    session: Session
    call: Call

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, ClipEnded) and isinstance(self.session, FlowSession):
            self.call.whole.append(self.session.left[0])
        return self.watch(*self.session.after(happening))

    def watch(self, session: Session, act: Act) -> tuple[Session, Act]:
        if isinstance(session, FlowSession) and isinstance(act, Play):
            self.call.begun.append(session.left[0])
        return Watched(session, self.call), act


@dataclass(frozen=True, slots=True)
class WatchedScript:
    script: FlowScript
    call: Call

    def begin(self) -> tuple[Session, Act]:
        session, act = self.script.begin()
        return Watched(session, self.call).watch(session, act)


def hurried(flow: Flow) -> Flow:
    """With less silence."""
    nodes = {
        name: replace(node, wait=1.5 * SECOND)
        if isinstance(node, Ask | Collect)
        else (replace(node, length=SECOND / 2) if isinstance(node, Wait) else node)
        for name, node in flow.nodes.items()
    }
    return replace(flow, nodes=nodes)


async def spoken(folder: Path) -> FlowScript:
    """The flow with its audio."""
    flow = hurried(shipped.load(FLOW))
    said = words(flow, JAN.values, JAN.terms)
    async with Phrases(folder, HURRIED) as phrases:
        texts = [JAN.greeting, *(each.words for each in said)]
        found = dict(zip(texts, await phrases.ensure(texts), strict=True))
        silences = {length: clip(await phrases.ensure_silence(length)) for length in flow.silences}
    return FlowScript(flow, speech(said, JAN.greeting, lambda text: clip(found[text]), silences), JAN.terms)


def clip(phrase: Phrase) -> Clip:
    return Clip(str(phrase.path.with_suffix("")), phrase.duration)


async def call_all(laboratory: Laboratory, script: FlowScript) -> dict[str, Call]:
    """Everybody at once: each goes a way of his own."""
    calls = {name: Call(f"+4828000{number:04}") for number, name in enumerate(WAYS, start=1)}
    laboratory.set_script([role(calls[name].number, f"human/0/{does}") for name, (does, _, _) in WAYS.items()], MANNER)
    by_id = {uuid4().hex: call for call in calls.values()}
    reports: asyncio.Queue[None] = asyncio.Queue()

    def report(request: Request, outcome: Outcome) -> None:
        by_id[request.uniqueid].outcome = outcome
        reports.put_nowait(None)

    def find(request: Request) -> WatchedScript:
        return WatchedScript(script, by_id[request.uniqueid])

    agi = laboratory.settings.agi
    async with FastAGIServer(find, report, host=agi.host, port=agi.port), asyncio.timeout(PATIENCE.total_seconds()):
        await asyncio.to_thread(originate, laboratory, {uniqueid: call.number for uniqueid, call in by_id.items()})
        for _ in calls:
            await reports.get()
    assert await asyncio.to_thread(wait_until, lambda: len(laboratory.carrier_log()) == len(calls), 5 * SECOND)
    return calls


def originate(laboratory: Laboratory, numbers: Mapping[str, str]) -> None:
    with witness(laboratory.pbx_ami) as session:
        for uniqueid, number in numbers.items():
            where = {"Context": "dzwonek", "Exten": "message", "Priority": "1", "Async": "true"}
            called = {"Channel": f"PJSIP/{number}@carrier", "ChannelId": uniqueid}
            assert session.ask("Originate", called | where)["Response"] == "Success"


def texts_of(segments: Iterable[Segment]) -> list[str]:
    """The names of the texts, each once for each time that it was begun."""
    return [name for name, _ in groupby(segment.text for segment in segments if segment.text)]


def sound(segment: Segment) -> hearing.Samples:
    return hearing.message(Path(f"{segment.clip.path}.alaw"))


async def test_every_key_is_followed_and_every_sentence_is_heard(laboratory: Laboratory, tmp_path: Path) -> None:
    script = await spoken(tmp_path / "sounds")
    unheard = without_audio(hurried(shipped.load(FLOW)), JAN)
    calls = await call_all(laboratory, script)

    for name, (_, answers, told) in WAYS.items():
        call = calls[name]
        assert call.outcome is not None
        assert call.outcome.answers == replace(told, is_announced=True), name
        assert call.outcome.ended_by is (EndedBy.CALLEE if answers == (LEAVES,) else EndedBy.US), name
        walked = [each for each in passage_after(unheard, answers).passed if isinstance(each, Segment)]
        assert set(texts_of(call.begun)) <= set(texts_of(walked)), name
        recording = hearing.recording(laboratory.heard(call.number))
        for segment in call.whole:
            if segment.text:
                assert hearing.share_heard(recording, sound(segment)) >= hearing.HEARD, (name, segment.words)
        for segment in never_begun(script, call):
            assert hearing.share_heard(recording, sound(segment)) < hearing.HEARD, (name, segment.words)


def never_begun(script: FlowScript, call: Call) -> Iterator[Segment]:
    """The longest sentence of each text of which nothing was begun."""
    begun = {segment.words for segment in call.begun}
    for segments in script.speech.texts.values():
        if begun.isdisjoint(segment.words for segment in segments):
            yield max(segments, key=lambda segment: segment.clip.length)
