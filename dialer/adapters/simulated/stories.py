"""What becomes of a call: as a carrier's script has it, or by chance?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random

from dialer.adapters.carrier.script import Behaviour, Kind, Role
from dialer.adapters.simulated.story import Listening, Story
from dialer.core.call import End
from dialer.model import OutgoingCall


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each end comes (weights, in any unit) and how long things take on average."""

    ends: Mapping[End, float]
    setup: timedelta = timedelta(milliseconds=50)
    rings_for: timedelta = timedelta(seconds=12)
    message: timedelta = timedelta(seconds=20)
    patience: float = 0.8  # the share of those who answered that hear the message to its end


class SeededStories:
    """Stories by chance, the same for the same seed and number of the attempt id, in whatever order they are asked."""

    def __init__(self, seed: int, shares: Shares) -> None:
        if not shares.ends:
            raise ValueError("shares of no ends")
        self._seed = seed
        self._shares = shares
        self._ends = list(shares.ends)
        self._bounds = list(accumulate(shares.ends.values()))

    def __call__(self, call: OutgoingCall) -> Story:
        chance = Random(f"{self._seed}/{call.attempt_id}")  # noqa: S311 - a simulation, not a secret
        [end] = chance.choices(self._ends, cum_weights=self._bounds)
        setup = self._shares.setup * chance.uniform(0.5, 1.5)
        later = setup + self._shares.rings_for * chance.uniform(0.3, 1.7)
        match end:
            case End.NORMAL | End.MEDIA_LOST:
                return self._answered(end, setup, later, chance)
            case End.NOT_PLACED:
                return Story(end, setup, starts=None)
            case End.NO_ANSWER:
                return Story(end, ends=timedelta.max, starts=setup / 2, rings=setup)
            case End.NO_REPLY:
                return Story(end, ends=timedelta.max, starts=setup / 2)
            case _:
                return Story(end, ends=later, starts=setup / 2)

    def _answered(self, end: End, setup: timedelta, answers: timedelta, chance: Random) -> Story:
        whole = end is End.NORMAL and chance.random() < self._shares.patience
        heard = self._shares.message if whole else self._shares.message * chance.random()
        listening = Listening(heard, whole)
        return Story(end, answers + heard, starts=setup / 2, rings=setup, answers=answers, listening=listening)


STAYS = Behaviour(Kind.HUMAN, timedelta())  # whom the script does not know answers at once and stays
MESSAGE = timedelta(seconds=20)
_SHORTEST_SETUP, _LONGEST_SETUP = timedelta(milliseconds=30), timedelta(milliseconds=120)
_END_OF_KIND: Mapping[Kind, End] = {
    Kind.BUSY: End.BUSY,
    Kind.UNAVAILABLE: End.UNAVAILABLE,
    Kind.REJECTED: End.REJECTED,
    Kind.CONGESTION: End.CONGESTION,
    Kind.UNALLOCATED: End.INVALID_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Errors:
    """How often machines are told from people wrongly: shares, from 0 to 1."""

    machines_missed: float = 0.0  # taken for people
    people_mistaken: float = 0.0  # taken for machines

    def __post_init__(self) -> None:
        if not (0 <= self.machines_missed <= 1 and 0 <= self.people_mistaken <= 1):
            raise ValueError(f"{self}: shares are from 0 to 1")


NO_ERRORS = Errors()

# What is heard of whoever answers, from the answer on; the beep follows a machine's greeting.
_HELLO = ((timedelta(seconds=0.4), timedelta(seconds=0.7)),)
_LONG_HELLO = ((timedelta(seconds=0.4), timedelta(seconds=4.5)),)  # a switchboard's
_GREETING = ((timedelta(seconds=0.5), timedelta(seconds=4.9)), (timedelta(seconds=7), timedelta(seconds=0.4)))
_SHORT_GREETING = ((timedelta(seconds=0.5), timedelta(seconds=1.6)), (timedelta(seconds=2.6), timedelta(seconds=0.4)))


class Greetings:
    """What the engine tells machines from people by; a wrong verdict comes of an unusual greeting."""

    def __init__(self, seed: int, errors: Errors = NO_ERRORS) -> None:
        self._errors = errors
        self._chance = Random(f"{seed}/ears")  # noqa: S311 - a simulation, not a secret

    def __call__(self, *, is_voicemail: bool) -> tuple[tuple[timedelta, timedelta], ...]:
        """When somebody talks, from the answer on, and for how long."""
        chance = self._chance.random()
        if is_voicemail:
            return _SHORT_GREETING if chance < self._errors.machines_missed else _GREETING
        return _LONG_HELLO if chance < self._errors.people_mistaken else _HELLO


class ScriptedStories:
    """What each number does on its first, second … call, counted for each caller apart: copies of a list share nobody.

    How long a call takes to be set up is by chance, and who is taken for whom, by ``errors``: the same for a seed.
    """

    def __init__(
        self, roles: Iterable[Role], seed: int, message: timedelta = MESSAGE, errors: Errors = NO_ERRORS
    ) -> None:
        self._roles = {role.number: role for role in roles}
        self._times: Counter[tuple[str, str]] = Counter()
        self._chance = Random(seed)  # noqa: S311 - a simulation, not a secret
        self._message = message
        self._greets = Greetings(seed, errors)

    def __call__(self, call: OutgoingCall) -> Story:
        called = (call.caller_number, call.number)
        self._times[called] += 1
        role = self._roles.get(call.number)
        behaviour = role.on_attempt(self._times[called]) if role else STAYS
        setup = _SHORTEST_SETUP + (_LONGEST_SETUP - _SHORTEST_SETUP) * self._chance.random()
        return self._story(behaviour, setup)

    def _story(self, behaviour: Behaviour, setup: timedelta) -> Story:
        later = setup + behaviour.ring
        match behaviour.kind:
            case Kind.HUMAN | Kind.VOICEMAIL:
                leaves = behaviour.hangs_up_after
                is_whole = leaves is None or leaves >= self._message
                heard = self._message if is_whole else leaves or timedelta()
                listening = Listening(heard, is_whole)
                is_voicemail = behaviour.kind is Kind.VOICEMAIL
                talks = self._greets(is_voicemail=is_voicemail)
                return Story(End.NORMAL, later + heard, setup / 2, setup, later, listening, talks, is_voicemail)
            case Kind.NO_ANSWER:
                return Story(End.NO_ANSWER, timedelta.max, setup / 2, setup)
            case kind:
                return Story(_END_OF_KIND[kind], later, setup / 2)
