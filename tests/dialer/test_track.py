from datetime import timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.call import Answered, End, Ended, Event, MessageEnded, MessageStarted, Rang, Started, State
from dialer.core.routes import Route
from dialer.core.trunks import FAILURES_TO_CLOSE, GOODBYE, TrunkLimits
from dialer.model import Attempt, Disposition
from dialer.ports import Presence
from dialer.ports.store import Conclusion
from dialer.routes import Routes
from dialer.track import UNSEEN_START, Tracker
from tests.support.clock import MONDAY, StillClock

D = Disposition
SPAN = timedelta(seconds=14)


class Followed:
    """A tracker, and what came out of it."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.routes = Routes([Route("carrier", TrunkLimits(100, 50, 50))])
        [self.trunk] = self.routes.trunks
        self.conclusions: list[Conclusion] = []
        self.tracker = Tracker(self.routes, self.clock, self.conclusions.append)
        self._ordinal = count(1)

    def begin(self, name: str) -> Attempt:
        attempt = Attempt(name, next(self._ordinal), "RENT", 1, 1, "+48280000001", "m", self.clock.now())
        self.tracker.begin(attempt, self.trunk)
        return attempt

    def hear(self, *events: Event) -> None:
        for event in events:
            self.tracker.on_call(event)

    @property
    def outcomes(self) -> list[tuple[str, Disposition]]:
        return [(each.attempt.id, each.disposition) for each in self.conclusions]

    @property
    def in_flight(self) -> int:
        return self.trunk.in_flight(self.clock.monotonic())


def ended(name: str, why: End = End.BUSY) -> Ended:
    return Ended(name, MONDAY, why)


def spoken(name: str, *, whole: bool) -> list[Event]:
    return [MessageStarted(name, MONDAY), MessageEnded(name, MONDAY, SPAN, whole)]


# ---- exactly one conclusion for every call -------------------------------------------------------


STORIES: dict[Disposition, list[Event]] = {
    D.BUSY: [Started("", MONDAY), ended("")],
    D.NO_ANSWER: [Started("", MONDAY), Rang("", MONDAY), ended("", End.NO_ANSWER)],
    D.NOT_PLACED: [ended("", End.NOT_PLACED)],
    D.DELIVERED: [Started("", MONDAY), Answered("", MONDAY), ended("", End.NORMAL)],
    D.LOST: [ended("", End.LOST)],
}


def named(event: Event, name: str) -> Event:
    return type(event)(**{field: getattr(event, field) for field in event.__slots__} | {"attempt_id": name})


def told(name: str, outcome: Disposition, chance: Random) -> list[Event]:
    """A call's events as they may come in: the switch's shuffled and repeated, the flow's in their order."""
    events = [named(event, name) for event in STORIES[outcome]]
    events += chance.choices(events, k=chance.randrange(4))
    chance.shuffle(events)
    if outcome is D.DELIVERED:
        before_end = chance.randint(0, next(n for n, event in enumerate(events) if isinstance(event, Ended)))
        after_start = chance.randint(before_end, len(events))
        starts, ends = spoken(name, whole=True)
        events = [*events[:before_end], starts, *events[before_end:after_start], ends, *events[after_start:]]
    return events


@given(st.lists(st.sampled_from(sorted(STORIES)), max_size=12), st.randoms(use_true_random=False))
def test_every_call_is_concluded_once_and_rightly(outcomes: list[Disposition], chance: Random) -> None:
    followed = Followed()
    expected = {str(n): outcome for n, outcome in enumerate(outcomes)}
    queues = [told(name, outcome, chance) for name, outcome in expected.items()]
    for name in expected:
        followed.begin(name)
    while queues := [queue for queue in queues if queue]:
        followed.hear(chance.choice(queues).pop(0))
    assert sorted(followed.outcomes) == sorted(expected.items())
    assert len(followed.tracker) == 0
    followed.clock.seconds += GOODBYE
    assert followed.in_flight == 0


def test_what_comes_after_the_end_changes_nothing() -> None:
    followed = Followed()
    followed.begin("a")
    followed.hear(ended("a"), Answered("a", MONDAY), *spoken("a", whole=True), ended("a", End.LOST))
    assert followed.outcomes == [("a", D.BUSY)]


def test_events_of_unknown_calls_are_left_alone() -> None:
    followed = Followed()
    followed.hear(Started("x", MONDAY), ended("x"))
    assert followed.outcomes == []


def test_a_call_that_listens_is_over_when_its_flow_says_so() -> None:
    followed = Followed()
    followed.begin("a")
    followed.tracker.on_message_started("a")
    followed.hear(ended("a", End.NORMAL))
    assert followed.outcomes == []
    assert len(followed.tracker) == 1
    followed.tracker.on_message_ended("a", SPAN, whole=False, failed=True)
    assert followed.outcomes == [("a", D.FAILED)]


