import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.dispositions import counts
from dialer.core.retry import (
    LONGEST_UNPLACED_WAIT,
    UNPLACED_WAIT,
    Again,
    Done,
    Number,
    next_step,
    number_after,
    number_to_call,
)
from dialer.core.windows import next_open
from dialer.model import AttemptRules, CallingHours, Disposition, FinishReason, Window

D = Disposition
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = START + timedelta(seconds=25)
HOUR = timedelta(hours=1)
RULES = AttemptRules(per_number=3, spacing=HOUR, ring_time=timedelta(seconds=25))
MOBILE, FIXED = Number("+48280000001", 1, 0), Number("+48384000001", 2, 0)


def tried(number: Number, attempts: int) -> Number:
    return replace(number, attempts=attempts)


def step(outcome: Disposition, *numbers: Number, uncounted: int = 0, ended_at: datetime = END) -> Again | Done:
    return next_step(outcome, numbers or (tried(MOBILE, 1),), RULES, START, ended_at, uncounted)


# ---- which number --------------------------------------------------------------------------------


def test_the_first_number_is_called_first() -> None:
    assert number_to_call([FIXED, MOBILE], RULES) == MOBILE


def test_numbers_take_turns() -> None:
    assert number_to_call([tried(MOBILE, 1), FIXED], RULES) == FIXED
    assert number_to_call([tried(MOBILE, 1), tried(FIXED, 1)], RULES) == tried(MOBILE, 1)


def test_a_number_is_called_no_more_than_allowed() -> None:
    assert number_to_call([tried(MOBILE, 3), tried(FIXED, 2)], RULES) == tried(FIXED, 2)
    assert number_to_call([tried(MOBILE, 3), tried(FIXED, 4)], RULES) is None


def test_a_retired_number_is_not_called() -> None:
    assert number_to_call([replace(MOBILE, retired="invalid_number"), FIXED], RULES) == FIXED


def test_nobody_without_numbers_is_called() -> None:
    assert number_to_call([], RULES) is None


@pytest.mark.parametrize("outcome", D)
def test_an_attempt_is_charged_to_its_number_unless_it_never_left(outcome: Disposition) -> None:
    assert number_after(MOBILE, outcome).attempts == (outcome not in (D.NOT_PLACED, D.WITHDRAWN))


def test_an_invalid_number_is_retired() -> None:
    assert number_after(MOBILE, D.INVALID_NUMBER).retired == "invalid_number"
    assert number_after(replace(MOBILE, retired="not_listed"), D.BUSY).retired == "not_listed"


# ---- what follows --------------------------------------------------------------------------------


def test_whoever_heard_the_message_is_called_no_more() -> None:
    assert step(D.DELIVERED, MOBILE, FIXED) == Done(FinishReason.DELIVERED)


@pytest.mark.parametrize("outcome", sorted(set(D) - {D.DELIVERED, D.NOT_PLACED, D.WITHDRAWN}))
def test_the_next_attempt_starts_an_hour_after_the_start_of_the_last(outcome: Disposition) -> None:
    assert step(outcome) == Again(START + HOUR)


def test_a_call_that_lasted_longer_than_the_spacing_is_over_first() -> None:
    late = START + 2 * HOUR
    assert step(D.HUNG_UP, ended_at=late) == Again(late)


def test_a_call_that_never_left_is_tried_again_soon() -> None:
    assert step(D.NOT_PLACED, MOBILE) == Again(END + UNPLACED_WAIT)


def test_a_withdrawn_attempt_is_due_at_once() -> None:
    assert step(D.WITHDRAWN, MOBILE) == Again(END)


@pytest.mark.parametrize(("uncounted", "minutes"), [(0, 1), (1, 2), (5, 32), (6, 60), (7, 60), (10_000, 60)])
def test_a_contact_whose_calls_never_leave_is_tried_less_and_less_often(uncounted: int, minutes: int) -> None:
    assert step(D.NOT_PLACED, MOBILE, uncounted=uncounted) == Again(END + timedelta(minutes=minutes))
    assert timedelta(minutes=minutes) <= LONGEST_UNPLACED_WAIT


