"""Is every way of breaking a promise noticed?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.adapters.carrier.script import role
from dialer.adapters.carrier.witness import Attempt
from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.kept import Contact, Day
from dialer.adapters.simulated.promises import promises
from dialer.core.call import Answered, End, Ended
from dialer.core.cases import Stage
from dialer.core.topic import TopicRules
from dialer.core.trunks import TrunkLimits
from dialer.model import AttemptRules, Budget, CallingHours, Lane, OutgoingCall, Window

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
DUE = date(2026, 10, 29)
ANNA, PIOTR = "+48280000001", "+48280000002"
ALL_DAY = CallingHours({day: (Window(time(8), time(20)),) for day in range(1, 8)}, ZoneInfo("Europe/Warsaw"))
LANE = Lane(1, "RENT", None, ALL_DAY, AttemptRules(2, HOUR, 25 * SECOND), "+48380000001", 1, Budget(per_debtor_day=3))
LIMITS = TrunkLimits(1, 2, 10)
SCRIPT = [role(ANNA, "busy/3/", "human/3/"), role(PIOTR, "busy/3/")]


class Waits:
    """As a watch saw them."""

    longest_wait = timedelta()
    waited_in = ""
    ended_at: datetime | None = None


class Trial:
    """Attempts that were kept, and the calls that the carrier saw."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.log = CarrierLog(LIMITS)
        self.watch = Waits()
        self.contact = Contact(
            7, 1, 70, "CL", "finished", "delivered", None, None, {ANNA: None}, [(Stage.OVERDUE, DUE)]
        )
        self.lane = LANE
        self.plan = TopicRules(holidays=None)

    def call(
        self, at: datetime, disposition: str | None = "busy", number: str = ANNA, lasts: timedelta = SECOND
    ) -> str:
        identity = f"{len(self.attempts):032x}"
        self.attempts.append(Attempt(identity, 7, number, disposition, at, at, at + lasts))
        self.log.on_placed(OutgoingCall(identity, number, LANE.caller_number, 25 * SECOND, "carrier"), at)
        if disposition == "delivered":
            self.log.on_call(Answered(identity, at + lasts / 2))
        self.log.on_call(Ended(identity, at + lasts, End.NORMAL if disposition == "delivered" else End.BUSY))
        return identity

    def broken(self) -> list[str]:
        day = Day({7: self.contact}, self.attempts, dict.fromkeys((each.id for each in self.attempts), 1))
        judged = promises(day, {1: self.lane}, {LANE.campaign_id: self.plan}, self.log, SCRIPT, LIMITS, self.watch)
        return [promise.what for promise in judged if not promise.is_kept]


def a_good_day() -> Trial:
    trial = Trial()
    trial.call(NOON)
    trial.call(NOON + HOUR, "delivered", lasts=23 * SECOND)
    return trial


def test_a_good_day_keeps_every_promise() -> None:
    assert a_good_day().broken() == []


def test_an_open_attempt_is_noticed() -> None:
    trial = a_good_day()
    trial.attempts[1] = replace(trial.attempts[1], disposition=None)
    assert "every attempt has one disposition" in trial.broken()


def test_a_call_that_nobody_saved_is_noticed() -> None:
    trial = a_good_day()
    trial.call(NOON + 5 * HOUR)
    trial.attempts.pop()
    assert trial.broken() == ["the carrier saw every call that we placed, once, and no other"]


def test_a_call_that_the_carrier_never_saw_is_noticed() -> None:
    trial = a_good_day()
    trial.attempts.append(replace(trial.attempts[0], id="f" * 32))
    assert trial.broken() == ["the carrier saw every call that we placed, once, and no other"]


def test_a_call_that_was_placed_twice_is_noticed() -> None:
    trial = a_good_day()
    trial.log.on_placed(OutgoingCall(trial.attempts[0].id, ANNA, LANE.caller_number, SECOND, "carrier"), NOON)
    assert "the carrier saw every call that we placed, once, and no other" in trial.broken()


