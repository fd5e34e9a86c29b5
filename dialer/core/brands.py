"""Under whose name is called, from which number, and does no campaign speak for another brand?

A brand is what callees see and hear: names, caller number, voice. A campaign names one, or carries the same fields
itself; it never says another's name.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.core.agent_settings import TalkRecording
from dialer.core.cases import Stage
from dialer.core.languages import LanguageCode
from dialer.core.numbers import NumberingPlan, NumberRefusal, normalise
from dialer.core.plan import CampaignSettings
from dialer.core.plan_fields import E164, Skill, Text, TransferWait, Windows, WrapUp, Zone
from dialer.core.scenarios import ScenarioVersion

# What a campaign takes from its brand, by the campaign's own names.
TAKEN = {
    "brand": "name",
    "brand_neutral": "neutral_name",
    "cli": "caller_number",
    "callback_number": "callback_number",
    "callback_hours": "opening_hours",
    "voice": "voice",
}


class BrandSettings(BaseModel):
    """A brand as it is put. What is for SMS, e-mail and pages is kept for the components that send them."""

    model_config = ConfigDict(extra="forbid")

    client_id: Text | None = Field(default=None, description="whose brand it is; null: the operator's own")
    name: Text = Field(description="as it is spoken; never inflected", examples=["Energia Przykładowa"])
    neutral_name: Text = Field(description="said before anybody's identity is known")
    caller_number: E164 = Field(description="presented to whoever is called")
    callback_number: E164 = Field(description="said in messages", examples=["+48380000051"])
    opening_hours: Windows = Field(
        default={}, description="per weekday, when the call-back number is answered; said in messages"
    )
    voice: Text | None = Field(default=None, description="one of this installation's; left out: its first")
    language: Annotated[LanguageCode, Field(description="of the scenario for whoever calls its numbers")] = "pl"
    answers_with: ScenarioVersion | None = Field(
        default=None, description="the client's scenario for whoever calls its numbers; null: such calls are refused"
    )
    transfer_wait_seconds: TransferWait = None
    skills: Annotated[list[Skill], Field(max_length=20, description="that an agent needs for its callers")] = []
    recording: Annotated[
        TalkRecording, Field(description="of talks with callers, and of what they complain of; they are told so")
    ] = TalkRecording.OFF
    wrap_up_seconds: Annotated[WrapUp, Field(description="how long an agent may take after a talk with a caller")] = 60
    timezone: Zone = Field(default="Europe/Warsaw", description="by whose clock callers are greeted")
    sms_sender: Annotated[str, Field(pattern=r"^[A-Za-z0-9 .-]{1,11}$", examples=["Energia"])] | None = None
    email_sender: Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,120}$", examples=["a@example.com"])] | None = (
        None
    )
    logo: Annotated[str, Field(pattern=r"^https://[^\s]{1,500}$", examples=["https://example.com/logo.svg"])] | None = (
        None
    )

    @model_validator(mode="after")
    def _agents_are_for_those_who_are_answered(self) -> Self:
        if self.transfer_wait_seconds is not None and self.answers_with is None:
            raise ValueError(
                "transfer_wait_seconds is for callers who ask for an agent: name a scenario in answers_with"
            )
        if self.skills and self.transfer_wait_seconds is None:
            raise ValueError("skills are of agents who take the brand's callers: give transfer_wait_seconds, too")
        return self


@dataclass(frozen=True, slots=True)
class CallerNumbers:
    """The numbers that the operator may present, and those that the regulator lets nobody present (DNO)."""

    owned: frozenset[str] | None = None  # None: not limited
    receive_only: frozenset[str] = frozenset()


def under(brand_id: str, brand: BrandSettings, settings: CampaignSettings) -> CampaignSettings:
    """The campaign's settings with what its brand says."""
    said = {ours: getattr(brand, theirs) for ours, theirs in TAKEN.items()}
    return settings.model_copy(update={"brand_id": brand_id, **said})


def contradictions(brand: BrandSettings, settings: CampaignSettings) -> Iterator[tuple[str, str]]:
    """The fields in which the campaign itself says something else than its brand."""
    for ours, theirs in TAKEN.items():
        if ours in settings.model_fields_set and getattr(settings, ours) not in (None, getattr(brand, theirs)):
            yield ours, f"the brand says otherwise ({theirs}): leave it out"


def caller_problem(number: str, plan: NumberingPlan, known: CallerNumbers) -> str | None:
    """Why that number may not be presented; None if it may."""
    meant = normalise(number, plan)
    if isinstance(meant, NumberRefusal):
        return f"{number} is no number that can be called back ({meant.code})"
    if not number.startswith("+48"):
        return f"{number} is no Polish number: carriers block it"
    if number in known.receive_only:
        return f"{number} only receives calls (the regulator's list): carriers block it; it may be the callback_number"
    if known.owned is not None and number not in known.owned:
        return f"{number} is not on the operator's list of caller numbers (DZWONEK_CALLER_NUMBERS)"
    return None


def others_named(text: str, own: Collection[str], others: Collection[str]) -> list[str]:
    """The other brands that a text names, each once; a brand whose name is part of one's own is none.

    In capitals, too, and over the end of a line; in small letters a name may be a word like any other.
    """
    mine = " | ".join(own)
    foreign = sorted({name for name in others if name not in mine})
    said = " ".join(text.split())
    return [name for name in foreign if any(_is_said(each, said) for each in (name, name.upper()))]


def _is_said(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def to_callers(brand_id: str, brand: BrandSettings) -> CampaignSettings:
    """What is said to whoever calls the brand, which names a scenario for them, as a campaign would say it."""
    assert brand.answers_with is not None  # noqa: S101
    said = CampaignSettings(
        client_id=brand.client_id or "",
        brand_id=brand_id,
        creditor=brand.name,
        language=brand.language,
        stages=[Stage.CALLBACK],
        timezone=brand.timezone,
        recording=brand.recording,
        scenario=brand.answers_with.scenario,
        scenario_version=brand.answers_with.version,
    )
    return under(brand_id, brand, said)
