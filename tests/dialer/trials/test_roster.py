from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.adapters.simulated.shifts import Shift, Span
from dialer.trials.roster import RosterProblem, last_end, read_roster, staffing

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, tzinfo=WARSAW).astimezone(UTC)
HOUR = timedelta(hours=1)


def read(*rows: str, header: str = "agent,from,to,breaks", day: date = MONDAY) -> list[Shift]:
    return read_roster([f"{row}\n" for row in (header, *rows)], day, WARSAW)


def hours(steps: list[tuple[float, int]]) -> list[tuple[float, int]]:
    return [(since / 3600, agents) for since, agents in steps]


def test_agents_come_take_breaks_and_go() -> None:
    shifts = read("anna,09:00,17:00,11:00-11:15 13:00-13:30", "bert,12:00,20:00,")

    assert hours(staffing(shifts, NINE)) == [
        (0, 1), (2, 0), (2.25, 1), (3, 2), (4, 1), (4.5, 2), (8, 1), (11, 0),
    ]  # fmt: skip
    assert last_end(shifts) == NINE + 11 * HOUR


def test_who_came_before_is_there_at_the_beginning() -> None:
    assert hours(staffing(read("anna,06:00,10:00,08:45-09:15"), NINE)) == [(0, 0), (0.25, 1), (1, 0)]


def test_a_night_goes_on_after_midnight() -> None:
    [shift] = read("anna,20:00,04:00,23:50-00:10 02:00-02:15")

    assert shift.span == Span(NINE + 11 * HOUR, NINE + 19 * HOUR)
    assert [(pause.begins - NINE) / HOUR for pause in shift.breaks] == pytest.approx([14 + 5 / 6, 17])


def test_a_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    [shift] = read("anna,22:00,06:00,", day=date(2026, 10, 24))

    assert shift.span.ends - shift.span.begins == 9 * HOUR


def test_excel_s_semicolons_and_rosters_without_breaks_are_read() -> None:
    assert read("anna;09:00;17:00", header="agent;from;to") == read("anna,09:00,17:00,")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["anna,9,17:00,"], "row 2, anna: a time is like 09:00, not 9"),
        (["anna,09:00,,"], "row 2, anna: a time is like 09:00, not empty"),
        (["anna,09:00,17:00,", ",09:00,17:00,"], "row 3: agent is empty"),
        (["anna,09:00,17:00,11:00"], "a break is like 11:00-11:15, not 11:00"),
        (["anna,09:00,17:00,16:50-17:10"], "the break 16:50-17:10 lies outside the shift"),
        (["anna,09:00,17:00,11:00-12:00 11:30-12:30"], "two breaks are at the same time"),
        (["anna,09:00,13:00,", "bert,09:00,13:00,", "anna,12:00,17:00,"], "two shifts of anna are at the same time"),
        ([], "nobody has a shift"),
    ],
)
def test_a_roster_that_makes_no_sense_is_refused(rows: list[str], complaint: str) -> None:
    with pytest.raises(RosterProblem, match=complaint):
        read(*rows)


def test_a_roster_names_its_columns() -> None:
    with pytest.raises(RosterProblem, match="from, to is missing"):
        read(header="agent,begin,end")


spans = st.tuples(st.integers(0, 600), st.integers(1, 300), st.integers(0, 299), st.integers(1, 60)).map(
    lambda figures: (figures[0], figures[1], min(figures[2], figures[1] - 1), figures[3])
)


@given(st.lists(spans, max_size=8), st.integers(-60, 900))
def test_as_many_are_there_as_have_come_and_neither_gone_nor_pause(
    made: list[tuple[int, int, int, int]], minute: int
) -> None:
    """Against the slow way: look at every shift and break."""

    def at(minutes: int) -> datetime:
        return NINE + timedelta(minutes=minutes)

    def shift(name: str, first: int, long: int, off: int, pause: int) -> Shift:
        last = first + long
        return Shift(name, Span(at(first), at(last)), (Span(at(first + off), at(min(first + off + pause, last))),))

    shifts = [shift(str(n), *figures) for n, figures in enumerate(made)]
    there = sum(
        shift.span.begins <= at(max(minute, 0)) < shift.span.ends
        and not any(pause.begins <= at(max(minute, 0)) < pause.ends for pause in shift.breaks)
        for shift in shifts
    )
    steps = staffing(shifts, NINE)
    assert steps[0][0] == 0
    assert [agents for since, agents in steps if since <= max(minute, 0) * 60][-1] == there
