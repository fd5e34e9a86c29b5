"""What do a campaign's settings and those of a batch say together?

The settings are data that a person or a CRM writes; they are checked here once, and become the lanes' rules. What a
campaign leaves out is its profile's, and what it may not exceed too: ``core/profiles.py``.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar, cast, overload
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from dialer.core.cases import DebtorType, Stage
from dialer.core.promises import Speaks
from dialer.core.replies import ReplySettings
from dialer.core.scenarios import NAME as SCENARIO_NAME
from dialer.core.tone_approval import ToneApproval
from dialer.core.topic import TopicRules, TopicSettings
from dialer.core.zones import zones_named
from dialer.model import (
    AgentRules,
    AttemptRules,
    Budget,
    CallingHours,
    Disposition,
    Lane,
    Mode,
    NumberType,
    RetryRule,
    Then,
    Turns,
    Voicemail,
    Window,
)


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


Text = Annotated[str, Field(min_length=1, max_length=120)]
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
VoicemailPolicy = Annotated[
    Voicemail | Literal["limited"],  # which is how call lists name the message
    Field(description="what a machine gets; left out: it is hung up on. Needs machine_detection"),
]
RestHours = Annotated[Decimal, Field(ge=0, le=8784)]


SHIPPED_VOICEMAIL = "call_back"


class TalkRecording(StrEnum):
    """Whether talks with agents are recorded."""

    OFF = "off"
    WITH_NOTICE = "with_notice"  # said before the two are joined; with key 7 they talk unrecorded


class Retry(BaseModel):
    """What follows attempts that end in a certain way; what is left out is the plan's."""

    model_config = ConfigDict(extra="forbid")

    wait_minutes: GapMinutes | None = None
    at_most: AtMost | None = None
    then: Then = Then.AGAIN

    def rule(self) -> RetryRule:
        return RetryRule(None if self.wait_minutes is None else _minutes(self.wait_minutes), self.at_most, self.then)


class Mailing(BaseModel):
    """What a batch may set for itself; what is left out is the campaign's."""

    model_config = ConfigDict(extra="forbid")

    attempts: Attempts | None = None
    gap_minutes: GapMinutes | None = None
    windows: Windows | None = None
    not_before: AwareDatetime | None = None
    not_after: AwareDatetime | None = None
    ring_seconds: RingSeconds | None = None
    ring_seconds_by_type: RingSecondsByType | None = None
    number_order: NumberOrder | None = None
    number_turns: Turns | None = None
    retry: dict[Outcome, Retry] | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _span_is_ordered(self) -> Self:
        _ordered_span(self.not_before, self.not_after)
        return self


class BudgetSettings(BaseModel):
    """How much a debtor and a telephone may be called, over all campaigns of the client; null is no limit."""

    max_per_debtor_day: Most | None = None
    max_per_debtor_7_days: Most | None = None
    max_per_number_day: Most | None = None
    max_per_number_7_days: Most | None = None
    max_answered_day: Most | None = None
    min_gap_minutes: DebtorGap | None = None
    rest_after_conversation_hours: RestHours = Decimal(0)
    rest_after_abandoned_hours: RestHours = Decimal(0)

    def budget(self, shortest: timedelta) -> Budget:
        """``shortest``: the plan's own time between two attempts."""
        return Budget(
            per_debtor_day=self.max_per_debtor_day,
            per_debtor_7_days=self.max_per_debtor_7_days,
            per_number_day=self.max_per_number_day,
            per_number_7_days=self.max_per_number_7_days,
            answered_per_day=self.max_answered_day,
            gap=shortest if self.min_gap_minutes is None else _minutes(self.min_gap_minutes),
            rest_after_conversation=timedelta(hours=float(self.rest_after_conversation_hours)),
            rest_after_abandoned=timedelta(hours=float(self.rest_after_abandoned_hours)),
        )


