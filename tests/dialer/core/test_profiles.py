import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.config import ConfigurationProblem
from dialer.config_files import profiles_in
from dialer.core.plan import Mailing, lane
from dialer.core.plan_fields import parsed
from dialer.core.profiles import ProfileProblem, Profiles, completed, excesses, read_profiles
from dialer.model import Window
from tests.support.plans import settings

NOON_ONLY = {"1": [("12:00", "13:00")]}
PROFILES = profiles_in()

Text = dict[str, list[tuple[str, str]]]


def with_profile(**said: Any) -> Profiles:
    """Those shipped and one called own, which is its own ceiling."""
    return read_profiles(json.dumps({"own": {"source": "us", "ceiling": "own"} | said}), PROFILES)


def beyond(profiles: Profiles = PROFILES, /, profile: str = "own", **changes: Any) -> dict[str, str]:
    """What of such a campaign is beyond the ceiling, and what is said of it."""
    plan = completed(settings(profile=profile, **changes), profiles)
    return {each.field: each.detail for each in excesses(plan, profile, profiles)}


# ---- what is left out ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PROFILES.keys() - {"uk-ofcom"}))
def test_a_campaign_that_says_nothing_of_it_is_called_as_its_profile_says(name: str) -> None:
    plan = completed(settings(profile=name), PROFILES)
    assert plan.windows == PROFILES[name].windows
    assert plan.max_per_debtor_7_days == PROFILES[name].max_per_debtor_7_days
    assert excesses(plan, name, PROFILES) == []


def test_what_a_campaign_says_comes_before_its_profile() -> None:
    plan = completed(settings(windows=NOON_ONLY, max_per_debtor_day=None, attempts=2), PROFILES)
    assert (plan.windows, plan.max_per_debtor_day, plan.attempts) == (NOON_ONLY, None, 2)
    assert plan.max_per_debtor_7_days == 7


def test_what_a_profile_leaves_out_is_its_ceilings() -> None:
    both = with_profile(max_per_number_day=2)
    profiles = read_profiles(json.dumps({"mine": {"source": "me", "ceiling": "own"}}), both)
    assert completed(settings(profile="mine"), profiles).max_per_number_day == 2


def test_a_profile_without_hours_leaves_them_to_the_campaign() -> None:
    assert beyond(profile="uk-ofcom") == {"windows": "profile uk-ofcom names no hours, so the campaign does"}
    assert beyond(profile="uk-ofcom", windows=NOON_ONLY) == {}


def test_the_polish_default_is_three_a_day_and_seven_a_week() -> None:
    budget = lane(1, "C", completed(settings(), PROFILES), None, None, "Europe/Warsaw").budget
    assert (budget.per_debtor_day, budget.per_debtor_7_days, budget.answered_per_day) == (3, 7, 1)
    assert budget.rest_after_abandoned.days == 3


# ---- the ceiling ---------------------------------------------------------------------------------


def test_calling_hours_lie_within_the_ceilings() -> None:
    assert beyond(profile="pl-default", windows={"1": [("06:00", "22:00")], "7": [("08:00", "20:00")]}) == {}
    assert beyond(profile="pl-default", windows={"1": [("06:00", "22:01")]}) == {
        "windows": "06:00-22:01 on weekday 1: profile pl-zdp-ceiling permits 06:00-22:00"
    }
    assert beyond(profile="pl-strict", windows={"6": [("10:00", "00:00")]}) == {
        "windows": "10:00-00:00 on weekday 6: profile pl-strict permits no hours"
    }


def test_hours_may_span_windows_of_the_ceiling_that_touch() -> None:
    touching = with_profile(windows={"1": [("12:00", "16:00"), ("08:00", "12:00")]})
    assert beyond(touching, windows={"1": [("09:00", "15:00")]}) == {}
    apart = with_profile(windows={"1": [("12:01", "16:00"), ("08:00", "12:00")]})
    assert beyond(apart, windows={"1": [("09:00", "15:00")]}).keys() == {"windows"}


def test_free_days_stay_free() -> None:
    assert beyond(profile="pl-default", holidays=None) == {
        "holidays": "none: profile pl-zdp-ceiling keeps those of PL free"
    }


@pytest.mark.parametrize(
    ("field", "limit", "within", "too_much"),
    [
        ("attempts", 3, 2, 4),
        ("max_per_debtor_day", 3, 3, None),
        ("max_per_debtor_7_days", 7, 1, 8),
        ("max_per_number_day", 3, 3, 4),
        ("max_per_number_7_days", 7, 7, None),
        ("max_answered_day", 1, 1, 2),
        ("gap_minutes", 60, 60, 59),
        ("min_gap_minutes", 60, 61, None),
        ("ring_seconds", 15, 15, 14),
        ("rest_after_conversation_hours", 168, 168, 167),
        ("rest_after_abandoned_hours", 72, 73, 0),
        ("abandonment_limit", 0.03, 0.03, 0.031),
        ("answer_wait_seconds", 1.5, 1, 2),
        ("shortest_ring_seconds", 15, 15, 14),
    ],
)
def test_figures_stay_within_the_ceilings(field: str, limit: float, within: float, too_much: float | None) -> None:
    profiles = with_profile(windows=NOON_ONLY, **{field: limit})
    said: dict[str, Any] = {field: within}
    assert beyond(profiles, **said) == {}
    told = beyond(profiles, **said | {field: too_much})
    assert told.keys() == {field}
    assert ("no limit" if too_much is None else str(too_much)) in told[field]
    assert str(limit) in told[field]


