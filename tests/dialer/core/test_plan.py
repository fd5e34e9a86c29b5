from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from dialer.core.plan import NOT_ENFORCED, CampaignSettings, Mailing, lane
from dialer.model import (
    AttemptRules,
    Budget,
    Disposition,
    Lane,
    NumberType,
    RetryRule,
    Then,
    Turns,
    Voicemail,
    Window,
)
from tests.support import plans
from tests.support.calllists import read_json_fixture

BEGINS, ENDS = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 27, 18, tzinfo=UTC)
OFFICE = {"1": [("08:00", "20:00")]}


settings = partial(plans.settings, windows=OFFICE)


def rules(mailing: Mailing | None = None, **changes: Any) -> Lane:
    return lane(7, "RENT", settings(**changes), "B-1", mailing, "America/New_York")


# ---- the lane ------------------------------------------------------------------------------------


def test_a_campaign_says_when_and_how_often() -> None:
    made = rules(attempts=2, gap_minutes="1.5", ring_seconds=30, priority=5, holidays=None)
    assert (made.id, made.campaign_id, made.batch_id, made.priority) == (7, "RENT", "B-1", 5)
    assert made.caller_number == "+48380000005"
    assert made.rules.per_number == 2
    assert made.rules.spacing == timedelta(seconds=90)
    assert made.rules.ring_time == timedelta(seconds=30)
    assert made.hours.windows == {1: (Window(time(8), time(20)),)}
    assert made.hours.timezone == ZoneInfo("America/New_York")
    assert made.hours.holidays is None


def test_three_attempts_an_hour_apart_unless_told_otherwise() -> None:
    made = rules()
    assert (made.rules.per_number, made.rules.spacing, made.hours.holidays) == (3, timedelta(hours=1), "PL")


def test_a_batch_sets_its_own_and_leaves_the_rest_to_the_campaign() -> None:
    own = Mailing.model_validate({"attempts": 4, "windows": {"6": [("10:00", "00:00")]}, "not_before": BEGINS})
    made = rules(own, attempts=2, gap_minutes=30)
    assert (made.rules.per_number, made.rules.spacing) == (4, timedelta(minutes=30))
    assert made.hours.windows == {6: (Window(time(10), time.min),)}
    assert (made.hours.not_before, made.hours.not_after) == (BEGINS, None)


def test_every_part_of_a_plan_may_be_a_batchs_own() -> None:
    own: dict[str, Any] = {
        "ring_seconds": 20,
        "ring_seconds_by_type": {"fixed": 40},
        "number_order": ["fixed"],
        "number_turns": "one_by_one",
        "retry": {"busy": {"wait_minutes": 10, "at_most": 3}, "no_answer": {"then": "next_number"}},
        "priority": 5,
        "not_after": ENDS,
    }
    for made in (rules(Mailing.model_validate(own)), rules(**own)):
        assert (made.priority, made.hours.not_after) == (5, ENDS)
        assert made.rules == AttemptRules(
            per_number=3,
            spacing=timedelta(hours=1),
            ring_time=timedelta(seconds=20),
            ring_time_by_type={NumberType.FIXED: timedelta(seconds=40)},
            order=(NumberType.FIXED,),
            turns=Turns.ONE_BY_ONE,
            retry={
                Disposition.BUSY: RetryRule(timedelta(minutes=10), 3),
                Disposition.NO_ANSWER: RetryRule(then=Then.NEXT_NUMBER),
            },
        )


def test_two_batches_of_a_campaign_keep_their_own_plans() -> None:
    first, second = (
        rules(Mailing(attempts=2, gap_minutes=Decimal(30))),
        rules(Mailing(attempts=4, gap_minutes=Decimal(90))),
    )
    assert (first.rules.per_number, first.rules.spacing) == (2, timedelta(minutes=30))
    assert (second.rules.per_number, second.rules.spacing) == (4, timedelta(minutes=90))
    assert (first.budget.gap, second.budget.gap) == (first.rules.spacing, second.rules.spacing)


def test_a_budget_is_the_clients_over_all_campaigns() -> None:
    made = rules(
        max_per_debtor_day=1, max_per_debtor_7_days=2, max_per_number_day=3, max_per_number_7_days=4,
        max_answered_day=5, min_gap_minutes=6, rest_after_conversation_hours=7, rest_after_abandoned_hours="0.5",
    )  # fmt: skip
    assert made.budget == Budget(1, 2, 3, 4, timedelta(minutes=6), 5, timedelta(hours=7), timedelta(minutes=30))


def test_between_two_calls_to_a_debtor_lies_at_least_the_shortest_time_of_the_plan() -> None:
    assert rules(gap_minutes=60, retry={"busy": {"wait_minutes": 10}}).budget.gap == timedelta(minutes=10)
    assert rules(Mailing(gap_minutes=Decimal(20)), gap_minutes=60).budget.gap == timedelta(minutes=20)


def test_a_batch_may_close_every_window() -> None:
    assert rules(Mailing(windows={})).hours.windows == {}


