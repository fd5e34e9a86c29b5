from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from dialer.core import budgets
from dialer.core.budgets import PastCall, Spent
from dialer.core.rules import Rule
from dialer.model import Budget, Disposition

WARSAW = ZoneInfo("Europe/Warsaw")
MOBILE = "+48280000001"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=WARSAW)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def called(at: datetime, outcome: Disposition = Disposition.NO_ANSWER, *, answered: bool = False) -> PastCall:
    return PastCall(MOBILE, at, at + timedelta(seconds=30), answered, outcome)


def test_a_debtor_without_a_budget_may_always_be_called() -> None:
    assert budgets.of_debtor(Budget(), [called(MONDAY)] * 50, WARSAW, MONDAY + timedelta(minutes=1)) is None


def test_after_three_calls_of_a_day_the_debtor_is_left_alone_until_the_next() -> None:
    calls = [called(MONDAY + n * HOUR) for n in range(3)]

    assert budgets.of_debtor(Budget(per_debtor_day=3), calls[:2], WARSAW, MONDAY + 3 * HOUR) is None
    assert budgets.of_debtor(Budget(per_debtor_day=3), calls, WARSAW, MONDAY + 3 * HOUR) == Spent(
        Rule.DEBTOR_DAY, datetime(2026, 11, 24, tzinfo=WARSAW)
    )


def test_the_eighth_call_waits_until_the_first_ones_are_seven_days_old() -> None:
    days = [0, 0, 0, 1, 1, 1, 2]
    calls = [called(MONDAY + day * DAY + n % 3 * HOUR) for n, day in enumerate(days)]

    spent = budgets.of_debtor(Budget(per_debtor_7_days=7), calls, WARSAW, MONDAY + 2 * DAY + HOUR)

    assert spent == Spent(Rule.DEBTOR_7_DAYS, datetime(2026, 11, 30, tzinfo=WARSAW))
    assert budgets.of_debtor(Budget(per_debtor_7_days=7), calls, WARSAW, spent.until) is None


def test_a_day_is_the_callees_day() -> None:
    late_in_new_york = datetime(2026, 11, 24, 3, tzinfo=UTC)  # still Monday there, Tuesday in Warsaw
    calls = [called(MONDAY)]

    assert budgets.of_debtor(Budget(per_debtor_day=1), calls, WARSAW, late_in_new_york) is None
    assert budgets.of_debtor(Budget(per_debtor_day=1), calls, ZoneInfo("America/New_York"), late_in_new_york)


def test_a_debtor_who_is_being_called_is_not_called_a_second_time() -> None:
    under_way = PastCall(MOBILE, MONDAY, None)

    spent = budgets.of_debtor(Budget(), [under_way], WARSAW, MONDAY)

    assert spent is not None
    assert spent.rule is Rule.IN_A_CALL
    assert budgets.of_number(Budget(), [under_way], WARSAW, MONDAY) == spent


def test_between_the_starts_of_two_calls_lies_the_gap() -> None:
    assert budgets.of_debtor(Budget(gap=HOUR), [called(MONDAY)], WARSAW, MONDAY + HOUR / 2) == Spent(
        Rule.GAP, MONDAY + HOUR
    )
    assert budgets.of_debtor(Budget(gap=HOUR), [called(MONDAY)], WARSAW, MONDAY + HOUR) is None


def test_one_answered_call_a_day() -> None:
    budget = Budget(answered_per_day=1)
    hung_up = called(MONDAY, Disposition.HUNG_UP, answered=True)

    assert budgets.of_debtor(budget, [called(MONDAY)], WARSAW, MONDAY + HOUR) is None
    assert budgets.of_debtor(budget, [hung_up], WARSAW, MONDAY + HOUR) == Spent(
        Rule.ANSWERED_DAY, datetime(2026, 11, 24, tzinfo=WARSAW)
    )


def test_a_conversation_is_followed_by_rest() -> None:
    budget = Budget(rest_after_conversation=7 * DAY)
    talk = called(MONDAY, Disposition.DELIVERED, answered=True)

    assert budgets.of_debtor(budget, [talk], WARSAW, MONDAY + 6 * DAY) == Spent(
        Rule.REST_AFTER_CONVERSATION, MONDAY + timedelta(seconds=30) + 7 * DAY
    )
    assert budgets.of_debtor(budget, [called(MONDAY)], WARSAW, MONDAY + HOUR) is None


