from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.core.answers import NO_ANSWERS, Answers, Reply
from dialer.core.replies import ReplySettings, offered_days, rest_until, wish
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, ReplyRules

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULES = ReplyRules()
ATTEMPT = Attempt("a", 1, "RENT", 1, 1, "+48280000001", "m", MONDAY)


def rest(answers: Answers, rules: ReplyRules = RULES) -> datetime | None:
    return rest_until(answers, rules, MONDAY, WARSAW, "PL")


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=WARSAW)


def test_whoever_promised_to_pay_rests_until_the_payment_can_be_posted() -> None:
    friday = date(2026, 12, 4)

    # Monday and Tuesday are the two working days in which it is posted.
    assert rest(Answers(True, (Reply.PROMISE,), friday)) == midnight(date(2026, 12, 9))


def test_whoever_says_it_is_paid_rests_for_three_working_days() -> None:
    assert rest(Answers(True, (Reply.ALREADY_PAID,))) == midnight(date(2026, 11, 27))


def test_days_off_are_no_working_days() -> None:
    christmas_eve = Answers(True, (Reply.PROMISE,), date(2026, 12, 23))

    assert rest(christmas_eve) == midnight(date(2026, 12, 30))


@pytest.mark.parametrize("answers", [NO_ANSWERS, Answers(True, (Reply.AGENT,)), Answers(True, (Reply.DISPUTE,))])
def test_nobody_else_asked_for_a_rest(answers: Answers) -> None:
    assert rest(answers) is None


@pytest.mark.parametrize(
    ("today", "offered"),
    [
        (date(2026, 11, 23), [date(2026, 11, 27), date(2026, 11, 30)]),
        (date(2026, 11, 24), [date(2026, 11, 30), date(2026, 12, 1)]),
        (date(2026, 12, 18), [date(2026, 12, 22), date(2026, 12, 28)]),
    ],
)
def test_the_days_offered_are_working_days(today: date, offered: list[date]) -> None:
    assert list(offered_days(today, RULES, "PL")) == offered


def test_no_day_is_offered_beyond_what_may_be_promised() -> None:
    assert max(offered_days(MONDAY.date(), ReplyRules(timedelta(days=2)), "PL")) == date(2026, 11, 25)


def test_a_wish_is_about_the_number_or_about_the_debtor() -> None:
    wrong = wish(Reply.WRONG_NUMBER, "+48280000001", "CL", "D1")
    opted_out = wish(Reply.OPT_OUT, "+48280000001", "CL", "D1")

    assert wrong is not None
    assert (wrong.number, wrong.debtor_ref, wrong.reason) == ("+48280000001", "D1", SuppressionReason.WRONG_NUMBER)
    assert opted_out is not None
    assert (opted_out.number, opted_out.debtor_ref, opted_out.reason) == (None, "D1", SuppressionReason.OPT_OUT)


@pytest.mark.parametrize("reply", sorted(set(Reply) - {Reply.WRONG_NUMBER, Reply.OPT_OUT}))
def test_other_replies_are_no_wishes(reply: Reply) -> None:
    assert wish(reply, "+48280000001", "CL", "D1") is None


def test_a_campaign_says_how_long_calls_rest() -> None:
    given = ReplySettings(promise_within_days=7, promise_grace_days=0, paid_pause_days=1)

    assert given.reply_rules() == ReplyRules(timedelta(days=7), 0, 1)