# ---- what is refused, and in which words ---------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"windows": {"1": [("20:00", "08:00")]}}, "must open before it closes"),
        ({"windows": {"1": [("08:00", "08:00")]}}, "must open before it closes"),
        ({"windows": {"8": [("08:00", "20:00")]}}, "pattern"),
        ({"windows": {"1": [("8:00", "20:00")]}}, "pattern"),
        ({"windows": {"1": [("08:00", "24:00")]}}, "pattern"),
        ({"timezone": "Europe/Warszawa"}, "is not a time zone such as Europe/Warsaw"),
        ({"timezone": "../etc/passwd"}, "is not a time zone"),
        ({"timezone": ""}, "is not a time zone"),
        ({"holidays": "Poland"}, "no holiday calendar is known"),
        ({"attempts": 0}, "greater than or equal to 1"),
        ({"gap_minutes": 0}, "greater than 0"),
        ({"cli": "48380000005"}, "pattern"),
        ({"stages": []}, "at least 1 item"),
        ({"colour": "red"}, "Extra inputs"),
        ({"retry": {"delivered": {"then": "again"}}}, "is not called again"),
        ({"retry": {"not_placed": {"wait_minutes": 5}}}, "never left"),
        ({"retry": {"busy": {"then": "sometimes"}}}, "next_number"),
        ({"ring_seconds_by_type": {"fax": 30}}, "foreign"),
        ({"not_before": ENDS, "not_after": BEGINS}, "not_before must lie before not_after"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings(**changes)


@pytest.mark.parametrize(
    ("mailing", "complaint"),
    [
        ({"windows": {"1": [("20:00", "08:00")]}}, "must open before it closes"),
        ({"not_before": ENDS, "not_after": BEGINS}, "not_before must lie before not_after"),
        ({"not_before": BEGINS, "not_after": BEGINS}, "not_before must lie before not_after"),
        ({"not_before": "9999-12-31T23:59:59-23:59"}, "years 1970 to 2199"),
        ({"not_before": "2026-11-24T08:00:00"}, "timezone"),
        ({"brand": "B"}, "Extra inputs"),
    ],
)
def test_a_mailing_that_makes_no_sense_is_refused(mailing: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Mailing.model_validate(mailing)


def test_a_window_until_midnight_is_fine() -> None:
    assert rules(windows={"1": [("00:00", "00:00")]}).hours.windows == {1: (Window(time.min, time.min),)}


# ---- what is kept without effect -----------------------------------------------------------------


def test_what_has_no_effect_yet_is_named() -> None:
    assert settings().not_enforced() == []
    assert settings(voicemail="message", voice="v", max_per_debtor_day=3).not_enforced() == ["voicemail"]


def test_what_machines_get_holds_where_somebody_looks_for_them() -> None:
    assert settings(voicemail="message", machine_detection=True).not_enforced() == []
    assert rules(voicemail="message").voicemail is None
    assert rules(machine_detection=True).voicemail is Voicemail.HANG_UP
    assert rules(voicemail="limited", machine_detection=True).voicemail is Voicemail.MESSAGE


def test_machines_are_tried_again_by_a_rule_of_their_own() -> None:
    with pytest.raises(ValidationError, match=r"retry\.machine"):
        settings(voicemail="retry", machine_detection=True)
    again = rules(voicemail="retry", machine_detection=True, retry={"machine": {"wait_minutes": 240, "at_most": 2}})
    assert again.voicemail is Voicemail.RETRY
    assert again.rules.retry[Disposition.MACHINE] == RetryRule(timedelta(hours=4), 2)


def test_the_sample_campaigns_are_understood() -> None:
    for campaign in read_json_fixture("campaigns.json"):
        known = {name: value for name, value in campaign.items() if name in CampaignSettings.model_fields}
        read = CampaignSettings.model_validate(known)
        assert read.windows
        assert set(read.not_enforced()) <= set(NOT_ENFORCED)


@pytest.mark.parametrize("debtor_type", ["person", "company"])
@pytest.mark.parametrize("identity", ["none", "dtmf", "company"])
def test_only_a_company_may_be_told_of_a_debt_without_being_asked_who_listens(debtor_type: str, identity: str) -> None:
    told = lane(1, "RENT", settings(debtor_type=debtor_type, identity=identity), None, None, "Europe/Warsaw")
    assert told.may_tell_of_debt is ((debtor_type, identity) == ("company", "none"))


def test_whoever_hears_a_message_may_ask_for_an_agent_only_where_the_wait_is_set() -> None:
    assert settings().agent_rules is None
    offered = settings(skills=["pl"], transfer_wait_seconds=20).agent_rules
    assert offered is not None
    assert not offered.are_called_for
    assert offered.answer_wait == timedelta(seconds=20)
    with pytest.raises(ValidationError, match="give transfer_wait_seconds"):
        settings(skills=["pl"])
    with pytest.raises(ValidationError, match="is of mode message"):
        settings(mode="progressive", transfer_wait_seconds=20)