def test_who_answered_into_silence_is_not_redialled_for_72_hours() -> None:
    budget = Budget(rest_after_abandoned=72 * HOUR)
    abandoned = called(MONDAY, Disposition.ABANDONED, answered=True)

    assert budgets.of_debtor(budget, [abandoned], WARSAW, MONDAY + 71 * HOUR)
    assert budgets.of_debtor(budget, [abandoned], WARSAW, MONDAY + 73 * HOUR) is None


def test_of_several_budgets_the_one_that_binds_longest_is_named() -> None:
    budget = Budget(per_debtor_day=1, gap=HOUR)

    spent = budgets.of_debtor(budget, [called(MONDAY)], WARSAW, MONDAY + HOUR / 2)

    assert spent is not None
    assert spent.rule is Rule.DEBTOR_DAY


def test_a_number_that_two_debtors_share_has_one_budget() -> None:
    calls = [called(MONDAY), called(MONDAY + 2 * HOUR)]

    assert budgets.of_number(Budget(per_number_day=3), calls, WARSAW, MONDAY + 4 * HOUR) is None
    assert budgets.of_number(Budget(per_number_day=2), calls, WARSAW, MONDAY + 4 * HOUR) == Spent(
        Rule.NUMBER_DAY, datetime(2026, 11, 24, tzinfo=WARSAW)
    )


ZONES = st.sampled_from([WARSAW, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Cairo")])
MOMENTS = st.datetimes(datetime(2026, 10, 20), datetime(2026, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001
LIMITS = st.none() | st.integers(1, 5)
SPANS = st.timedeltas(timedelta(), 4 * DAY)
BUDGETS = st.builds(
    Budget,
    per_debtor_day=LIMITS,
    per_debtor_7_days=LIMITS,
    gap=SPANS,
    answered_per_day=LIMITS,
    rest_after_conversation=SPANS,
    rest_after_abandoned=SPANS,
)
PAST = st.builds(
    PastCall,
    st.just(MOBILE),
    MOMENTS,
    MOMENTS,
    st.booleans(),
    st.sampled_from([Disposition.NO_ANSWER, Disposition.DELIVERED, Disposition.ABANDONED]),
)


def is_within(budget: Budget, past: list[PastCall], zone: ZoneInfo, now: datetime) -> bool:
    """Slow, and obviously right: every rule read aloud."""
    today = now.astimezone(zone).date()
    days_ago = [(today - call.started_at.astimezone(zone).date()).days for call in past]
    answered = [ago for ago, call in zip(days_ago, past, strict=True) if call.was_answered]
    return all(
        (
            budget.per_debtor_day is None or sum(ago < 1 for ago in days_ago) < budget.per_debtor_day,
            budget.per_debtor_7_days is None or sum(ago < 7 for ago in days_ago) < budget.per_debtor_7_days,
            budget.answered_per_day is None or sum(ago < 1 for ago in answered) < budget.answered_per_day,
            all(now >= call.started_at + budget.gap for call in past),
            all(
                now >= (call.ended_at or call.started_at) + budget.rest_after_conversation
                for call in past
                if call.disposition is Disposition.DELIVERED
            ),
            all(
                now >= (call.ended_at or call.started_at) + budget.rest_after_abandoned
                for call in past
                if call.disposition is Disposition.ABANDONED
            ),
        )
    )


@given(BUDGETS, st.lists(PAST, max_size=12), ZONES, MOMENTS)
@example(Budget(per_debtor_day=1), [called(MONDAY)], ZoneInfo("Africa/Cairo"), MONDAY + HOUR)
def test_a_budget_agrees_with_its_rules_read_aloud(
    budget: Budget, past: list[PastCall], zone: ZoneInfo, now: datetime
) -> None:
    assert (budgets.of_debtor(budget, past, zone, now) is None) == is_within(budget, past, zone, now)


@given(BUDGETS, st.lists(PAST, max_size=12), ZONES, MOMENTS)
def test_whoever_waits_as_told_comes_to_a_moment_that_is_allowed_and_to_no_earlier_one(
    budget: Budget, past: list[PastCall], zone: ZoneInfo, now: datetime
) -> None:
    past = [call for call in past if call.started_at <= now]
    moment, rounds = now, 0
    while (spent := budgets.of_debtor(budget, past, zone, moment)) is not None:
        assert spent.until > moment
        assert not is_within(budget, past, zone, spent.until - timedelta(microseconds=1))
        moment, rounds = spent.until, rounds + 1
    assert rounds <= 6
    assert is_within(budget, past, zone, moment)
