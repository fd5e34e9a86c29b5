"""Is a call-back made by whom it was agreed with, or in time by anybody, and only when a call is permitted?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.budgets import PastCall
from dialer.core.call_backs import Free, permitted
from dialer.core.choice import Candidate
from dialer.core.numbers import NumberingPlan
from dialer.core.retry import LastAttempt, Number, Stand
from dialer.core.rules import Rule
from dialer.model import (
    AgentRules,
    AttemptRules,
    Budget,
    CallingHours,
    Disposition,
    Lane,
    Mode,
    NumberType,
    Window,
)

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)  # a Monday
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = AgentRules(Mode.PROGRESSIVE, frozenset({"pl"}), 2 * MINUTE, HOUR, own_call_back_wait=10 * MINUTE)
NUMBER = Number("+48280000001", 1, 1, NumberType.MOBILE)
STAND = Stand([NUMBER], {Disposition.CONNECTED: 1}, LastAttempt(NUMBER.e164, Disposition.CONNECTED, NOON, NOON), 0)
AGREED = Candidate(1, 1, 1, "m", date(2026, 11, 23), STAND, appointment_at=NOON)
ANNAS = replace(AGREED, appointment_agent="anna")
BERT, CLEO = {"bert": {"pl"}}, {"cleo": {"de"}}
ANNA: dict[str, set[str]] = {"anna": set()}


def test_an_own_call_back_is_for_nobody_else_while_its_agent_may_come() -> None:
    assert Free(BERT | ANNA).take(ANNAS, RULES, NOON) == "anna", "whatever the skills: they have talked before"
    assert Free(BERT).take(ANNAS, RULES, NOON + 9 * MINUTE) is None
    assert Free(BERT).take(ANNAS, RULES, NOON + 10 * MINUTE) == "bert"
    assert Free(CLEO).take(ANNAS, RULES, NOON + 10 * MINUTE) is None


def test_anybodys_call_back_is_for_the_first_who_can_take_it() -> None:
    assert Free(CLEO | BERT).take(AGREED, RULES, NOON) == "bert"
    assert Free({}).take(AGREED, RULES, NOON) is None


@given(
    st.lists(st.sampled_from([None, "anna", "bert", "cleo"]), max_size=8),
    st.sets(st.sampled_from(["anna", "bert", "cleo"])),
    st.integers(0, 20),
)
def test_no_agent_takes_two_calls_at_once(own: list[str | None], free: set[str], minutes: int) -> None:
    agents = Free({name: {"pl"} for name in sorted(free)})
    now = NOON + minutes * MINUTE
    taken = [agents.take(replace(AGREED, appointment_agent=each), RULES, now) for each in own]
    chosen = [each for each in taken if each is not None]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= free
    for wanted, given_to in zip(own, taken, strict=True):
        assert wanted in (None, given_to) or given_to is None or minutes >= 10


DAY = {day: (Window(time(9), time(18)),) for day in range(1, 6)}
LANE = Lane(
    1, "RENT", None, CallingHours(DAY, ZoneInfo("Europe/Warsaw")), AttemptRules(3, HOUR, MINUTE), "+48380000001", 1,
    Budget(per_debtor_day=1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "first", "rule"),
    [
        (NOON + HOUR, NOON + HOUR, Rule.WRAP_UP),
        (NOON + 8 * HOUR, datetime(2026, 11, 24, 8, tzinfo=UTC), Rule.OUTSIDE_WINDOW),
    ],
)
def test_a_call_back_is_agreed_for_when_a_call_is_permitted(at: datetime, first: datetime, rule: Rule) -> None:
    following = permitted(AGREED, LANE, NumberingPlan.TEST, at)
    assert (following.at, following.binding) == (first, rule)


def test_a_call_back_is_no_way_around_the_limit_of_a_day() -> None:
    called = replace(AGREED, debtor_calls=[PastCall(NUMBER.e164, NOON - HOUR, NOON, was_answered=True)])
    following = permitted(called, LANE, NumberingPlan.TEST, NOON + HOUR)
    assert following.at == datetime(2026, 11, 24, 8, tzinfo=UTC)
