"""What do a campaign's settings and those of a batch say together?

The settings are data that a person or a CRM writes; they are checked here once, and become the lanes' rules. What a
campaign leaves out is its profile's, and what it may not exceed too: ``core/profiles.py``.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self, overload

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.core.agent_settings import AgentSettings
from dialer.core.budget_settings import BudgetSettings
from dialer.core.cases import DebtorType, Stage
from dialer.core.languages import CALL_BACK, SHIPPED, SPOKEN, LanguageSettings, Message, SpokenIn
from dialer.core.moments import Moment
from dialer.core.plan_fields import (
    E164,
    Attempts,
    Branded,
    Calendar,
    GapMinutes,
    NumberOrder,
    Outcome,
    Priority,
    RingSeconds,
    RingSecondsByType,
    Text,
    Windows,
    Zone,
    minutes,
    parsed,
)
from dialer.core.promises import Speaks
from dialer.core.replies import ReplySettings
from dialer.core.retry_settings import Retry
from dialer.core.scenarios import NAME as SCENARIO_NAME
from dialer.core.tone_approval import ToneApproval
from dialer.core.topic import TopicRules, TopicSettings
from dialer.core.voicemail_settings import VoicemailSettings
from dialer.core.zones import zones_named
from dialer.model import (
    AttemptRules,
    CallingHours,
    Disposition,
    Lane,
    Mode,
    Turns,
    Voicemail,
)


class Identity(StrEnum):
    """How the listener shows to be the person meant, before anything sensitive is said."""

    NONE = "none"
    DTMF = "dtmf"
    COMPANY = "company"


class Mailing(BaseModel):
    """What a batch may set for itself; what is left out is the campaign's."""

    model_config = ConfigDict(extra="forbid")

    attempts: Attempts | None = None
    gap_minutes: GapMinutes | None = None
    windows: Windows | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None
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


class CampaignSettings(
    AgentSettings, VoicemailSettings, BudgetSettings, TopicSettings, ReplySettings, LanguageSettings, BaseModel
):
    """A campaign as it is put: whose it is, when and how often it calls, what it says."""

    model_config = ConfigDict(extra="forbid")

    client_id: Text
    profile: Text = Field(default="pl-default", description="rules for what is left out here, and their ceiling")
    brand_id: Text | None = Field(default=None, description="a brand that gives the other four fields and the voice")
    brand: Branded[Text] = ""
    brand_neutral: Branded[Text] = ""
    creditor: Text
    cli: Branded[E164] = Field(default="", description="the caller number presented")
    callback_number: Branded[E164] = ""
    debtor_type: DebtorType = DebtorType.PERSON
    stages: list[Stage] = Field(min_length=1)
    attempts: Attempts = 3
    gap_minutes: GapMinutes = Decimal(60)
    windows: Windows = Field(default={}, description="per weekday at the callee; left out: the profile's")
    not_before: Moment | None = None
    not_after: Moment | None = None
    holidays: Calendar = "PL"
    timezone: Zone = "Europe/Warsaw"
    ring_seconds: RingSeconds = 25
    ring_seconds_by_type: RingSecondsByType = {}
    number_order: NumberOrder = []
    number_turns: Turns = Turns.IN_TURN
    retry: dict[Outcome, Retry] = {}
    priority: Priority = 100
    identity: Identity = Identity.DTMF
    message: Message = CALL_BACK
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

    # Named by the call-list format, kept for what is to come; see ``NOT_ENFORCED``.
    billing: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _span_is_ordered(self) -> Self:
        _ordered_span(self.not_before, self.not_after)
        return self

    @model_validator(mode="after")
    def _other_languages_say_something(self) -> Self:
        for language, other in self.languages.items():
            if other.scenarios and self.mode is not Mode.MESSAGE:
                raise ValueError(f"languages.{language}: a scenario is of campaigns without agents: mode message")
            if other.scenario is not None and self.scenario is None:
                raise ValueError(f"languages.{language}: a scenario, where the campaign itself plays a message")
            if unsaid := other.said_of_promises().keys() - self.said_of_promises().keys():
                raise ValueError(f"languages.{language}: the campaign itself has no promise_{min(unsaid)}")
            if self.in_language(language) is self and not other.scenarios:
                missing = "scenario" if self.scenario is not None else "message"
                raise ValueError(f"languages.{language}: nothing is said in it without {missing}")
        return self

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
        others = {language: other.speaking_of(what) for language, other in self.languages.items()}
        return self.model_copy(
            update={"scenario": said.scenario, "scenario_version": said.version, "languages": others}
        )

    def in_language(self, language: str) -> Self:
        """What it says to debtors of that language; itself, if it has nothing to say in it."""
        other = self.languages.get(language, SpokenIn())
        message = other.message or (self.message if self.message in SHIPPED else None)
        says = other.scenario if self.scenario is not None else message or self.mode is not Mode.MESSAGE
        if language == self.language or language not in SPOKEN or not says:
            return self
        named = (
            {"scenario": other.scenario.scenario, "scenario_version": other.scenario.version} if other.scenario else {}
        )
        given = other.model_dump(include={"voice", "block_subject", "voicemail_message"})
        return self.model_copy(update={"language": language, "message": message or self.message, **given, **named})

    @property
    def speaks(self) -> frozenset[str]:
        """The languages that its debtors can be spoken to in."""
        return frozenset({self.language, *(each for each in SPOKEN if self.in_language(each).language == each)})

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
        budget=plan.budget(minutes(shortest_gap(plan))),
        may_tell_of_debt=settings.may_tell_of_debt,
        replies=settings.reply_rules(),
        agents=settings.agent_rules,
        voicemail=settings.machines_get,
        is_recorded=settings.are_recorded,
    )


@overload
def shortest_gap(plan: CampaignSettings) -> Decimal: ...
@overload
def shortest_gap(plan: Mailing) -> Decimal | None: ...
def shortest_gap(plan: CampaignSettings | Mailing) -> Decimal | None:
    """The least time, in minutes, between two attempts of a contact; None if the plan says nothing of it."""
    waits = [each.wait_minutes for each in (plan.retry or {}).values()]
    return min((gap for gap in (plan.gap_minutes, *waits) if gap is not None), default=None)


def _attempt_rules(plan: CampaignSettings) -> AttemptRules:
    return AttemptRules(
        per_number=plan.attempts,
        spacing=minutes(plan.gap_minutes),
        ring_time=timedelta(seconds=plan.ring_seconds),
        ring_time_by_type={kind: timedelta(seconds=ring) for kind, ring in plan.ring_seconds_by_type.items()},
        order=tuple(plan.number_order),
        turns=plan.number_turns,
        retry={outcome: each.rule() for outcome, each in plan.retry.items()},
    )


def _ordered_span(not_before: datetime | None, not_after: datetime | None) -> None:
    if not_before and not_after and not_before >= not_after:
        raise ValueError("not_before must lie before not_after")