@pytest.mark.parametrize("name", ["us-tsr", "uk-ofcom"])
def test_rules_for_predictive_calls_let_three_of_a_hundred_find_nobody_after_fifteen_seconds_of_ringing(
    name: str,
) -> None:
    def refused(**changes: Any) -> list[str]:
        return sorted(beyond(PROFILES, name, windows=NOON_ONLY, mode="predictive", holidays=None, **changes))

    assert refused(abandonment_limit=0.03, shortest_ring_seconds=15, answer_wait_seconds=2) == []
    assert refused(abandonment_limit=0.04, shortest_ring_seconds=12) == ["abandonment_limit", "shortest_ring_seconds"]


def test_the_rules_of_one_outcome_or_one_type_stay_within_it_too() -> None:
    profiles = with_profile(windows=NOON_ONLY, gap_minutes=60, ring_seconds=15)
    assert beyond(profiles, retry={"busy": {"wait_minutes": 30}, "rejected": {"then": "stop"}}).keys() == {"retry"}
    assert beyond(profiles, ring_seconds_by_type={"mobile": 10, "fixed": 30}).keys() == {"ring_seconds_by_type"}


def test_a_profile_that_is_none_has_no_campaigns() -> None:
    assert "pl-default, pl-strict" in beyond(profile="pl-lax")["profile"]


def test_without_a_ceiling_everything_goes() -> None:
    free = read_profiles(json.dumps({"free": {"source": "us", "ceiling": None}}), PROFILES)
    assert beyond(free, "free", windows={"7": [("00:00", "00:00")]}, holidays=None, attempts=10) == {}


def test_a_batch_stays_within_its_campaigns_ceiling() -> None:
    mailing = Mailing(attempts=4, windows={"6": [("09:00", "10:00")]})
    told = {each.field for each in excesses(mailing, "own", with_profile(attempts=3, windows=NOON_ONLY))}
    assert told == {"attempts", "windows"}
    assert excesses(Mailing(), "own", with_profile(attempts=3, windows=NOON_ONLY, max_per_debtor_day=1)) == []


clocks = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
spans = st.tuples(clocks, clocks).filter(lambda span: span[0] < span[1] or span[1] == "00:00")
hours = st.dictionaries(st.sampled_from("123"), st.lists(spans, max_size=3), max_size=3)


@given(hours, hours)
def test_hours_are_refused_exactly_if_a_minute_of_them_is_closed_in_the_ceiling(own: Text, ceiling: Text) -> None:
    assert bool(beyond(with_profile(windows=ceiling), windows=own)) == bool(minutes(own) - minutes(ceiling))


def minutes(windows: Text) -> set[tuple[int, int]]:
    """Weekday and minute of the day: the slow way to say the same."""
    return {(day, minute) for day, open_ in parsed(windows).items() for window in open_ for minute in lasting(window)}


def lasting(window: Window) -> range:
    closes = window.closes.hour * 60 + window.closes.minute
    return range(window.opens.hour * 60 + window.opens.minute, closes or 24 * 60)


# ---- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "the file: Invalid JSON"),
        ('{"own": {"ceiling": null}}', "own.source: Field required"),
        ('{"own": {"source": "us", "ceiling": null, "colour": "red"}}', "own.colour"),
        ('{"own": {"source": "us", "ceiling": "none"}}', "own.ceiling: there is no profile none"),
        ('{"own": {"source": "us", "ceiling": null, "windows": {"1": [["20:00", "08:00"]]}}}', "own.windows"),
        ('{"pl-default": {"source": "us", "ceiling": null}}', "pl-default: known already"),
        ('{"own": {"source": "us", "ceiling": "pl-strict", "max_per_debtor_day": 2}}', "own.max_per_debtor_day: 2"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(document: str, complaint: str) -> None:
    with pytest.raises(ProfileProblem, match=complaint):
        read_profiles(document, PROFILES)


def test_profiles_of_a_file_stand_beside_those_shipped(tmp_path: Path) -> None:
    file = tmp_path / "profiles.json"
    file.write_text('{"own": {"source": "us", "ceiling": "pl-strict"}}')
    assert profiles_in(str(file)).keys() == PROFILES.keys() | {"own"}


def test_a_file_that_is_not_there_or_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match=r"profiles=.*none\.json cannot be read: No such file"):
        profiles_in(str(tmp_path / "none.json"))
    (tmp_path / "bad.json").write_text('{"own": {"ceiling": null}}')
    with pytest.raises(ConfigurationProblem, match=r"profiles=.*bad\.json: own\.source"):
        profiles_in(str(tmp_path / "bad.json"))