def test_calls_that_never_left_do_not_count_against_those_that_do() -> None:
    assert step(D.BUSY, uncounted=10_000) == Again(START + HOUR)


def test_the_last_allowed_attempt_ends_the_contact() -> None:
    assert step(D.NO_ANSWER, tried(MOBILE, 3), tried(FIXED, 3)) == Done(FinishReason.EXHAUSTED)


def test_a_contact_with_invalid_numbers_only_has_no_number() -> None:
    gone = number_after(MOBILE, D.INVALID_NUMBER)
    assert step(D.INVALID_NUMBER, gone) == Done(FinishReason.NO_NUMBER)
    assert step(D.INVALID_NUMBER, gone, tried(FIXED, 3)) == Done(FinishReason.EXHAUSTED)
    assert step(D.INVALID_NUMBER, gone, FIXED) == Again(START + HOUR)


outcomes = st.lists(st.sampled_from(sorted(set(D) - {D.DELIVERED})), min_size=200, max_size=200)


@given(outcomes, st.integers(1, 5), st.integers(1, 5))
def test_whatever_happens_a_contact_ends_and_no_number_is_called_too_often(
    story: list[Disposition], count: int, per_number: int
) -> None:
    rules = replace(RULES, per_number=per_number)
    numbers = [Number(f"+4828000000{n}", n, 0) for n in range(count)]
    calls: dict[str, int] = {}
    now, uncounted, starts = START, 0, []
    for outcome in story:
        number = number_to_call(numbers, rules)
        assert number is not None
        calls[number.e164] = calls.get(number.e164, 0) + counts(outcome)
        starts += [now] if counts(outcome) else []
        numbers[number.position] = number_after(number, outcome)
        decided = next_step(outcome, numbers, rules, now, now + timedelta(seconds=5), uncounted)
        uncounted += not counts(outcome)
        if isinstance(decided, Done):
            break
        now = decided.due_at
    else:
        pytest.fail("called for ever")
    assert all(times <= per_number for times in calls.values())
    assert all(later - earlier >= rules.spacing for earlier, later in pairwise(starts))


# ---- moments that others worked out --------------------------------------------------------------

Vector = dict[str, Any]


def vectors() -> list[Vector]:
    """Those of the plain rules: budgets per debtor, day and week are another module's question."""
    path = Path(__file__).parents[2] / "fixtures" / "schedule_vectors.json"
    rows: list[Vector] = json.loads(path.read_text("utf-8"))["attempts"]
    return [row for row in rows if row["max_per_day"] is None and row["max_per_7_days"] is None]


def planned(vector: Vector) -> list[datetime]:
    """When the attempts of a contact that never answers take place."""
    hours = CallingHours(
        {
            int(day): tuple(Window(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans)
            for day, spans in vector["windows"].items()
        },
        ZoneInfo(vector["timezone"]),
        vector["holidays"],
    )
    rules = AttemptRules(vector["attempts"], timedelta(minutes=vector["gap_minutes"]), timedelta(seconds=25))
    due = datetime.fromisoformat(vector["start_warsaw"]).replace(tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)
    numbers, moments = [MOBILE], []
    while True:
        moment = next_open(hours, due)
        assert moment is not None
        moments.append(moment)
        numbers = [number_after(numbers[0], D.NO_ANSWER)]
        decided = next_step(D.NO_ANSWER, numbers, rules, moment, moment + rules.ring_time, 0)
        if isinstance(decided, Done):
            return moments
        due = decided.due_at


def test_there_are_vectors() -> None:
    assert len(vectors()) >= 9


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["name"])
def test_the_attempts_take_place_at_the_moments_worked_out(vector: Vector) -> None:
    assert planned(vector) == [datetime.fromisoformat(moment) for moment in vector["expected"]]
