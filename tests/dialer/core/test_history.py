from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dialer.core import budgets, history
from dialer.core.budgets import PastCall
from dialer.model import UNCALLED, AgentRules, Budget, Lane, Mode, Record
from tests.dialer.core.test_choice import lane

WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 11, 23, 12, tzinfo=WARSAW)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def call(at: datetime, *, answered: bool = False) -> PastCall:
    return PastCall("+48280000001", at, at + timedelta(seconds=30), answered)


def test_of_a_number_that_was_never_called_nothing_is_known() -> None:
    assert history.record([], WARSAW, NOON) == UNCALLED


def test_answers_are_known_by_how_many_and_at_what_hour() -> None:
    past = [call(NOON - DAY, answered=True), call(NOON - DAY + 7 * HOUR), call(NOON - 2 * DAY - 2 * HOUR)]

    assert history.record(past, WARSAW, NOON) == Record(3, 1, 2, 1)


def test_a_call_under_way_has_shown_nothing_yet() -> None:
    assert history.record([replace(call(NOON), ended_at=None)], WARSAW, NOON) == UNCALLED


def test_what_is_old_tells_nothing() -> None:
    assert history.record([call(NOON - 28 * DAY, answered=True)], WARSAW, NOON) == UNCALLED


def test_the_hour_is_the_callees() -> None:
    evening = [call(NOON - DAY + 8 * HOUR, answered=True)]

    assert history.record(evening, ZoneInfo("America/New_York"), NOON + 8 * HOUR) == Record(1, 1, 1, 1)
    assert history.record(evening, WARSAW, NOON) == Record(1, 1, 0, 0)


def test_an_hour_after_midnight_is_about_one_before_it() -> None:
    assert history.is_about(23, 1)
    assert not history.is_about(22, 1)


def test_only_who_foresees_answers_looks_back_further_than_budgets_do() -> None:
    def with_agents(mode: Mode) -> Lane:
        return lane(agents=AgentRules(mode, frozenset(), timedelta(seconds=2), timedelta(seconds=60)))

    assert history.horizon(lane()) == history.horizon(with_agents(Mode.PROGRESSIVE)) == budgets.horizon(Budget())
    assert history.horizon(with_agents(Mode.PREDICTIVE)) == history.TELLING
    long = replace(with_agents(Mode.PREDICTIVE), budget=Budget(rest_after_conversation=60 * DAY))
    assert history.horizon(long) == 60 * DAY


MOMENTS = st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 23), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(st.tuples(MOMENTS, st.booleans()), max_size=10))
def test_a_record_never_shows_more_answers_than_calls_or_more_at_an_hour_than_in_all(
    made: list[tuple[datetime, bool]],
) -> None:
    shown = history.record([call(at, answered=answered) for at, answered in made], WARSAW, NOON)

    assert 0 <= shown.answers_about_now <= shown.calls_about_now <= shown.calls <= len(made)
    assert shown.answers_about_now <= shown.answers <= shown.calls
