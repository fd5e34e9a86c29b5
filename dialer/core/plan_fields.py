"""What may stand in one field of a plan?

Campaigns, batches, profiles and brands say the same things with the same words; what each may be is checked here.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays.registry import EntityLoader
from pydantic import AfterValidator, Field, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from dialer.model import Disposition, NumberType, Window


def parsed(windows: Mapping[str, list[tuple[str, str]]]) -> dict[int, tuple[Window, ...]]:
    """Windows per ISO weekday; ValueError if one closes before it opens."""
    return {int(day): tuple(_window(opens, closes) for opens, closes in spans) for day, spans in windows.items()}


def minutes(count: Decimal) -> timedelta:
    return timedelta(minutes=float(count))


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone such as Europe/Warsaw") from error
    return name


def _known_calendar(country: str | None) -> str | None:
    if country is not None and country not in EntityLoader.get_country_codes():
        raise ValueError(f"no holiday calendar is known for {country!r}; give a country code such as PL, or null")
    return country


def _ordered(windows: dict[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    parsed(windows)
    return windows


def _given_by_a_brand(value: str, check: ValidatorFunctionWrapHandler, settings: ValidationInfo) -> str:
    """What a campaign may leave out that names a brand."""
    if value:
        return cast(str, check(value))
    if not settings.data.get("brand_id"):
        raise ValueError("needed where no brand_id gives it")
    return value


def _left_out(schema: dict[str, Any]) -> None:
    """Nothing is no value that it may have: it may be missing."""
    schema.pop("default", None)


def _followed(outcome: Disposition) -> Disposition:
    if outcome in (Disposition.DELIVERED, Disposition.REPLIED):
        raise ValueError("whoever heard the whole message, or answered it, is not called again: nothing can be set")
    if outcome in (Disposition.NOT_PLACED, Disposition.WITHDRAWN):
        raise ValueError(f"a call that is {outcome} never left: it is tried again soon, then less and less often")
    return outcome


def _window(opens: str, closes: str) -> Window:
    window = Window(_time(opens), _time(closes))
    if window.closes != time.min and window.opens >= window.closes:
        raise ValueError(f"a window must open before it closes, at 00:00 at the latest: {opens}-{closes}")
    return window


def _time(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a wall-clock time has no zone of its own


Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", examples=["+48380000001"])]
S = TypeVar("S")
Branded = Annotated[S, WrapValidator(_given_by_a_brand), Field(validate_default=True, json_schema_extra=_left_out)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Weekday = Annotated[str, Field(pattern=r"^[1-7]$", description="ISO weekday, 1 is Monday")]
Windows = Annotated[dict[Weekday, Annotated[list[tuple[Clock, Clock]], Field(max_length=12)]], AfterValidator(_ordered)]
Calendar = Annotated[str | None, AfterValidator(_known_calendar)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Attempts = Annotated[int, Field(ge=1, le=10, description="per number")]
GapMinutes = Annotated[
    Decimal, Field(gt=0, le=10080, description="between the starts of two attempts of a contact", examples=[60])
]
RingSeconds = Annotated[int, Field(ge=5, le=120)]
RingSecondsByType = Annotated[dict[NumberType, RingSeconds], Field(description="where it differs from ring_seconds")]
NumberOrder = Annotated[
    list[NumberType], Field(max_length=4, description="these types first; otherwise numbers come as listed")
]
Priority = Annotated[int, Field(ge=0, le=1000, description="the lowest is called first")]
AtMost = Annotated[int, Field(ge=1, le=100, description="of a contact's attempts; then it is finished")]
Outcome = Annotated[Disposition, AfterValidator(_followed)]
Most = Annotated[int, Field(ge=1)]
DebtorGap = Annotated[
    Decimal, Field(ge=0, le=10080, description="between two calls to a debtor; null: the shortest of the plan")
]
Skill = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["pl"])]
AnswerWait = Annotated[
    Decimal, Field(ge=Decimal("0.3"), le=2, description="how long an answered call waits for an agent")
]
AbandonmentLimit = Annotated[
    Decimal,
    Field(
        ge=Decimal("0.001"),
        le=Decimal("0.2"),
        description="share of live answers that may find no agent, over any 24 hours and any 30 days",
        examples=[0.03],
    ),
]
ShortestRing = Annotated[
    int,
    Field(ge=5, le=120, description="before which a ringing call is not given up; from ring_seconds on: none is"),
]
TransferWait = Annotated[
    int | None,
    Field(ge=2, le=300, description="how long whoever asks for an agent waits for one; null: none is offered"),
]
PreviewTime = Annotated[
    int, Field(ge=5, le=900, description="in mode preview: how long an agent may look before deciding")
]
OwnCallBackWait = Annotated[
    int, Field(ge=0, le=1440, description="how long a call-back waits for the agent who agreed on it; then anybody's")
]
WrapUp = Annotated[int, Field(ge=1, le=3600, description="how long an agent may take after a talk")]
RestHours = Annotated[Decimal, Field(ge=0, le=8784)]