def test_the_flow_finds_the_attempt_behind_its_call() -> None:
    followed = Followed()
    attempt = followed.begin("a")
    assert followed.tracker.attempt("a") is attempt
    followed.hear(ended("a"))
    assert followed.tracker.attempt("a") is None


def test_a_call_of_an_earlier_run_is_followed_and_may_have_left_a_moment_after_it_was_saved() -> None:
    followed = Followed()
    saved = MONDAY - timedelta(minutes=2)
    followed.tracker.adopt(Attempt("a", 1, "RENT", 1, 1, "+48280000001", "m", saved))
    followed.hear(Answered("a", MONDAY), ended("a", End.NORMAL))
    [concluded] = followed.conclusions
    assert (concluded.disposition, concluded.call.placed_at) == (D.HUNG_UP, saved + UNSEEN_START)


# ---- calls that are not placed -------------------------------------------------------------------


def test_a_withdrawn_attempt_is_concluded_without_a_call() -> None:
    followed = Followed()
    followed.tracker.withdraw(Attempt("a", 1, "RENT", 1, 1, "+48280000001", "m", MONDAY), "outside_window")
    [concluded] = followed.conclusions
    assert concluded.disposition == D.WITHDRAWN
    assert (concluded.call.state, concluded.call.platform_code) == (State.ENDED, "outside_window")
    assert followed.in_flight == 0


def test_a_call_that_the_switch_never_took_makes_room_at_once() -> None:
    followed = Followed()
    followed.tracker.give_up(followed.begin("a"), "switch_away")
    assert followed.outcomes == [("a", D.WITHDRAWN)]
    assert followed.in_flight == 0


# ---- the trunk -----------------------------------------------------------------------------------


def test_a_call_counts_until_the_carrier_has_let_go_of_it() -> None:
    followed = Followed()
    followed.begin("a")
    followed.begin("b")
    followed.hear(ended("a"))
    assert followed.in_flight == 2
    followed.clock.seconds += GOODBYE
    assert followed.in_flight == 1


def test_no_message_begins_in_a_call_that_is_called_off_and_nobody_is_to_blame() -> None:
    followed = Followed()
    for call in range(FAILURES_TO_CLOSE):
        name = f"a{call}"
        followed.begin(name)
        followed.hear(Started(name, MONDAY))
        live = followed.tracker.find(name)
        assert live is not None
        live.is_called_off = True
        assert followed.tracker.to_be_played(name) is None
        followed.hear(Answered(name, MONDAY), ended(name, End.NORMAL))
    assert followed.routes.is_open(followed.clock.monotonic())


def test_a_call_that_left_is_not_counted_while_its_flow_still_reports() -> None:
    followed = Followed()
    followed.begin("a")
    followed.tracker.on_message_started("a")
    followed.hear(ended("a", End.NORMAL), ended("a", End.NORMAL))
    followed.clock.seconds += GOODBYE
    assert followed.in_flight == 0
    followed.tracker.on_message_ended("a", SPAN, whole=True, failed=False)
    assert followed.in_flight == 0


@pytest.mark.parametrize("why", [End.CONGESTION, End.NO_REPLY, End.NOT_PLACED])
def test_failures_in_a_row_close_the_trunk(why: End) -> None:
    followed = Followed()
    for n in range(FAILURES_TO_CLOSE):
        followed.begin(str(n))
        followed.hear(ended(str(n), why))
    assert not followed.trunk.health.is_open(followed.clock.monotonic())


@pytest.mark.parametrize("sign", [Rang("s", MONDAY), Answered("s", MONDAY), ended("s", End.BUSY)])
def test_any_sign_of_the_network_keeps_the_trunk_open(sign: Event) -> None:
    followed = Followed()
    for n in range(3 * FAILURES_TO_CLOSE):
        if n % 4 == 0:
            followed.begin("s")
            followed.hear(sign, ended("s", End.BUSY))
        followed.begin(str(n))
        followed.hear(ended(str(n), End.CONGESTION))
    assert followed.trunk.health.is_open(followed.clock.monotonic())


def test_lost_calls_say_nothing_about_the_trunk() -> None:
    followed = Followed()
    for n in range(3 * FAILURES_TO_CLOSE):
        followed.begin(str(n))
        followed.hear(ended(str(n), End.LOST if n % 3 else End.CONGESTION))
    assert not followed.trunk.health.is_open(followed.clock.monotonic())


# ---- presence ------------------------------------------------------------------------------------


def test_presence_is_told_when_it_changes() -> None:
    tracker = Followed().tracker
    tracker.on_presence(Presence.AWAY)
    assert not tracker.presence_changed.is_set()
    tracker.on_presence(Presence.READY)
    assert (tracker.presence, tracker.presence_changed.is_set()) == (Presence.READY, True)
