from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.grammar import date_heard_on
from audio.polish.dates import (
    clock_genitive,
    delay,
    greeting,
    opening_hours,
    until_weekday,
)
from audio.polish.grammar import Polish
from audio.values import OpeningHours

GRAMMAR = Polish()
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 31), "trzydziestego pierwszego grudnia"),
        (date(2027, 12, 31), "trzydziestego pierwszego grudnia"),
        (date(2028, 1, 1), "pierwszego stycznia dwa tysiące dwudziestego ósmego roku"),
        (date(2025, 12, 31), "trzydziestego pierwszego grudnia dwa tysiące dwudziestego piątego roku"),
    ],
)
def test_the_year_is_said_unless_it_is_this_one_or_the_next(day: date, words: str) -> None:
    assert date_heard_on(GRAMMAR, day, TODAY) == words


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_no_two_days_sound_alike(day: date) -> None:
    longest_ago = date(1800, 1, 1)
    assert date_heard_on(GRAMMAR, day, longest_ago) != date_heard_on(GRAMMAR, day + timedelta(days=1), longest_ago)


def test_a_promise_is_kept_until_a_weekday() -> None:
    assert until_weekday(date(2026, 11, 27), "dwudziestego siódmego listopada") == (
        "piątku, dwudziestego siódmego listopada"
    )


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        ({1, 2, 3, 4, 5}, "w dni robocze"),
        ({1, 2, 3, 4, 5, 6, 7}, "codziennie"),
        ({1, 2, 3, 4, 5, 6}, "od poniedziałku do soboty"),
        ({2, 4}, "we wtorek i w czwartek"),
        ({1, 3, 5}, "w poniedziałek, w środę i w piątek"),
        ({7}, "w niedzielę"),
    ],
)
def test_opening_hours_name_their_days(weekdays: set[int], words: str) -> None:
    hours = OpeningHours(frozenset(weekdays), time(8), time(18, 30))

    assert opening_hours(hours) == f"{words} od godziny ósmej do godziny osiemnastej trzydzieści"


@pytest.mark.parametrize("weekdays", [set(), {0}, {8}])
def test_opening_hours_without_a_real_day_are_refused(weekdays: set[int]) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        OpeningHours(frozenset(weekdays), time(8), time(18))


def test_few_minutes_past_the_hour_keep_their_zero() -> None:
    assert clock_genitive(time(8, 5)) == "ósmej zero pięć"


@pytest.mark.parametrize("days", [timedelta(days=-1), timedelta(hours=12)])
def test_a_delay_is_whole_days(days: timedelta) -> None:
    with pytest.raises(ValueError, match="whole number of days"):
        delay(days)


def test_the_evening_begins_at_six() -> None:
    assert [greeting(time(17, 59)), greeting(time(18))] == ["Dzień dobry", "Dobry wieczór"]
