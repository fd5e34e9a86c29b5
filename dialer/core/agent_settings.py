"""Whom are a campaign's answered calls for?"""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from dialer.core.plan_fields import (
    AbandonmentLimit,
    AnswerWait,
    OwnCallBackWait,
    PreviewTime,
    ShortestRing,
    Skill,
    TransferWait,
    WrapUp,
)
from dialer.model import AgentRules, Mode


class TalkRecording(StrEnum):
    """Whether talks with agents, and the reasons of disputes, are recorded."""

    OFF = "off"
    WITH_NOTICE = "with_notice"  # said before the two are joined; with key 7 they talk unrecorded


class AgentSettings(BaseModel):
    """Whether agents speak in a campaign's calls, which of them, and how long each waits for whom."""

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

    @model_validator(mode="after")
    def _skills_are_of_agents(self) -> Self:
        if self.skills and self.mode is Mode.MESSAGE and self.transfer_wait_seconds is None:
            raise ValueError("skills are of campaigns with agents; in mode message give transfer_wait_seconds, too")
        if self.transfer_wait_seconds is not None and self.mode is not Mode.MESSAGE:
            raise ValueError(f"transfer_wait_seconds is of mode message; in mode {self.mode} all calls are for agents")
        return self

    def idle_settings(self, *, has_scenario: bool) -> list[tuple[str, str]]:
        """Settings that were changed and are of other campaigns: each with of which."""
        predictive, preview = self.mode is Mode.PREDICTIVE, self.mode is Mode.PREVIEW
        calls_for_agents, speaks = self.mode is not Mode.MESSAGE, self.agent_rules is not None
        with_agents = "campaigns with agents: in mode message give transfer_wait_seconds, too"
        of = {
            "answer_wait_seconds": (calls_for_agents, "modes in which all calls are for agents"),
            "recording": (speaks or has_scenario, "campaigns with agents or a scenario"),
            "wrap_up_seconds": (speaks, with_agents),
            "own_call_back_wait_minutes": (speaks, with_agents),
            "delay_required": (speaks, with_agents),
            "preview_seconds": (preview, "mode preview"),
            "abandonment_limit": (predictive, "mode predictive"),
            "shortest_ring_seconds": (predictive, "mode predictive"),
        }
        return [
            (name, f"kept, and without effect: it is of {whose}")
            for name, (is_used, whose) in of.items()
            if not is_used and getattr(self, name) != AgentSettings.model_fields[name].default
        ]

    @property
    def are_recorded(self) -> bool:
        """Talks, and what callees say of their disputes."""
        return self.recording is TalkRecording.WITH_NOTICE

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
        )
