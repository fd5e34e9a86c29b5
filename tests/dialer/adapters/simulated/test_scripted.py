"""Do callees do what the carrier's script says, and does the carrier's log tell it?"""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.adapters.carrier.calllog import most_at_once
from dialer.adapters.carrier.script import role
from dialer.adapters.simulated import SimulatedSwitch
from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.stories import MESSAGE, ScriptedStories
from dialer.core.call import Call, step
from dialer.core.dispositions import disposition
from dialer.core.trunks import TrunkLimits
from dialer.model import OutgoingCall
from tests.support.ear import Ear

SECOND = timedelta(seconds=1)
ANNA, PIOTR = "+48280000001", "+48280000002"
LIMITS = TrunkLimits(10, 2, 10)


class StillClock:
    """The Clock port; stands still unless it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


class Trial:
    """Calls that follow a script, one after another."""

    def __init__(self, *attempts: str, limits: TrunkLimits = LIMITS) -> None:
        self.clock, self.ear, self.log = StillClock(), Ear(), CarrierLog(limits)
        self.switch = SimulatedSwitch(ScriptedStories([role(ANNA, *attempts)], seed=1), self.clock, self.log)
        self.switch.begin(self.ear)

    def place(self, identity: str, number: str = ANNA, caller: str = "+48380000001") -> None:
        self.switch.place(OutgoingCall(identity, number, caller, 25 * SECOND, "carrier"))

    def finish(self) -> None:
        while due := self.switch.next_due:
            self.clock.moment = due
            self.switch.tell_due()

    def call(self, identity: str, number: str = ANNA, caller: str = "+48380000001") -> str:
        """How a call ends."""
        self.place(identity, number, caller)
        call = Call(identity, self.clock.now())
        self.finish()
        for event in self.ear.events:
            if event.attempt_id == identity:
                call = step(call, event)
        return disposition(call)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("human/6/", "delivered"),
        ("voicemail/6/", "delivered"),
        ("human/6/hangup@2s", "hung_up"),
        ("human/6/hangup@60s", "delivered"),
        ("human/25/", "no_answer"),  # we have given up by then
        ("noanswer/30/", "no_answer"),
        ("busy/3/", "busy"),
        ("unavailable/3/", "unavailable"),
        ("rejected/3/", "rejected"),
        ("congestion/0/", "congestion"),
        ("unallocated/0/", "invalid_number"),
    ],
)
def test_a_call_ends_as_the_script_says(behaviour: str, expected: str) -> None:
    assert Trial(behaviour).call("1") == expected


def test_the_next_attempt_meets_the_next_behaviour() -> None:
    trial = Trial("busy/1/", "noanswer/30/", "human/1/")
    assert [trial.call(str(n)) for n in range(4)] == ["busy", "no_answer", "delivered", "delivered"]


def test_another_caller_begins_at_the_first_behaviour() -> None:
    trial = Trial("busy/1/", "human/1/")
    assert trial.call("1") == "busy"
    assert trial.call("2", caller="+48380000101") == "busy"
    assert [call.attempt for call in trial.log.calls] == [1, 1]


def test_whom_the_script_does_not_know_answers_and_listens() -> None:
    trial = Trial("busy/1/")
    assert trial.call("1", PIOTR) == "delivered"
    [call] = trial.log.calls
    assert call.answered is not None
    assert call.ended - call.answered == MESSAGE


def test_the_carrier_counts_calls_as_they_are_placed_and_end() -> None:
    trial = Trial("human/5/")
    trial.place("1")
    trial.place("2", PIOTR)
    assert (trial.log.placed, trial.log.at_once) == (2, 2)
    trial.finish()
    assert (trial.log.placed, trial.log.at_once) == (2, 0)
    assert most_at_once(trial.log.calls) == 2
    assert {call.kind for call in trial.log.calls} == {"normal"}


def test_a_trunk_is_full_with_the_last_channel_and_for_a_moment_after_a_call_has_left_it() -> None:
    trial = Trial("busy/1/")
    trial.place("1")
    assert trial.log.filled_at < trial.clock.now()
    trial.place("2", PIOTR)
    assert trial.log.filled_at == trial.clock.now()
    trial.finish()
    trial.clock.moment += timedelta(seconds=10)
    trial.place("3")
    assert trial.log.filled_at < trial.clock.now()


def test_a_trunk_is_full_when_its_rate_is_used_up() -> None:
    trial = Trial("busy/1/", limits=TrunkLimits(10, 100, 10))
    for call in range(8):
        trial.place(str(call), PIOTR)
    assert trial.log.filled_at < trial.clock.now()
    trial.place("9", PIOTR)
    assert trial.log.filled_at == trial.clock.now()


def test_a_call_that_is_placed_twice_is_noticed() -> None:
    log, call = CarrierLog(LIMITS), OutgoingCall("1", ANNA, PIOTR, SECOND, "carrier")
    log.on_placed(call, StillClock().now())
    log.on_placed(call, StillClock().now())
    assert log.placed_twice == ["1"]
