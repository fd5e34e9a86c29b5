"""What do a campaign's settings and those of a batch say together?

The settings are data that a person or a CRM writes; they are checked here once, and become the lanes' rules.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from dialer.core.cases import DebtorType, Stage
from dialer.model import AttemptRules, CallingHours, Lane, Window


class Mode(StrEnum):
    MESSAGE = "message"  # agentless: the answered call hears its message


class Identity(StrEnum):
    """How the listener shows to be the person meant, before anything sensitive is said."""

    NONE = "none"
    DTMF = "dtmf"
    COMPANY = "company"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone such as Europe/Warsaw") from error
    return name


def _known_calendar(country: str | None) -> str | None:
    if country is not None and country not in holidays.list_supported_countries():
        raise ValueError(f"no holiday calendar is known for {country!r}; give a country code such as PL, or null")
    return country


Text = Annotated[str, Field(min_length=1, max_length=120)]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", examples=["+48380000001"])]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Weekday = Annotated[str, Field(pattern=r"^[1-7]$", description="ISO weekday, 1 is Monday")]
Windows = dict[Weekday, Annotated[list[tuple[Clock, Clock]], Field(max_length=12)]]
Attempts = Annotated[int, Field(ge=1, le=10, description="per number")]
GapMinutes = Annotated[
    Decimal, Field(gt=0, le=10080, description="between the starts of two attempts of a contact", examples=[60])
]


class Mailing(BaseModel):
    """What a batch may set for itself; what is left out is the campaign's."""

    model_config = ConfigDict(extra="forbid")

    attempts: Attempts | None = None
    gap_minutes: GapMinutes | None = None
    windows: Windows | None = None
    not_before: AwareDatetime | None = None
    not_after: AwareDatetime | None = None

    @model_validator(mode="after")
    def _windows_are_ordered(self) -> Self:
        _windows(self.windows or {})
        if self.not_before and self.not_after and self.not_before >= self.not_after:
            raise ValueError("not_before must lie before not_after")
        return self


class CampaignSettings(BaseModel):
    """A campaign as it is put: whose it is, when and how often it calls, what it says."""

    model_config = ConfigDict(extra="forbid")

    client_id: Text
    mode: Mode = Mode.MESSAGE
    brand: Text
    brand_neutral: Text
    creditor: Text
    cli: E164 = Field(description="the caller number presented")
    callback_number: E164
    debtor_type: DebtorType = DebtorType.PERSON
    language: Annotated[str, Field(pattern="^pl$")] = "pl"
    stages: list[Stage] = Field(min_length=1)
    attempts: Attempts = 3
    gap_minutes: GapMinutes = Decimal(60)
    ring_seconds: Annotated[int, Field(ge=5, le=120)] = 25
    windows: Windows
    holidays: Annotated[str | None, AfterValidator(_known_calendar)] = "PL"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Warsaw"
    identity: Identity = Identity.DTMF
    message: Annotated[str, Field(min_length=1, max_length=4000)] = "call_back"
    priority: Annotated[int, Field(ge=0, le=1000, description="the lowest is called first")] = 100
    allowed_prefixes: list[Annotated[str, Field(pattern=r"^\+[0-9]{1,6}$")]] = ["+48"]

    # Named by the call-list format, kept for what is to come; see ``NOT_ENFORCED``.
    voice: Text | None = None
    max_per_debtor_day: Annotated[int, Field(ge=1)] | None = None
    max_per_debtor_7_days: Annotated[int, Field(ge=1)] | None = None
    voicemail: Text | None = None
    scenario_version: Annotated[int, Field(ge=1)] | None = None
    billing: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _windows_are_ordered(self) -> Self:
        _windows(self.windows)
        return self

    def not_enforced(self) -> list[str]:
        """The fields that are set and kept, and have no effect in this version."""
        return [name for name in NOT_ENFORCED if getattr(self, name) is not None]


NOT_ENFORCED = ("voice", "max_per_debtor_day", "max_per_debtor_7_days", "voicemail", "scenario_version", "billing")


def lane(
    lane_id: int,
    campaign_id: str,
    settings: CampaignSettings,
    batch_id: str | None,
    mailing: Mailing | None,
    timezone: str,
) -> Lane:
    """The rules for the contacts of one batch in one time zone: the batch's own first, else the campaign's."""
    own = mailing or Mailing()
    return Lane(
        id=lane_id,
        campaign_id=campaign_id,
        batch_id=batch_id,
        hours=CallingHours(
            windows=_windows(settings.windows if own.windows is None else own.windows),
            timezone=ZoneInfo(timezone),
            holidays=settings.holidays,
            not_before=own.not_before,
            not_after=own.not_after,
        ),
        rules=AttemptRules(
            per_number=own.attempts or settings.attempts,
            spacing=timedelta(minutes=float(own.gap_minutes or settings.gap_minutes)),
            ring_time=timedelta(seconds=settings.ring_seconds),
        ),
        caller_number=settings.cli,
        priority=settings.priority,
    )


def _windows(text: Windows) -> dict[int, tuple[Window, ...]]:
    return {int(day): tuple(_window(opens, closes) for opens, closes in spans) for day, spans in text.items()}


def _window(opens: str, closes: str) -> Window:
    window = Window(_time(opens), _time(closes))
    if window.closes != time.min and window.opens >= window.closes:
        raise ValueError(f"a window must open before it closes, at 00:00 at the latest: {opens}-{closes}")
    return window


def _time(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a wall-clock time has no zone of its own
