from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialer.adapters.simulated import Listening, SeededStories, Shares, SimulatedSwitch, Story
from dialer.core.call import Call, End, Ended, Event, MessageEnded, step
from dialer.model import OutgoingCall
from dialer.ports import CallPhase, Presence
from tests.support.ear import Ear

SECOND = timedelta(seconds=1)
SHARES = Shares({End.NORMAL: 0.4, End.BUSY: 0.2, End.NO_ANSWER: 0.3, End.NOT_PLACED: 0.1})


class VirtualClock:
    """The Clock port; stands still unless it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


def a_call(attempt_id: str = "1", ring_time: timedelta = 25 * SECOND) -> OutgoingCall:
    return OutgoingCall(attempt_id, "+48280000001", "+48388000001", ring_time, "carrier")


def a_world(story: Story | SeededStories) -> tuple[SimulatedSwitch, Ear, VirtualClock]:
    clock, ear = VirtualClock(), Ear()
    switch = SimulatedSwitch(story if isinstance(story, SeededStories) else lambda _: story, clock)
    switch.begin(ear)
    return switch, ear, clock


def pass_time(switch: SimulatedSwitch, clock: VirtualClock, until: datetime | None = None) -> None:
    while (due := switch.next_due) and (until is None or due <= until):
        clock.moment = due
        switch.tell_due()
    clock.moment = until or clock.moment


def told(event: Event, start: datetime) -> tuple[str, float]:
    return type(event).__name__, (event.at - start) / SECOND


def test_a_story_is_told_at_its_moments() -> None:
    story = Story(End.NORMAL, 9 * SECOND, SECOND, 2 * SECOND, 4 * SECOND, Listening(5 * SECOND, whole=True))
    switch, ear, clock = a_world(story)
    start = clock.now()
    switch.place(a_call())
    pass_time(switch, clock)
    assert [told(event, start) for event in ear.events] == [
        ("Started", 1),
        ("Rang", 2),
        ("Answered", 4),
        ("MessageStarted", 4),
        ("MessageEnded", 9),
        ("Ended", 9),
    ]


def test_nothing_is_told_before_its_moment() -> None:
    switch, ear, clock = a_world(Story(End.BUSY, 3 * SECOND))
    switch.place(a_call())
    pass_time(switch, clock, clock.now() + 2 * SECOND)
    assert [type(event).__name__ for event in ear.events] == ["Started"]


@pytest.mark.parametrize(("rings", "end"), [(SECOND, End.NO_ANSWER), (None, End.NO_REPLY)])
def test_our_ring_time_ends_a_call_before_a_late_answer(rings: timedelta | None, end: End) -> None:
    switch, ear, clock = a_world(Story(End.NORMAL, 60 * SECOND, rings=rings, answers=30 * SECOND))
    start = clock.now()
    switch.place(a_call(ring_time=25 * SECOND))
    pass_time(switch, clock)
    assert ear.events[-1] == Ended("1", start + 25 * SECOND, end)


def test_hanging_up_cuts_the_message_short() -> None:
    story = Story(End.NORMAL, 60 * SECOND, answers=SECOND, listening=Listening(50 * SECOND, whole=True))
    switch, ear, clock = a_world(story)
    start = clock.now()
    switch.place(a_call())
    pass_time(switch, clock, start + 11 * SECOND)
    switch.hang_up("1")
    pass_time(switch, clock)
    assert ear.events[-2:] == [
        MessageEnded("1", start + 11 * SECOND, 10 * SECOND, whole=False),
        Ended("1", start + 11 * SECOND, End.NORMAL),
    ]


async def test_a_call_that_ended_while_the_switch_was_away_is_lost() -> None:
    switch, ear, clock = a_world(Story(End.BUSY, 5 * SECOND))
    switch.place(a_call())
    pass_time(switch, clock, clock.now() + SECOND)
    switch.become(Presence.AWAY)
    pass_time(switch, clock, clock.now() + 10 * SECOND)
    assert [type(event).__name__ for event in ear.events] == ["Started"]
    switch.become(Presence.READY)
    assert await switch.live_calls() == {}
    pass_time(switch, clock)
    assert ear.events[-1] == Ended("1", clock.now(), End.LOST)


async def test_a_call_that_outlives_the_absence_goes_on() -> None:
    switch, ear, clock = a_world(Story(End.NORMAL, 60 * SECOND, answers=SECOND))
    switch.place(a_call())
    pass_time(switch, clock, clock.now() + 2 * SECOND)
    switch.become(Presence.AWAY)
    switch.become(Presence.READY)
    assert await switch.live_calls() == {"1": CallPhase.ANSWERED}
    pass_time(switch, clock)
    assert [type(event).__name__ for event in ear.events] == ["Started", "Answered", "Ended"]


def test_every_seeded_story_is_a_life_that_a_call_can_have() -> None:
    switch, ear, clock = a_world(SeededStories(seed=7, shares=SHARES))
    calls = {f"{n}": Call(f"{n}", clock.now()) for n in range(2000)}
    for identity in calls:
        switch.place(a_call(identity))
    pass_time(switch, clock)
    for event in ear.events:
        calls[event.attempt_id] = step(calls[event.attempt_id], event)
    assert all(call.is_over for call in calls.values())
    assert switch.outstanding == 0


def test_the_ends_come_as_often_as_their_shares_say() -> None:
    stories = SeededStories(seed=7, shares=SHARES)
    ends = Counter(stories(a_call(f"{n}")).end for n in range(2000))
    assert {end: pytest.approx(ends[end] / 2000, abs=0.04) for end in SHARES.ends} == SHARES.ends


def test_the_same_seed_tells_the_same_stories_in_any_order() -> None:
    identities = [f"{n}" for n in range(50)]
    forwards = {identity: SeededStories(7, SHARES)(a_call(identity)) for identity in identities}
    stories = SeededStories(7, SHARES)
    backwards = {identity: stories(a_call(identity)) for identity in reversed(identities)}
    assert forwards == backwards
    assert forwards != {identity: SeededStories(8, SHARES)(a_call(identity)) for identity in identities}


def test_shares_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no ends"):
        SeededStories(7, Shares({}))


def test_what_a_flow_says_needs_no_link() -> None:
    story = Story(End.NORMAL, 9 * SECOND, answers=SECOND, listening=Listening(8 * SECOND, whole=True))
    switch, ear, clock = a_world(story)
    switch.place(a_call())
    switch.become(Presence.AWAY)
    pass_time(switch, clock, clock.now() + 5 * SECOND)
    switch.become(Presence.READY)
    pass_time(switch, clock)
    assert ear.kinds("1") == ["MessageStarted", "MessageEnded", "Ended"]


def test_a_machine_hears_the_limited_message_in_place_of_the_other() -> None:
    """First until the beep, then once more; what was heard of the other message stays."""
    switch, ear, clock = a_world(
        Story(End.NORMAL, 24 * SECOND, answers=4 * SECOND, listening=Listening(20 * SECOND, True))
    )
    start = clock.now()
    switch.place(a_call())
    pass_time(switch, clock, start + 9 * SECOND)
    assert switch.say_meanwhile("1")
    pass_time(switch, clock, start + 12 * SECOND)
    assert switch.leave_message("1")
    pass_time(switch, clock)
    [ended] = [event for event in ear.events if isinstance(event, MessageEnded)]
    assert (ended.heard, ended.whole, ended.is_left) == (5 * SECOND, False, True)
    assert isinstance(ear.events[-1], Ended)
    assert not switch.leave_message("1"), "it is over"
