"""Whatever happens to a contact, does it end, and are its attempts where others have worked them out?"""

import json
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.retry import (
    Done,
    Number,
    Stand,
    counts,
    earliest,
    next_step,
    number_to_call,
    stand_after,
)
from dialer.core.windows import next_open
from dialer.model import (
    AttemptRules,
    CallingHours,
    Disposition,
    NumberType,
    RetryRule,
    Then,
    Turns,
    Window,
)

D = Disposition
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = AttemptRules(per_number=3, spacing=HOUR, ring_time=timedelta(seconds=25))
MOBILE = Number("+48280000001", 1, 0, NumberType.MOBILE)


def stand(*numbers: Number, **facts: Any) -> Stand:
    plain: dict[str, Any] = {"outcomes": {}, "last": None, "uncounted": 0}
    return Stand(numbers, **plain | facts)


# ---- every plan, every story ---------------------------------------------------------------------

OUTCOMES = sorted(set(D) - {D.DELIVERED})
stories = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 5000)), min_size=200, max_size=200)
retry_rules = st.builds(
    RetryRule,
    wait=st.none() | st.timedeltas(MINUTE, 5 * HOUR),
    at_most=st.none() | st.integers(1, 5),
    then=st.sampled_from(Then),
)
plans = st.builds(
    AttemptRules,
    per_number=st.integers(1, 5),
    spacing=st.timedeltas(MINUTE, 5 * HOUR),
    ring_time=st.just(timedelta(seconds=25)),
    order=st.lists(st.sampled_from(NumberType), unique=True),
    turns=st.sampled_from(Turns),
    retry=st.dictionaries(st.sampled_from(sorted(set(OUTCOMES) - {D.NOT_PLACED, D.WITHDRAWN})), retry_rules),
)


def is_another_if_asked_for(number: Number, contact: Stand, rules: AttemptRules) -> bool:
    rule = rules.retry.get(contact.last.outcome) if contact.last and contact.last.outcome else None
    if rule is None or rule.then is not Then.NEXT_NUMBER or contact.last is None:
        return True
    others = [each for each in contact.numbers if each.e164 != contact.last.number]
    return number.e164 != contact.last.number or number_to_call(others, rules) is None


@given(stories, plans, st.lists(st.sampled_from(NumberType), min_size=1, max_size=5))
def test_whatever_happens_a_contact_ends_and_no_number_is_called_too_often(
    story: list[tuple[Disposition, int]], rules: AttemptRules, types: list[NumberType]
) -> None:
    contact = stand(*(Number(f"+4828000000{n}", n, 0, kind) for n, kind in enumerate(types)))
    now, made = START, []
    for outcome, lasted in story:
        number = number_to_call(contact.numbers, rules, contact.last)
        assert number is not None
        assert now >= earliest(contact, rules)
        assert is_another_if_asked_for(number, contact, rules)
        ended_at = now + timedelta(seconds=lasted)
        counted = counts(contact, number.e164, outcome, has_rung=False)
        if counted:
            made.append((now, number.e164, outcome))
        contact = stand_after(contact, number.e164, outcome, now, ended_at, counted=counted)
        decided = next_step(contact, rules, outcome, ended_at, counted=counted)
        if isinstance(decided, Done):
            break
        assert decided.due_at >= ended_at
        now = decided.due_at
    else:
        pytest.fail("called for ever")
    for number in contact.numbers:
        assert sum(e164 == number.e164 for _, e164, _ in made) == number.attempts <= rules.per_number
    for (earlier, _, outcome), (later, _, _) in pairwise(made):
        rule = rules.retry.get(outcome, RetryRule())
        assert later - earlier >= (rules.spacing if rule.wait is None else rule.wait)
        assert rule.then is not Then.STOP
    for outcome, rule in rules.retry.items():
        assert rule.at_most is None or sum(each[2] is outcome for each in made) <= rule.at_most


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
    contact, moments = stand(MOBILE), []
    while True:
        moment = next_open(hours, due)
        assert moment is not None
        moments.append(moment)
        contact = stand_after(contact, MOBILE.e164, D.NO_ANSWER, moment, moment + rules.ring_time, counted=True)
        decided = next_step(contact, rules, D.NO_ANSWER, moment + rules.ring_time, counted=True)
        if isinstance(decided, Done):
            return moments
        due = decided.due_at


def test_there_are_vectors() -> None:
    assert len(vectors()) >= 9


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["name"])
def test_the_attempts_take_place_at_the_moments_worked_out(vector: Vector) -> None:
    assert planned(vector) == [datetime.fromisoformat(moment) for moment in vector["expected"]]
