"""What is a flow made of? Texts, and nodes that say them and wait for keys.

say       says texts, then goes on
ask       says texts, takes a key, also while they are said; asks again, then gives up
collect   asks for several digits, or for a date typed as day and month
record    says a text, then records until # or the limit
agent     hands the callee to an agent
wait      is silent for a while
outcome   notes what the callee has told us
hang_up   the end
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from audio.grammar import Language
from audio.template import Template
from ivr.answers import Reply
from ivr.flow.located import Place

BODY = "BODY"  # the text whose hearing is the delivery
TAKEN = "promise_date"  # the variable that says a date taken in the call
TODAY = "today"
OFFERS = (TODAY, "promise_d1", "promise_d2")  # dates that can be taken with one key
KEYS = "0123456789*#"
DIGITS_OF_DATE = 4  # DDMM
WAIT = timedelta(seconds=6)  # for a key
ROUNDS = 2  # how often is asked of whoever is silent
MISTAKES = 3  # keys that lead nowhere


class Identity(StrEnum):
    """Whether a flow finds out who listens."""

    REQUIRED = "required"  # by a key, before anything sensitive
    NONE = "none"  # anybody may hear it
    INBOUND = "inbound"  # they called us; nothing of a case is told


class Collects(StrEnum):
    DATE = "date"
    DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class Text:
    """Words by a name. Of several alternatives the first is said that is certain for the debtor."""

    name: str
    alternatives: tuple[Template, ...]
    place: Place = field(compare=False)
    tells_of_recording: bool = False  # said only in calls in which something may be recorded

    @property
    def sensitive(self) -> frozenset[str]:
        """The variables that tell of the debt, in any of the alternatives."""
        return frozenset().union(*(template.sensitive for template in self.alternatives))

    @property
    def names_date(self) -> bool:
        """Whether it says a date that may be taken in the call."""
        return any(TAKEN in template.variables for template in self.alternatives)


@dataclass(frozen=True, slots=True)
class Way:
    """How one node leads to another: by a key, or by itself (``key`` is empty)."""

    to: str
    key: str = ""
    identifies: bool = False
    takes: str | None = None  # one of OFFERS, or TAKEN: what was typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    texts: tuple[str, ...]
    next: str
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield Way(self.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """``before`` is said once, ``texts`` again in every round; whoever was silent too often leaves by ``silent``."""

    before: tuple[str, ...]
    texts: tuple[str, ...]
    keys: Mapping[str, Way]
    silent: str
    rounds: int = ROUNDS
    wait: timedelta = WAIT
    place: Place = field(compare=False)

    @property
    def identifying(self) -> Way | None:
        """The way of whoever is the person meant; the question is passed over where nobody need be asked."""
        return next((way for way in self.keys.values() if way.identifies), None)

    def ways(self) -> Iterator[Way]:
        yield from self.keys.values()
        yield Way(self.silent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """``*`` begins the digits anew; what cannot be taken is asked for again."""

    texts: tuple[str, ...]
    what: Collects
    digits: int
    next: str
    otherwise: str
    rounds: int = ROUNDS
    wait: timedelta = WAIT
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield Way(self.next, takes=TAKEN if self.what is Collects.DATE else None)
        yield Way(self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Passed over to ``unrecorded`` where nothing is recorded. ``keys`` hold before the tone."""

    texts: tuple[str, ...]
    keys: Mapping[str, Way]
    next: str
    unrecorded: str
    limit: timedelta
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield from self.keys.values()
        yield Way(self.next)
        yield Way(self.unrecorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Whoever comes here asks for an agent; ``otherwise`` is for when there is none.

    ``call_back`` is for callers who can be called on the number from which they call, in place of that.
    """

    otherwise: str
    call_back: str | None = None
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield Way(self.otherwise)
        if self.call_back is not None:
            yield Way(self.call_back)

    def unserved(self, *, is_withheld: bool) -> str:
        """Where it goes on when there is none."""
        return self.otherwise if self.call_back is None or is_withheld else self.call_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    length: timedelta
    next: str
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield Way(self.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the callee has told us by coming here (``outcome:``)."""

    reply: Reply
    next: str
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield Way(self.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    place: Place = field(compare=False)

    def ways(self) -> Iterator[Way]:
        yield from ()


Node = Say | Ask | Collect | Record | Agent | Wait | Note | End


@dataclass(frozen=True, slots=True)
class ToneApproval:
    """Somebody answers for words that ``audio/tone.py`` would refuse."""

    by: str  # a person, by name and role
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A checked flow (``flow/reading.py``)."""

    name: str
    stage: str
    identity: Identity
    start: str
    texts: Mapping[str, Text]
    nodes: Mapping[str, Node]
    place: Place = field(compare=False)
    language: Language = Language.POLISH
    tone_approval: ToneApproval | None = None

    @property
    def silences(self) -> frozenset[timedelta]:
        """How long it is silent, waiting for a key or for somebody."""
        waiting = {node.wait for node in self.nodes.values() if isinstance(node, Ask | Collect)}
        return frozenset(waiting | {node.length for node in self.nodes.values() if isinstance(node, Wait)})


def said(node: Node) -> tuple[str, ...]:
    """The names of the texts that a node says."""
    match node:
        case Ask(before=before, texts=texts):
            return (*before, *texts)
        case Say(texts=texts) | Collect(texts=texts) | Record(texts=texts):
            return texts
    return ()