def test_another_end_than_the_script_s_is_noticed() -> None:
    trial = a_good_day()
    trial.attempts[0] = replace(trial.attempts[0], disposition="rejected")
    assert trial.broken() == ["every attempt ended as the carrier's script implies"]


def test_a_call_that_was_broken_off_when_the_simulation_ended_is_excused() -> None:
    trial = Trial()
    trial.contact = replace(trial.contact, state="waiting", finished=None)
    trial.watch.ended_at = NOON
    trial.call(NOON, "cancelled")
    assert trial.broken() == []


def test_a_third_call_where_two_are_allowed_is_noticed() -> None:
    trial = Trial()
    trial.call(NOON)
    trial.call(NOON + HOUR, "delivered")
    trial.call(NOON + 2 * HOUR, "delivered")
    assert trial.broken() == ["no contact's number is called more often than its campaign allows"]


def test_another_planned_day_is_another_round_of_attempts() -> None:
    trial = a_good_day()
    trial.call(NOON + DAY, "delivered")
    assert trial.broken() == ["no contact's number is called more often than its campaign allows"]
    tomorrow = (NOON + DAY).date()
    trial.contact = replace(trial.contact, cases=[(Stage.OVERDUE, DUE), (Stage.DUE_TODAY, tomorrow)])
    assert trial.broken() == []
    trial.contact = replace(trial.contact, cases=[(Stage.PRE_DUE, tomorrow + 3 * DAY)])
    trial.plan = TopicRules(holidays=None, pre_due_days=(4, 3))
    assert trial.broken() == []


def test_a_call_too_soon_after_the_last_is_noticed() -> None:
    trial = Trial()
    trial.call(NOON)
    trial.call(NOON + HOUR - SECOND, "delivered")
    assert trial.broken() == ["a contact's calls are spaced as set"]


def test_a_call_outside_the_hours_is_noticed() -> None:
    trial = Trial()
    trial.call(NOON + 8 * HOUR)
    trial.call(NOON + DAY, "delivered")
    assert trial.broken() == ["every call began within its calling hours"]


def test_more_calls_in_a_day_than_the_debtor_s_budget_are_noticed() -> None:
    trial = a_good_day()
    trial.lane = replace(LANE, budget=Budget(per_debtor_day=1))
    assert trial.broken() == ["nobody is called more often in a day than the budgets allow"]


def test_more_calls_in_a_day_than_the_telephone_s_budget_are_noticed() -> None:
    trial = a_good_day()
    trial.lane = replace(LANE, budget=Budget(per_number_day=1))
    assert trial.broken() == ["nobody is called more often in a day than the budgets allow"]


def test_too_many_calls_in_a_second_and_at_once_are_noticed() -> None:
    trial = Trial()
    trial.lane = replace(LANE, rules=AttemptRules(3, timedelta(), 25 * SECOND))
    for each in range(3):
        trial.call(NOON + each * SECOND / 10, "delivered" if each else "busy", lasts=10 * SECOND)
    assert [what for what in trial.broken() if what.startswith("calls")] == [
        "calls in any second, at the carrier, stay within the limit",
        "calls at once, at the carrier, stay within the limit",
    ]


def test_a_contact_that_is_finished_before_its_attempts_are_used_up_is_noticed() -> None:
    given_up = "whoever is called no more heard the message or got every attempt"
    trial = Trial()
    trial.call(NOON)
    for reason in ("delivered", "exhausted", "no_number"):
        trial.contact = replace(trial.contact, finished=reason)
        assert trial.broken() == [given_up], reason
    trial.contact = replace(trial.contact, finished="exhausted", numbers={ANNA: "invalid_number"})
    assert trial.broken() == []


def test_somebody_who_waited_is_noticed() -> None:
    trial = a_good_day()
    trial.watch.longest_wait = 61 * SECOND
    assert trial.broken() == ["nobody past due waits over a minute while channels are free"]
