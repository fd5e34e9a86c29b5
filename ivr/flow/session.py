"""What does a callee hear next in a flow, after what was heard and pressed?

A session is a value, as in ivr/session.py. Waiting for a key is playing silence: every moment of a call is a clip,
which a key, the callee's leaving or our breaking off ends, and audio never stops.

Nothing sensitive is ever played to whoever is not identified, whatever the flow says.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from ivr.answers import NO_ANSWERS, Answers, Reply
from ivr.flow import nodes
from ivr.flow.heard import NOTHING_HEARD, Heard
from ivr.flow.nodes import BODY, KEYS, MISTAKES, Agent, Ask, Collect, Collects, End, Flow, Note, Say, Wait, Way
from ivr.flow.speech import Segment, Speech
from ivr.flow.typed import typed_date
from ivr.flow.words import Terms
from ivr.joining import Meeting
from ivr.message import FRAME, Interrupting, plausible
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    BreakOff,
    CalleeGone,
    CalleePresent,
    ClipBroken,
    ClipEnded,
    ClipInterrupted,
    EndedBy,
    HangUp,
    Happening,
    How,
    Interrupt,
    KeyPressed,
    Lost,
    Outcome,
    Play,
    Record,
    Session,
    Stopped,
)
from ivr.transfer import hand_over

LONGEST = timedelta(minutes=10)  # after so long no other node is begun, whatever is pressed
MOST_KEYS = 64  # that are kept
END = "#"
ANEW = "*"


class Doing(StrEnum):
    SAYING = "saying"
    LISTENING = "listening"  # silent, for a key
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class FlowScript:
    """A flow for one call, with its audio.

    ``recording`` is where a recording may go, ``meeting`` how an agent is met; None: there is no such thing.
    ``is_withheld``: the number of whoever calls us.
    """

    flow: Flow
    speech: Speech
    terms: Terms
    recording: str | None = None
    meeting: Meeting | None = None
    is_withheld: bool = False

    def begin(self) -> tuple[Session, Act]:
        return FlowSession(self)._enter(self.flow.start)

    def says(self, name: str) -> bool:
        """Nobody is told of a recording that there is not."""
        return self.recording is not None or not self.flow.texts[name].tells_of_recording


@dataclass(frozen=True, slots=True)
class FlowSession:
    """A call in its flow. The first of ``left`` is playing."""

    script: FlowScript
    at: str = ""
    doing: Doing = Doing.SAYING
    left: tuple[Segment, ...] = ()
    rounds: int = 0  # of silence, at this node
    mistakes: int = 0  # at this node
    digits: str = ""
    taken: date | None = None  # by which it is to be paid
    told: Answers = NO_ANSWERS
    heard: Heard = NOTHING_HEARD
    lasted: timedelta = NOTHING

    @property
    def may_be_told(self) -> bool:
        """Whether the callee may hear of the debt."""
        return self.told.is_identified or self.script.terms.may_be_told

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case ClipEnded(position, took):
                return self._lasting(took)._after_end(plausible(position, took))
            case KeyPressed(key, position, took):
                return self._lasting(took)._having_heard(plausible(position, took))._pressed(key)
            case BreakOff(instead):
                return Interrupting(self, instead), Interrupt()
            case ClipBroken(position, took):
                heard = plausible(position, took)
                return self._having_heard(heard)._over(EndedBy.CALLEE) if heard else (self, AskPresence())
            case CalleeGone():
                return self._over(EndedBy.CALLEE)
            case CalleePresent():  # what should have played or been recorded could not be
                return self._recorded() if self.doing is Doing.RECORDING else self._over(EndedBy.FAILURE)
            case Stopped(took):
                return self._having_heard(took)._over(EndedBy.US)
            case Lost(took) | ClipInterrupted(took):
                return self._having_heard(took)._over(EndedBy.FAILURE)
        raise ValueError(f"{happening} cannot happen at {self.at}: no agent was asked for")

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported, with ``heard`` of the present clip."""
        return self._having_heard(heard)._outcome(EndedBy.BREAK_OFF)

    # What has come to its end

    def _after_end(self, heard: timedelta) -> tuple[Session, Act]:
        if self.doing is Doing.RECORDING:
            return self._recorded()
        segment, *left = self.left
        if heard == NOTHING or heard + FRAME < segment.clip.length:
            # A file shorter than it should be: better no ending than a sum of money cut in half.
            return self._having_heard(heard)._over(EndedBy.FAILURE)
        session = replace(self._having_heard(segment.clip.length)._past(segment), left=tuple(left))
        return session._play() if left else session._announced()._after_all()

    def _announced(self) -> "FlowSession":
        is_opening = self.at == self.script.flow.start
        return replace(self, told=replace(self.told, is_announced=True)) if is_opening else self

    def _past(self, segment: Segment) -> "FlowSession":
        if segment.text != BODY:
            return self
        run = self.heard.run + segment.clip.length
        return replace(self, heard=replace(self.heard, run=run, is_whole=self.heard.is_whole or run == self._total))

    def _after_all(self) -> tuple[Session, Act]:
        match self._node:
            case Ask() | Collect() as node if self.doing is Doing.SAYING:
                return self._listen(node)
            case Ask() | Collect() as node:
                return self._after_silence(node)
            case nodes.Record(limit=limit, keys=keys):
                told = replace(self.told, recording=self.script.recording)
                recording = replace(self, doing=Doing.RECORDING, told=told)
                return recording, Record(self.script.recording or "", limit, END + "".join(keys))
            case Say(next=following) | Wait(next=following):
                return self._enter(following)
        raise AssertionError(f"nothing is said at {self.at}")

    def _listen(self, node: Ask | Collect) -> tuple[Session, Act]:
        silence = self.script.speech.silence(node.wait)
        return replace(self, doing=Doing.LISTENING, left=(silence,))._play()

    def _after_silence(self, node: Ask | Collect) -> tuple[Session, Act]:
        session = replace(self, rounds=self.rounds + 1, digits="")
        return session._leave(node) if session.rounds >= node.rounds else session._say(node.texts)

    def _leave(self, node: Ask | Collect) -> tuple[Session, Act]:
        return self._enter(node.silent if isinstance(node, Ask) else node.otherwise)

    def _recorded(self, key: str = END) -> tuple[Session, Act]:
        match self._node:
            case nodes.Record(keys=keys) if key in keys:
                return self._follow(keys[key])
            case nodes.Record(next=following):
                return self._enter(following)
        raise AssertionError(f"nothing is recorded at {self.at}")

    # What was pressed

    def _pressed(self, key: str) -> tuple[Session, Act]:
        session = replace(self, told=replace(self.told, keys=(self.told.keys + key)[:MOST_KEYS]))
        match session._node:
            case nodes.Record() if session.doing is Doing.RECORDING:
                return session._recorded(key)
            case (Ask() | nodes.Record()) as node if key in node.keys:
                return session._follow(node.keys[key])
            case Ask() as node:
                return session._mistaken(node)
            case Collect() as node:
                return session._collect(node, key)
        return session._over(EndedBy.FAILURE)  # a key that ends what no key may end

    def _follow(self, way: Way) -> tuple[Session, Act]:
        told = replace(self.told, is_identified=True) if way.identifies else self.told
        taken = self.script.terms.offers[way.takes] if way.takes else self.taken
        return replace(self, told=told, taken=taken)._enter(way.to)

    def _mistaken(self, node: Ask | Collect) -> tuple[Session, Act]:
        session = replace(self, mistakes=self.mistakes + 1, digits="")
        return session._leave(node) if session.mistakes >= MISTAKES else session._say(node.texts)

    def _collect(self, node: Collect, key: str) -> tuple[Session, Act]:
        if key == ANEW:
            return replace(self, digits="")._listen(node)
        session = replace(self, digits=self.digits + key)
        if key == END:
            return session._mistaken(node)
        return session._collected(node) if len(session.digits) == node.digits else session._listen(node)

    def _collected(self, node: Collect) -> tuple[Session, Act]:
        if node.what is Collects.DIGITS:
            return replace(self, told=replace(self.told, typed=self.digits))._enter(node.next)
        meant = typed_date(self.digits, self.script.terms.today, self.script.terms.last_promise)
        return self._mistaken(node) if meant is None else replace(self, taken=meant)._enter(node.next)

    # Where it goes on

    def _enter(self, name: str) -> tuple[Session, Act]:
        session = replace(self, at=name, rounds=0, mistakes=0, digits="")
        if session.lasted >= LONGEST:
            return session._over(EndedBy.US)
        match session._node:
            case Ask(identifying=Way(to=to)) if session.may_be_told:
                return session._enter(to)
            case nodes.Record(unrecorded=otherwise) if self.script.recording is None:
                return session._enter(otherwise)
            case Say() | Ask() | Collect() | nodes.Record() as node:
                return session._say(nodes.said(node))
            case Wait(length=length):
                return replace(session, doing=Doing.SAYING, left=(self.script.speech.silence(length),))._play()
            case Note(reply=reply, next=following):
                return session._note(reply)._enter(following)
            case Agent() as node:
                asking, script = session._note(Reply.AGENT), self.script
                go_on = partial(asking._enter, node.unserved(is_withheld=script.is_withheld))
                return hand_over(script.meeting, asking._outcome(EndedBy.US), go_on) if script.meeting else go_on()
            case End():
                return session._over(EndedBy.US)

    def _note(self, reply: Reply) -> "FlowSession":
        promised = self.taken if reply is Reply.PROMISE else self.told.promised
        replies = tuple(dict.fromkeys((*self.told.replies, reply)))
        return replace(self, told=replace(self.told, replies=replies, promised=promised))

    def _say(self, names: tuple[str, ...]) -> tuple["FlowSession", Act]:
        said = filter(self.script.says, names)
        segments = (segment for name in said for segment in self.script.speech.said(name, self.taken))
        heard = replace(self.heard, run=NOTHING)
        return replace(self, doing=Doing.SAYING, left=tuple(segments), heard=heard)._play()

    def _play(self) -> tuple["FlowSession", Act]:
        segment = self.left[0]
        if segment.is_sensitive and not self.may_be_told:  # the flow's check should have seen it
            return self._over(EndedBy.FAILURE)
        return self, Play(segment.clip.path, segment.clip.length, self._keys)

    @property
    def _keys(self) -> str:
        """Those that end the present clip. While something is said, a wrong one does not disturb."""
        match self._node:
            case Ask() | Collect() if self.doing is Doing.LISTENING:
                return KEYS
            case Collect():
                return KEYS
            case Ask(keys=keys) | nodes.Record(keys=keys):
                return "".join(keys)
        return ""

    # The end, and how much was heard

    def _over(self, ended_by: EndedBy) -> tuple["FlowSession", HangUp]:
        return self, HangUp(self._outcome(ended_by))

    def _outcome(self, ended_by: EndedBy) -> Outcome:
        how = How.PART if self.heard.most else How.NONE
        return Outcome(self.heard.most, self._total, How.WHOLE if self.heard.is_whole else how, ended_by, self.told)

    def _having_heard(self, heard: timedelta) -> "FlowSession":
        """With so much heard of the present clip."""
        if not self.left or self.left[0].text != BODY or self.doing is not Doing.SAYING:
            return self
        most = max(self.heard.most, self.heard.run + min(heard, self.left[0].clip.length))
        return replace(self, heard=replace(self.heard, most=most))

    def _lasting(self, took: timedelta) -> "FlowSession":
        return replace(self, lasted=self.lasted + took)

    @property
    def _total(self) -> timedelta:
        return self.script.speech.body

    @property
    def _node(self) -> nodes.Node:
        return self.script.flow.nodes[self.at]
