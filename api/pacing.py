"""Why were so many calls placed just now, and how many were abandoned lately?"""

from http import HTTPStatus
from typing import Self

from aiohttp import web
from pydantic import BaseModel, Field

from api.campaigns import visible
from api.operations import Answer, Asked, Nothing, operation, reply
from dialer.core.abandonment import Tally
from dialer.core.answered import DAY, MONTH
from dialer.core.pacing import Binding, Pace, in_words
from dialer.model import AgentRules, Mode


class DecisionShown(BaseModel):
    """The last decision of a predictive campaign, with what it stands on."""

    place: int = Field(description="calls to place at that moment")
    given_up: int = Field(description="ringing calls ended because nobody would be free for them")
    because: Binding = Field(description="what kept the next call back")
    risk: float = Field(description="that the next call would find nobody, if it were answered")
    threshold: float = Field(description="which that risk may not exceed")
    free_soon: float = Field(description="agents expected to be free when a call placed then is answered")
    credit: float = Field(description="abandoned calls that may still be risked")
    in_words: str

    @classmethod
    def of(cls, pace: Pace) -> Self:
        return cls(
            place=pace.place,
            given_up=len(pace.give_up),
            because=pace.binding,
            risk=pace.risk,
            threshold=pace.threshold,
            free_soon=pace.free_soon,
            credit=pace.credit.left,
            in_words=in_words(pace),
        )


class WindowShown(BaseModel):
    """Answered calls of a span of time that ends now, to a quarter of an hour."""

    live_answers: int
    abandoned: int
    share: float | None = Field(description="abandoned of live answers; null: there were none")

    @classmethod
    def of(cls, tally: Tally) -> Self:
        share = tally.abandoned / tally.live_answers if tally.live_answers else None
        return cls(live_answers=tally.live_answers, abandoned=tally.abandoned, share=share)


class PacingRulesShown(BaseModel):
    """What its pacing keeps to: the campaign's settings, within the ceiling of its profile."""

    abandonment_limit: float = Field(description="share of live answers, over any 24 hours and any 30 days")
    answer_wait_seconds: float = Field(description="from the answer to the announcement that no agent is free")
    shortest_ring_seconds: float = Field(description="before which a ringing call is not given up")

    @classmethod
    def of(cls, rules: AgentRules) -> Self:
        return cls(
            abandonment_limit=rules.abandonment_limit,
            answer_wait_seconds=rules.answer_wait.total_seconds(),
            shortest_ring_seconds=rules.shortest_ring.total_seconds(),
        )


class PacingShown(BaseModel):
    campaign_id: str
    mode: Mode
    rules: PacingRulesShown | None = Field(description="null: its calls hear a message, and need no agent")
    last: DecisionShown | None = Field(description="null: none was taken since the engine has started")
    last_24_hours: WindowShown
    last_30_days: WindowShown


@operation(
    "See why a campaign places as many calls as it does", {HTTPStatus.OK: Answer("The last decision.", PacingShown)}
)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """What a campaign's agents have answered lately, and how many callers found nobody."""
    campaign, pacing = await visible(asked), asked.service.engine.pacing
    rules = campaign.settings.agent_rules
    answered, now, last = pacing.answered(campaign.id), asked.service.clock.now(), pacing.last(campaign.id)
    return reply(
        PacingShown(
            campaign_id=campaign.id,
            mode=campaign.settings.mode,
            rules=PacingRulesShown.of(rules) if rules else None,
            last=DecisionShown.of(last) if last else None,
            last_24_hours=WindowShown.of(answered.within(DAY, now)),
            last_30_days=WindowShown.of(answered.within(MONTH, now)),
        )
    )
