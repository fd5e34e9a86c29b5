from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dialer.core import choice, gate, retry, why
from dialer.core.budgets import PastCall
from dialer.core.choice import Candidate, Wait
from dialer.core.numbers import NumberingPlan
from dialer.core.retry import Done, LastAttempt, Number, Stand
from dialer.core.rules import Rule
from dialer.model import (
    AttemptRules,
    Budget,
    CallingHours,
    Disposition,
    FinishReason,
    Lane,
    NumberType,
    RetryRule,
    Then,
    Turns,
    Window,
)
from tests.dialer.core.test_budgets import is_within
from tests.dialer.core.test_windows import is_open_slowly

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=WARSAW).astimezone(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOBILE = Number("+48280000001", 1, 0, NumberType.MOBILE)
FIXED = Number("+48384000001", 2, 0, NumberType.FIXED)
OFFICE = CallingHours({day: (Window(time(8), time(20)),) for day in range(1, 6)}, WARSAW, "PL")
RULES = AttemptRules(per_number=3, spacing=HOUR, ring_time=timedelta(seconds=25))
NOBODY = Stand((), {}, None, 0)


def lane(**changes: Any) -> Lane:
    made = Lane(1, "RENT", None, OFFICE, RULES, "+48380000005", 100)
    return replace(made, **changes)


def contact(*numbers: Number, **known: Any) -> Candidate:
    return Candidate(1, 1, 0, "spoken", MONDAY.date(), replace(NOBODY, numbers=numbers), **known)


def choose(candidate: Candidate, of: Lane, now: datetime = MONDAY) -> Number | Wait | Done:
    return choice.choose(candidate, of, NumberingPlan.TEST, now)


def called(number: Number, at: datetime = MONDAY - HOUR) -> PastCall:
    return PastCall(number.e164, at, at + timedelta(seconds=30), disposition=Disposition.NO_ANSWER)


def test_a_number_whose_budget_is_used_up_leaves_the_turn_to_the_next() -> None:
    shared = {MOBILE.e164: [called(MOBILE)]}

    assert choose(contact(MOBILE, FIXED, number_calls=shared), lane(budget=Budget(per_number_day=1))) == FIXED


def test_when_every_number_is_used_up_the_first_that_is_free_again_is_waited_for() -> None:
    calls = {MOBILE.e164: [called(MOBILE)], FIXED.e164: [called(FIXED, MONDAY - 2 * HOUR)]}

    answer = choose(contact(MOBILE, FIXED, number_calls=calls), lane(budget=Budget(gap=3 * HOUR)))

    assert answer == Wait(MONDAY + HOUR, Rule.GAP)


def test_whoever_asked_not_to_be_called_is_done() -> None:
    assert choose(contact(MOBILE, is_suppressed=True), lane()) == Done(FinishReason.DO_NOT_CALL)
    assert choose(contact(replace(MOBILE, retired="do_not_call")), lane()) == Done(FinishReason.DO_NOT_CALL)
    assert choose(contact(replace(MOBILE, retired="do_not_call"), FIXED), lane()) == FIXED


def talked(number: Number, at: datetime, appointment_at: datetime) -> Candidate:
    """Somebody whose last allowed attempt was a talk, in which a moment was agreed."""
    used_up = replace(number, attempts=RULES.per_number)
    last = LastAttempt(number.e164, Disposition.CONNECTED, at, at)
    past = [PastCall(number.e164, at, at, was_answered=True, disposition=Disposition.CONNECTED)]
    known = contact(used_up, FIXED, debtor_calls=past, appointment_at=appointment_at)
    return replace(known, stand=replace(known.stand, last=last))


def test_an_appointment_is_kept_on_the_number_it_was_made_on_whatever_the_plan_says() -> None:
    soon = talked(MOBILE, MONDAY - HOUR / 4, MONDAY)
    resting = lane(budget=Budget(gap=HOUR, rest_after_conversation=7 * DAY))
    chosen = choose(soon, resting)
    assert isinstance(chosen, Number)
    assert chosen.e164 == MOBILE.e164
    assert choose(replace(soon, appointment_at=None), resting) == Wait(MONDAY + 3 * HOUR / 4, Rule.SPACING)


def test_whoever_has_called_us_is_called_back_on_that_number_though_we_never_called_it() -> None:
    called_us = PastCall(FIXED.e164, MONDAY - HOUR, MONDAY - HOUR, is_inbound=True)
    asking = contact(MOBILE, FIXED, appointment_at=MONDAY, debtor_calls=[called_us])
    resting = lane(budget=Budget(gap=2 * HOUR, rest_after_conversation=DAY))

    assert choose(replace(asking, appointment_number=FIXED.e164), resting) == FIXED
    assert isinstance(choose(asking, resting), Wait)


def test_an_appointment_is_no_way_around_the_limit_of_a_day() -> None:
    answer = choose(talked(MOBILE, MONDAY - HOUR / 4, MONDAY), lane(budget=Budget(per_debtor_day=1)))
    assert isinstance(answer, Wait)
    assert answer.rule is Rule.DEBTOR_DAY


def test_a_number_that_is_never_dialled_is_not_chosen_however_it_came_there() -> None:
    emergency = Number("+48112", 1, 0, NumberType.FIXED)

    assert choose(contact(emergency, FIXED), lane()) == FIXED
    assert choose(contact(emergency), lane()) == Done(FinishReason.NO_NUMBER)


def test_a_spacing_that_was_made_longer_holds_for_whoever_is_due() -> None:
    stand = retry.stand_after(Stand([MOBILE], {}, None, 0), MOBILE.e164, Disposition.BUSY, MONDAY, MONDAY, counted=True)
    candidate = replace(contact(), stand=stand)

    assert choose(candidate, lane(), MONDAY + HOUR) == replace(MOBILE, attempts=1)
    assert choose(candidate, lane(rules=replace(RULES, spacing=2 * HOUR)), MONDAY + HOUR) == Wait(
        MONDAY + 2 * HOUR, Rule.SPACING
    )


# ---- whatever is planned, edited and answered ------------------------------------------------------------

ZONES = st.sampled_from([WARSAW, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
TIMES = st.integers(0, 23).map(time)
WINDOWS = st.builds(lambda a, b: () if a == b else (Window(min(a, b), max(a, b)),), TIMES, TIMES)
HOURS = st.builds(
    CallingHours, st.dictionaries(st.integers(1, 7), WINDOWS, min_size=4), ZONES, st.sampled_from([None, "PL"])
)
LIMITS = st.none() | st.integers(1, 4)
BUDGETS = st.builds(
    Budget,
    per_debtor_day=LIMITS,
    per_debtor_7_days=LIMITS,
    per_number_day=LIMITS,
    per_number_7_days=LIMITS,
    gap=st.sampled_from([timedelta(), HOUR, 5 * HOUR]),
    answered_per_day=LIMITS,
    rest_after_conversation=st.sampled_from([timedelta(), 3 * DAY]),
)
RETRIES = st.dictionaries(
    st.sampled_from([Disposition.BUSY, Disposition.NO_ANSWER]),
    st.builds(
        RetryRule,
        st.none() | st.sampled_from([timedelta(minutes=10), 30 * HOUR]),
        LIMITS,
        st.sampled_from(Then),
    ),
)
RULE_SETS = st.builds(
    AttemptRules,
    per_number=st.integers(1, 4),
    spacing=st.sampled_from([timedelta(minutes=30), HOUR, 26 * HOUR]),
    ring_time=st.just(timedelta(seconds=25)),
    turns=st.sampled_from(Turns),
    retry=RETRIES,
)
LANES = st.builds(lambda hours, rules, budget: lane(hours=hours, rules=rules, budget=budget), HOURS, RULE_SETS, BUDGETS)
OUTCOMES = st.sampled_from(
    [
        Disposition.BUSY,
        Disposition.NO_ANSWER,
        Disposition.HUNG_UP,
        Disposition.INVALID_NUMBER,
        Disposition.NOT_PLACED,
        Disposition.CONGESTION,
    ]
)
STARTS = st.datetimes(datetime(2026, 10, 20), datetime(2026, 12, 20), timezones=st.just(UTC))  # noqa: DTZ001


@dataclass
class Life:
    """A contact that is called by plans which change under way; an observer writes down what reached a telephone."""

    stand: Stand
    log: list[PastCall] = field(default_factory=list)
    course: list[tuple[str, Disposition]] = field(default_factory=list)  # of the calls that left us

    def candidate(self) -> Candidate:
        by_number = {n.e164: [c for c in self.log if c.number == n.e164] for n in self.stand.numbers}
        return replace(contact(), stand=self.stand, debtor_calls=self.log, number_calls=by_number)

    def call(self, number: Number, outcome: Disposition, now: datetime) -> None:
        ended = now + timedelta(seconds=30)
        counted = retry.counts(self.stand, number.e164, outcome, has_rung=False)
        self.stand = retry.stand_after(self.stand, number.e164, outcome, now, ended, counted=counted)
        if outcome is Disposition.NOT_PLACED:
            return
        self.course.append((number.e164, outcome))
        if not self._found_no_room():
            answered = outcome is Disposition.HUNG_UP
            self.log.append(PastCall(number.e164, now, ended, answered, outcome))

    def _found_no_room(self) -> bool:
        """Whether the last call met a network without room, no more than five times in a row on its number."""
        on_number = [outcome for e164, outcome in self.course if e164 == self.course[-1][0]]
        return on_number[-1] is Disposition.CONGESTION and on_number[-6:].count(Disposition.CONGESTION) != 6


def is_allowed(life: Life, number: str, plan: Lane, now: datetime) -> bool:
    """Slow, and obviously right: may that number ring now, by the plan of this moment and what the observer saw?"""
    on_number = [call for call in life.log if call.number == number]
    per_number = Budget(
        per_debtor_day=plan.budget.per_number_day, per_debtor_7_days=plan.budget.per_number_7_days, gap=plan.budget.gap
    )
    last = max(life.log, key=lambda call: call.started_at, default=None)
    rule = plan.rules.retry.get(last.disposition, RetryRule()) if last and last.disposition else RetryRule()
    wait = plan.rules.spacing if rule.wait is None else rule.wait
    return (
        is_open_slowly(plan.hours, now)
        and len(on_number) < plan.rules.per_number
        and all(call.disposition is not Disposition.INVALID_NUMBER for call in on_number)
        and (last is None or now >= last.started_at + wait)
        and (last is None or rule.then is not Then.STOP)
        and is_within(plan.budget, life.log, plan.hours.timezone, now)
        and is_within(per_number, on_number, plan.hours.timezone, now)
    )


@given(LANES, st.lists(st.tuples(LANES, OUTCOMES, st.booleans()), max_size=12), STARTS, st.integers(1, 3))
def test_no_plan_edit_holiday_or_clock_change_leads_to_a_call_that_is_not_allowed(
    plan: Lane, course: Sequence[tuple[Lane, Disposition, bool]], now: datetime, numbers: int
) -> None:
    life = Life(Stand([Number(f"+4828000000{n}", n, 0, NumberType.MOBILE) for n in range(1, numbers + 1)], {}, None, 0))
    for edited, outcome, is_edited in course:
        plan = edited if is_edited else plan
        following = why.next_possible(life.candidate(), plan, NumberingPlan.TEST, now)
        if following.at is None:
            continue
        now = following.at
        assert gate.closed_by(plan, now) is None
        number = choose(life.candidate(), plan, now)
        assert isinstance(number, Number)
        assert is_allowed(life, number.e164, plan, now)
        life.call(number, outcome, now)
        now += timedelta(seconds=30)


@given(LANES, LANES, st.lists(st.tuples(OUTCOMES, st.timedeltas(timedelta(), DAY)), max_size=6), STARTS)
def test_whatever_is_refused_now_is_not_allowed_and_nothing_allowed_is_refused(
    plan: Lane, edited: Lane, course: Sequence[tuple[Disposition, timedelta]], now: datetime
) -> None:
    life = Life(Stand([Number("+48280000001", 1, 0, NumberType.MOBILE)], {}, None, 0))
    for outcome, later in course:
        number = choose(life.candidate(), plan, now)
        is_open = gate.closed_by(plan, now) is None
        at_most = any(
            rule.at_most and sum(call.disposition is each for call in life.log) >= rule.at_most
            for each, rule in plan.rules.retry.items()
        )
        assert (isinstance(number, Number) and is_open) == (is_allowed(life, "+48280000001", plan, now) and not at_most)
        if isinstance(number, Number) and is_open:
            life.call(number, outcome, now)
        now += timedelta(seconds=30) + later
        plan, edited = edited, plan