class CampaignSettings(BudgetSettings, TopicSettings, ReplySettings):
    """A campaign as it is put: whose it is, when and how often it calls, what it says."""

    model_config = ConfigDict(extra="forbid")

    client_id: Text
    profile: Text = Field(default="pl-default", description="rules for what is left out here, and their ceiling")
    mode: Mode = Mode.MESSAGE
    skills: Annotated[list[Skill], Field(max_length=20, description="that an agent needs for its calls")] = []
    answer_wait_seconds: AnswerWait = Decimal(2)
    transfer_wait_seconds: TransferWait = None
    wrap_up_seconds: WrapUp = 60
    own_call_back_wait_minutes: OwnCallBackWait = 15
    preview_seconds: PreviewTime = 60
    delay_required: bool = Field(
        default=False, description="a talk about the debt is wrapped up only with the reason why it is not paid"
    )
    recording: TalkRecording = TalkRecording.OFF
    abandonment_limit: AbandonmentLimit = Decimal("0.03")
    shortest_ring_seconds: ShortestRing = 15
    brand_id: Text | None = Field(default=None, description="a brand that gives the other four fields and the voice")
    brand: Branded[Text] = ""
    brand_neutral: Branded[Text] = ""
    creditor: Text
    cli: Branded[E164] = Field(default="", description="the caller number presented")
    callback_number: Branded[E164] = ""
    debtor_type: DebtorType = DebtorType.PERSON
    language: Annotated[str, Field(pattern="^(pl|en)$", description="in which its calls speak")] = "pl"
    stages: list[Stage] = Field(min_length=1)
    attempts: Attempts = 3
    gap_minutes: GapMinutes = Decimal(60)
    windows: Windows = Field(default={}, description="per weekday at the callee; left out: the profile's")
    not_before: AwareDatetime | None = None
    not_after: AwareDatetime | None = None
    holidays: Calendar = "PL"
    timezone: Zone = "Europe/Warsaw"
    ring_seconds: RingSeconds = 25
    ring_seconds_by_type: RingSecondsByType = {}
    number_order: NumberOrder = []
    number_turns: Turns = Turns.IN_TURN
    retry: dict[Outcome, Retry] = {}
    priority: Priority = 100
    identity: Identity = Identity.DTMF
    message: Annotated[str, Field(min_length=1, max_length=4000)] = "call_back"
    tone_approval: ToneApproval | None = None
    deadline_days: Annotated[
        int | None,
        Field(ge=1, le=60, description="working days from the call: the day that a text names as {deadline}"),
    ] = None
    block_subject: Text | None = Field(
        default=None, description="what a text names as {block_subject}", examples=["świadczenie usług"]
    )
    registry: Text | None = Field(default=None, description="the credit information bureau that a text names")
    scenario: Annotated[
        str | None,
        Field(pattern=SCENARIO_NAME, description="what callees are led through, in place of the message"),
    ] = None
    scenario_version: Annotated[int, Field(ge=1, description="of the scenario; it must be approved")] | None = None
    allowed_prefixes: list[Annotated[str, Field(pattern=r"^\+[0-9]{1,6}$")]] = ["+48"]

    voice: Text | None = Field(default=None, description="one of this installation's; left out: its first")

    machine_detection: Annotated[
        bool, Field(description="whether answering machines are told from people; in doubt it is a person")
    ] = False
    voicemail: VoicemailPolicy | None = None
    voicemail_message: Annotated[
        str, Field(min_length=1, max_length=1000, description="what is left with a machine, in words for anybody")
    ] = SHIPPED_VOICEMAIL

    # Named by the call-list format, kept for what is to come; see ``NOT_ENFORCED``.
    billing: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _span_is_ordered(self) -> Self:
        _ordered_span(self.not_before, self.not_after)
        return self

    @model_validator(mode="after")
    def _skills_are_of_agents(self) -> Self:
        if self.skills and self.mode is Mode.MESSAGE and self.transfer_wait_seconds is None:
            raise ValueError("skills are of campaigns with agents; in mode message give transfer_wait_seconds, too")
        if self.transfer_wait_seconds is not None and self.mode is not Mode.MESSAGE:
            raise ValueError(f"transfer_wait_seconds is of mode message; in mode {self.mode} all calls are for agents")
        if self.recording is not TalkRecording.OFF and self.agent_rules is None:
            raise ValueError(
                "talks are recorded in campaigns with agents; in mode message give transfer_wait_seconds, too"
            )
        return self

    @property
    def agent_rules(self) -> AgentRules | None:
        """Whom answered calls are for, or are handed to on demand; None: they hear a message, and that is all."""
        if self.mode is Mode.MESSAGE and self.transfer_wait_seconds is None:
            return None
        return AgentRules(
            mode=self.mode,
            skills=frozenset(self.skills),
            answer_wait=timedelta(seconds=float(self.transfer_wait_seconds or self.answer_wait_seconds)),
            wrap_up=timedelta(seconds=self.wrap_up_seconds),
            own_call_back_wait=timedelta(minutes=self.own_call_back_wait_minutes),
            preview_time=timedelta(seconds=self.preview_seconds),
            needs_delay_reason=self.delay_required,
            abandonment_limit=float(self.abandonment_limit),
            shortest_ring=timedelta(seconds=self.shortest_ring_seconds),
            are_recorded=self.recording is TalkRecording.WITH_NOTICE,
        )

    @model_validator(mode="after")
    def _version_is_named(self) -> Self:
        if self.scenario is not None and self.scenario_version is None:
            raise ValueError("a scenario needs its scenario_version")
        if self.scenario is not None and self.mode is not Mode.MESSAGE:
            raise ValueError("a scenario is of campaigns without agents: mode message")
        if self.said_of_promises() and self.mode is not Mode.MESSAGE:
            raise ValueError("what is said of promises is of campaigns without agents: mode message")
        return self

    @model_validator(mode="after")
    def _machines_are_tried_again_by_a_rule(self) -> Self:
        if self.voicemail is Voicemail.RETRY and Disposition.MACHINE not in self.retry:
            raise ValueError("voicemail retry needs retry.machine: when a machine is called again, and how often")
        return self

    @property
    def machines_get(self) -> Voicemail | None:
        """None: nobody asks whether a machine has answered."""
        if not self.machine_detection:
            return None
        return Voicemail.MESSAGE if self.voicemail == "limited" else self.voicemail or Voicemail.HANG_UP

    @property
    def may_tell_of_debt(self) -> bool:
        """Whether anything of the debt may be said to whoever answers: companies have no private sphere."""
        return self.debtor_type is DebtorType.COMPANY and self.identity is Identity.NONE

    @property
    def speaks_of(self) -> TopicRules:
        """Of which cases its calls speak, and when."""
        return self.topic_rules(self.promise_rules(self.holidays))

    def speaking_of(self, what: Speaks | None) -> Self:
        """The same, with the scenario that speaks of promises in that way."""
        if what is None:
            return self
        said = self.said_of_promises()[what]
        return self.model_copy(update={"scenario": said.scenario, "scenario_version": said.version})

    def not_enforced(self) -> list[str]:
        """The fields that are set and kept, and have no effect in this version."""
        used = {"scenario_version"} if self.scenario is not None else set()
        used |= {"voicemail"} if self.machine_detection else set()
        return [name for name in NOT_ENFORCED if name not in used and getattr(self, name) is not None]


