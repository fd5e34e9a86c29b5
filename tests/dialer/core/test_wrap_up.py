"""Does what an agent says of a talk decide when the contact is called again?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.core.retry import Again, Done, LastAttempt, Number, Stand
from dialer.core.wrap_up import DelayReason, TalkOutcome, Terms, WrapUp, contradictions, follows
from dialer.model import AgentRules, AttemptRules, CallingHours, Disposition, FinishReason, Lane, Mode, NumberType

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
NUMBER = Number("+48280000001", 1, 1, NumberType.MOBILE)
STAND = Stand([NUMBER], {Disposition.CONNECTED: 1}, LastAttempt(NUMBER.e164, Disposition.CONNECTED, NOON, NOON), 0)
LANE = Lane(
    1, "RENT", None, CallingHours({}, ZoneInfo("Europe/Warsaw"), "PL"), AttemptRules(3, HOUR, HOUR), "+48380000001", 1
)
SAID = WrapUp("a", TalkOutcome.UNFINISHED, NOON)


def said(outcome: TalkOutcome, **more: object) -> WrapUp:
    return replace(SAID, outcome=outcome, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", [TalkOutcome.INFORMED, TalkOutcome.REFUSED])
def test_a_talk_after_which_nothing_is_left_to_say_ends_the_calls(outcome: TalkOutcome) -> None:
    assert follows(said(outcome), STAND, LANE, NOON) == Done(FinishReason.HANDLED)


def test_a_talk_of_which_nobody_says_anything_goes_on_by_the_plan() -> None:
    assert follows(SAID, STAND, LANE, NOON) == Again(NOON + HOUR)
    used_up = replace(STAND, numbers=[replace(NUMBER, attempts=3)])
    assert follows(SAID, used_up, LANE, NOON) == Done(FinishReason.EXHAUSTED)


def test_an_appointment_is_kept_to_the_minute() -> None:
    moment = NOON + timedelta(minutes=7)
    used_up = replace(STAND, numbers=[replace(NUMBER, attempts=3)])
    assert follows(said(TalkOutcome.CALL_BACK, call_back_at=moment), used_up, LANE, NOON) == Again(moment)


def test_a_promise_is_waited_for() -> None:
    again = follows(said(TalkOutcome.PROMISED, promised=date(2026, 11, 27)), STAND, LANE, NOON)
    assert isinstance(again, Again)
    assert again.due_at.astimezone(LANE.hours.timezone).date() > date(2026, 11, 27)


def test_a_payment_that_is_claimed_has_time_to_be_posted() -> None:
    again = follows(said(TalkOutcome.ALREADY_PAID), STAND, LANE, NOON)
    assert isinstance(again, Again)
    assert again.due_at >= NOON + timedelta(days=2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (said(TalkOutcome.PROMISED), "promised"),
        (said(TalkOutcome.REFUSED, promised=date(2026, 11, 24)), "promised"),
        (said(TalkOutcome.PROMISED, promised=date(2026, 11, 22)), "promised"),
        (said(TalkOutcome.PROMISED, promised=date(2027, 11, 22)), "promised"),
        (said(TalkOutcome.CALL_BACK), "call_back_at"),
        (said(TalkOutcome.INFORMED, call_back_at=NOON + HOUR), "call_back_at"),
        (said(TalkOutcome.CALL_BACK, call_back_at=NOON), "call_back_at"),
    ],
)
def test_what_cannot_be_so_is_named(wrong: WrapUp, field: str) -> None:
    assert [name for name, _ in contradictions(wrong, Terms.of(LANE), NOON)] == [field]


def test_what_can_be_so_is_left_alone() -> None:
    assert contradictions(said(TalkOutcome.PROMISED, promised=date(2026, 11, 23)), Terms.of(LANE), NOON) == []
    assert contradictions(said(TalkOutcome.CALL_BACK, call_back_at=NOON + HOUR), Terms.of(LANE), NOON) == []
    assert contradictions(SAID, Terms.of(LANE), NOON) == []


def test_a_campaign_may_want_the_reason_of_the_delay() -> None:
    agents = AgentRules(Mode.PROGRESSIVE, frozenset(), HOUR, HOUR, needs_delay_reason=True)
    strict = replace(LANE, agents=agents)
    for outcome in (TalkOutcome.INFORMED, TalkOutcome.REFUSED, TalkOutcome.DISPUTED, TalkOutcome.ALREADY_PAID):
        assert [field for field, _ in contradictions(said(outcome), Terms.of(strict), NOON)] == ["delay"]
        assert contradictions(said(outcome, delay=DelayReason.FORGOT), Terms.of(strict), NOON) == []
        assert contradictions(said(outcome), Terms.of(LANE), NOON) == []
    for outcome in (TalkOutcome.WRONG_NUMBER, TalkOutcome.OPT_OUT, TalkOutcome.UNFINISHED):
        assert contradictions(said(outcome), Terms.of(strict), NOON) == []


def test_only_a_call_back_is_somebodys_own() -> None:
    agreed = said(TalkOutcome.CALL_BACK, call_back_at=NOON + HOUR, is_own=True)
    assert contradictions(agreed, Terms.of(LANE), NOON) == []
    assert [field for field, _ in contradictions(said(TalkOutcome.INFORMED, is_own=True), Terms.of(LANE), NOON)] == [
        "own"
    ]
