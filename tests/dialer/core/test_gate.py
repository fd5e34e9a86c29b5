from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.core.gate import call_refusal, lane_refusal
from dialer.core.numbers import NumberingPlan
from dialer.core.rules import Refusal, Rule
from dialer.model import AttemptRules, CallingHours, Lane, Window

OFFICE = dict.fromkeys(range(1, 6), (Window(time(8), time(20)),))
LANE = Lane(
    1, "RENT", None, CallingHours(OFFICE, ZoneInfo("Europe/Warsaw"), "PL"),
    AttemptRules(3, timedelta(hours=1), timedelta(seconds=25)), "+48380000005", 100,
)  # fmt: skip
MONDAY_NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 11, 23, 21, tzinfo=UTC)
NUMBER = "+48280000001"


def refusal(
    lane: Lane | None = LANE,
    number: str = NUMBER,
    plan: NumberingPlan = NumberingPlan.TEST,
    now: datetime = MONDAY_NOON,
    has_message: bool = True,
) -> Refusal | None:
    return call_refusal(lane, number, plan, now, has_message=has_message)


def test_a_number_is_called_at_a_permitted_time() -> None:
    assert refusal() is None


def test_nobody_is_called_unless_the_campaign_runs() -> None:
    assert refusal(lane=None) == Refusal(Rule.CAMPAIGN_NOT_RUNNING)


def test_nobody_is_called_at_night_and_the_refusal_says_until_when() -> None:
    assert refusal(now=MONDAY_NIGHT) == Refusal(Rule.OUTSIDE_WINDOW, datetime(2026, 11, 24, 7, tzinfo=UTC))


def test_nobody_is_called_where_no_window_is_left() -> None:
    over = replace(LANE, hours=replace(LANE.hours, not_after=MONDAY_NOON))
    assert refusal(lane=over) == Refusal(Rule.OUTSIDE_WINDOW, None)


def test_nobody_is_called_in_a_country_whose_holidays_are_unknown() -> None:
    unknown = replace(LANE, hours=replace(LANE.hours, holidays="XX"))
    assert lane_refusal(unknown, MONDAY_NOON) == Refusal(Rule.NO_CALENDAR)


@pytest.mark.parametrize("number", ["+48112", "112", "+48700123456", "+8816123456", NUMBER])
def test_some_numbers_are_never_dialled(number: str) -> None:
    assert refusal(number=number, plan=NumberingPlan.PL) == Refusal(Rule.NUMBER_NEVER_DIALLED)


def test_nobody_is_called_to_hear_silence() -> None:
    assert refusal(has_message=False) == Refusal(Rule.NO_MESSAGE)