# Of a version alone, without a scenario; and of what machines get where nobody looks for them.
NOT_ENFORCED = ("voicemail", "scenario_version", "billing")


def lane(
    lane_id: int,
    campaign_id: str,
    settings: CampaignSettings,
    batch_id: str | None,
    mailing: Mailing | None,
    timezone: str,
) -> Lane:
    """The rules for the contacts of one batch in one time zone: the batch's own first, else the campaign's.

    Args:
        timezone: one or several, as ``core/zones.py`` names them.
    """
    zone, *others = zones_named(timezone)
    own = {} if mailing is None else {name: value for name, value in mailing if value is not None}
    plan = settings.model_copy(update=own)
    return Lane(
        id=lane_id,
        campaign_id=campaign_id,
        batch_id=batch_id,
        hours=CallingHours(
            windows=parsed(plan.windows),
            timezone=zone,
            holidays=plan.holidays,
            not_before=plan.not_before,
            not_after=plan.not_after,
            also_in=tuple(others),
        ),
        rules=_attempt_rules(plan),
        caller_number=plan.cli,
        priority=plan.priority,
        budget=plan.budget(_minutes(shortest_gap(plan))),
        may_tell_of_debt=settings.may_tell_of_debt,
        replies=settings.reply_rules(),
        agents=settings.agent_rules,
        voicemail=settings.machines_get,
    )


@overload
def shortest_gap(plan: CampaignSettings) -> Decimal: ...
@overload
def shortest_gap(plan: Mailing) -> Decimal | None: ...
def shortest_gap(plan: CampaignSettings | Mailing) -> Decimal | None:
    """The least time, in minutes, between two attempts of a contact; None if the plan says nothing of it."""
    waits = [each.wait_minutes for each in (plan.retry or {}).values()]
    return min((gap for gap in (plan.gap_minutes, *waits) if gap is not None), default=None)


def parsed(windows: Mapping[str, list[tuple[str, str]]]) -> dict[int, tuple[Window, ...]]:
    """Windows per ISO weekday; ValueError if one closes before it opens."""
    return {int(day): tuple(_window(opens, closes) for opens, closes in spans) for day, spans in windows.items()}


def _attempt_rules(plan: CampaignSettings) -> AttemptRules:
    return AttemptRules(
        per_number=plan.attempts,
        spacing=_minutes(plan.gap_minutes),
        ring_time=timedelta(seconds=plan.ring_seconds),
        ring_time_by_type={kind: timedelta(seconds=ring) for kind, ring in plan.ring_seconds_by_type.items()},
        order=tuple(plan.number_order),
        turns=plan.number_turns,
        retry={outcome: each.rule() for outcome, each in plan.retry.items()},
    )


def _minutes(count: Decimal) -> timedelta:
    return timedelta(minutes=float(count))


def _ordered_span(not_before: datetime | None, not_after: datetime | None) -> None:
    if not_before and not_after and not_before >= not_after:
        raise ValueError("not_before must lie before not_after")


def _window(opens: str, closes: str) -> Window:
    window = Window(_time(opens), _time(closes))
    if window.closes != time.min and window.opens >= window.closes:
        raise ValueError(f"a window must open before it closes, at 00:00 at the latest: {opens}-{closes}")
    return window


def _time(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a wall-clock time has no zone of its own
