"""What happens when a callee presses these keys? A flow without a telephone: for the terminal, and for transcripts.

An answer is a key (or several digits, where several are asked for), SILENCE, or LEAVES.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.flow import nodes
from ivr.flow.contact import Contact
from ivr.flow.nodes import KEYS, Ask, Collect, Collects, Flow
from ivr.flow.session import END, Doing, FlowScript, FlowSession
from ivr.flow.speech import Segment, speech
from ivr.flow.words import words
from ivr.session import NOTHING, Act, CalleeGone, Clip, ClipEnded, HangUp, Happening, KeyPressed, Outcome, Play, Session

SILENCE = "-"
LEAVES = "x"
PER_CHARACTER = timedelta(milliseconds=60)  # about how long it takes to say one
_NO_DATE = "3102"  # 31 February


def without_audio(
    flow: Flow, contact: Contact, *, recording: str | None = None, is_withheld: bool = False
) -> FlowScript:
    """The flow as it would be played, with about the lengths of its clips; UnspeakableValue if it cannot be said."""

    def clip(sentence: str) -> Clip:
        return Clip(sentence, len(sentence) * PER_CHARACTER)

    silences = {length: Clip(f"silence of {length.total_seconds():g} s", length) for length in flow.silences}
    said = words(flow, contact.values, contact.terms)
    return FlowScript(
        flow, speech(said, contact.greeting, clip, silences), contact.terms, recording, is_withheld=is_withheld
    )


@dataclass(slots=True)
class Passage:
    """A call that is under way. It stops where an answer is awaited, or at its end."""

    session: Session
    act: Act
    passed: list[Segment | str] = field(default_factory=list)  # what was said, and answers

    @classmethod
    def begin(cls, script: FlowScript) -> "Passage":
        passage = cls(*script.begin())
        passage._listen()
        return passage

    @property
    def outcome(self) -> Outcome | None:
        return self.act.outcome if isinstance(self.act, HangUp) else None

    @property
    def at(self) -> FlowSession:
        if not isinstance(self.session, FlowSession):
            raise TypeError(f"{self.session} is no flow")
        return self.session

    def answer(self, said: str) -> None:
        """What the callee does now."""
        self.passed.append(said)
        if said == SILENCE:
            self._silent()
        elif said == LEAVES:
            self._happen(CalleeGone())
        else:
            for key in said:
                self._happen(KeyPressed(key, NOTHING, NOTHING))
        self._listen()

    def answers(self) -> Iterator[str]:
        """One of each kind that can be given now."""
        node = self.at.script.flow.nodes[self.at.at]
        match node:
            case Ask(keys=keys):
                yield from keys
                yield from [key for key in KEYS if key not in keys][:1]
            case Collect(what=Collects.DATE):
                yield self.at.script.terms.last_promise.strftime("%d%m")
                yield _NO_DATE
            case Collect(digits=digits):
                yield "1" * digits
                yield END
            case nodes.Record(keys=keys):
                yield from (END, *keys)
        yield from (SILENCE, LEAVES)

    def _listen(self) -> None:
        """Hear out what is said, until it is the callee's turn."""
        while isinstance(self.act, Play) and self.at.doing is Doing.SAYING:
            self.passed.append(self.at.left[0])
            self._silent()

    def _silent(self) -> None:
        """What plays, or is recorded, comes to its end."""
        length = self.act.length if isinstance(self.act, Play) else NOTHING
        self._happen(ClipEnded(length, length))

    def _happen(self, happening: Happening) -> None:
        self.session, self.act = self.session.after(happening)
