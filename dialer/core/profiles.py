"""What does a campaign leave to its profile, and what may it not exceed?

A profile gives rules for what a campaign leaves out. Another one, or itself, is its ceiling: calling hours that a
campaign's must lie in, counts that are the most, times that are the least. Profiles are data: ``dialer/profiles.json``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from dialer.core.budget_settings import BudgetSettings
from dialer.core.plan import CampaignSettings, Mailing
from dialer.core.plan_fields import (
    AbandonmentLimit,
    AnswerWait,
    Attempts,
    Calendar,
    GapMinutes,
    RingSeconds,
    ShortestRing,
    Text,
    Windows,
    Zone,
    parsed,
)
from dialer.model import Window

_MOST = (
    "attempts", "max_per_debtor_day", "max_per_debtor_7_days", "max_per_number_day", "max_per_number_7_days",
    "max_answered_day", "abandonment_limit", "answer_wait_seconds",
)  # fmt: skip
_LEAST = (
    "gap_minutes",
    "min_gap_minutes",
    "ring_seconds",
    "rest_after_conversation_hours",
    "rest_after_abandoned_hours",
    "shortest_ring_seconds",
)


class Profile(BudgetSettings):
    """What is left out says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    ceiling: Text | None
    attempts: Attempts | None = None
    gap_minutes: GapMinutes | None = None
    windows: Windows | None = None
    holidays: Calendar = None
    timezone: Zone | None = None
    ring_seconds: RingSeconds | None = None
    posting_days: int | None = None
    abandonment_limit: AbandonmentLimit | None = None
    answer_wait_seconds: AnswerWait | None = None
    shortest_ring_seconds: ShortestRing | None = None


Profiles = Mapping[str, Profile]
Plan = CampaignSettings | Mailing | Profile

_FILE = TypeAdapter(dict[Text, Profile])


class ProfileProblem(Exception):
    """Profiles that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A setting beyond the ceiling."""

    field: str
    detail: str


def read_profiles(document: str | bytes, known: Profiles) -> Profiles:
    """Those known and those of the document.

    Raises:
        ProfileProblem: it is none, changes a known one, names a ceiling that is none, or a profile exceeds its own.
    """
    try:
        new = _FILE.validate_json(document)
    except ValidationError as error:
        where = error.errors()[0]
        raise ProfileProblem(f"{'.'.join(map(str, where['loc'])) or 'the file'}: {where['msg']}") from error
    if twice := sorted(known.keys() & new.keys()):
        raise ProfileProblem(f"{', '.join(twice)}: known already, give yours another name")
    profiles = {**known, **new}
    for name, profile in new.items():
        if profile.ceiling is not None and profile.ceiling not in profiles:
            raise ProfileProblem(f"{name}.ceiling: there is no profile {profile.ceiling}")
        for excess in excesses(profile, name, profiles):
            raise ProfileProblem(f"{name}.{excess.field}: {excess.detail}")
    return profiles


def completed(settings: CampaignSettings, profiles: Profiles) -> CampaignSettings:
    """The settings with what they leave out: their profile's rules, and what it leaves out itself, its ceiling's."""
    left_out: dict[str, Any] = {}
    for profile in _profile_and_ceiling(settings.profile, profiles):
        said = profile.model_fields_set - {"source", "ceiling"} - settings.model_fields_set - left_out.keys()
        left_out |= {name: getattr(profile, name) for name in said}
    return settings.model_copy(update=left_out)


def excesses(plan: Plan, profile: str, profiles: Profiles) -> list[Excess]:
    """What of the plan is beyond the ceiling of that profile."""
    if profile not in profiles:
        return [Excess("profile", f"there is no profile {profile!r}; there are {', '.join(sorted(profiles))}")]
    if "windows" not in plan.model_fields_set and isinstance(plan, CampaignSettings):
        return [Excess("windows", f"profile {profile} names no hours, so the campaign does")]
    name = profiles[profile].ceiling
    if name is None:
        return []
    ceiling = profiles[name]
    return [*_hours_beyond(plan, name, ceiling), *_figures_beyond(plan, name, ceiling)]


def _profile_and_ceiling(name: str, profiles: Profiles) -> Iterator[Profile]:
    if profile := profiles.get(name):
        yield profile
        if profile.ceiling is not None:
            yield profiles[profile.ceiling]


def _hours_beyond(plan: Plan, name: str, ceiling: Profile) -> Iterator[Excess]:
    if plan.windows is not None and ceiling.windows is not None:
        for day, window in _outside(parsed(plan.windows), parsed(ceiling.windows)):
            allowed = (
                ", ".join(f"{opens}-{closes}" for opens, closes in ceiling.windows.get(str(day), ())) or "no hours"
            )
            said = f"{window.opens:%H:%M}-{window.closes:%H:%M} on weekday {day}"
            yield Excess("windows", f"{said}: profile {name} permits {allowed}")
    if isinstance(plan, Mailing) or (isinstance(plan, Profile) and "holidays" not in plan.model_fields_set):
        return
    if ceiling.holidays not in (None, plan.holidays):
        yield Excess("holidays", f"{plan.holidays or 'none'}: profile {name} keeps those of {ceiling.holidays} free")


def _figures_beyond(plan: Plan, name: str, ceiling: Profile) -> Iterator[Excess]:
    for field, limited_by, value in _figures(plan):
        limit = getattr(ceiling, limited_by)
        if limit is None:
            continue
        shown = "no limit" if value is None else value
        if limited_by in _MOST and (value is None or value > limit):
            yield Excess(field, f"{shown}: profile {name} permits at most {limit}")
        if limited_by in _LEAST and (value is None or value < limit):
            yield Excess(field, f"{shown}: profile {name} permits no less than {limit}")


def _figures(plan: Plan) -> Iterator[tuple[str, str, Decimal | int | None]]:
    """Every figure that may have a limit: its field, the limit's name, and its value."""
    for name in (*_MOST, *_LEAST):
        if _says(plan, name):
            yield name, name, getattr(plan, name)
    if not isinstance(plan, Profile):
        for ring in (plan.ring_seconds_by_type or {}).values():
            yield "ring_seconds_by_type", "ring_seconds", ring
        for rule in (plan.retry or {}).values():
            if rule.wait_minutes is not None:
                yield "retry", "gap_minutes", rule.wait_minutes


def _says(plan: Plan, name: str) -> bool:
    """A campaign says everything, null being no limit; a batch or a profile says what it sets."""
    return isinstance(plan, CampaignSettings) or (name in plan.model_fields_set and getattr(plan, name) is not None)


def _outside(
    windows: Mapping[int, Iterable[Window]], within: Mapping[int, Iterable[Window]]
) -> Iterator[tuple[int, Window]]:
    """The windows that are not wholly within the others."""
    for day, spans in windows.items():
        permitted = _joined(within.get(day, ()))
        for window in spans:
            opens, closes = _minutes(window)
            if not any(begins <= opens and closes <= ends for begins, ends in permitted):
                yield day, window


def _joined(windows: Iterable[Window]) -> list[tuple[int, int]]:
    """Minutes of the day, with no two spans that touch."""
    spans: list[tuple[int, int]] = []
    for opens, closes in sorted(map(_minutes, windows)):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
        else:
            spans.append((opens, closes))
    return spans


def _minutes(window: Window) -> tuple[int, int]:
    closes = 24 * 60 if window.closes == time.min else window.closes.hour * 60 + window.closes.minute
    return window.opens.hour * 60 + window.opens.minute, closes
