"""What has come of the calls, by campaign, client, list or hour?"""

from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, CampaignId, Nothing, operation, reply
from api.pages import ClientId, Moment
from dialer.core.wrap_up import DelayReason
from dialer.ports.store import By, Figures, Row, Span


class ReportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: By = By.CAMPAIGN
    client_id: ClientId | None = Field(default=None, description="only this client's")
    campaign_id: CampaignId | None = Field(default=None, description="only this campaign's")
    since: Moment | None = Field(default=None, description="attempts that ended then or later")
    until: Moment | None = Field(default=None, description="attempts that ended before")
    paid_within_days: Annotated[int, Field(ge=1, le=365)] = Field(
        default=7, description="a payment so soon after somebody was reached is counted as following from it"
    )


class ReportRowShown(BaseModel):
    """Figures of attempts that are over."""

    key: str = Field(description="the campaign, client, list or hour (its beginning, UTC)")
    client_id: str | None = Field(description="of a list: who sent it; null: the operator, or it is no list")
    attempts: int
    answered: int
    answer_rate: float | None = Field(description="answered of attempts, 0 to 1; null: there were none")
    reached: int = Field(description="the message was delivered or replied to, or an agent spoke")
    delivered: int
    right_party: int = Field(description="the callee confirmed to be the person meant")
    abandoned: int
    abandoned_share: float | None = Field(description="abandoned of answered, 0 to 1; null: none was answered")
    promises: int = Field(description="to pay by a day; one for each case, also of those who called us")
    promises_kept: int = Field(description="the balance has fallen by what was promised, in time")
    promises_broken: int = Field(description="the day and promise_grace_days have passed without that")
    settled: int = Field(description="cases that were paid within the days after somebody was reached")
    recovered: dict[str, Decimal] = Field(
        description="by currency: how much less is owed since, within those days", examples=[{"PLN": "153.20"}]
    )
    delays: dict[DelayReason, int] = Field(
        description="by the reason why it is not paid: talks in calls of ours, as agents say in the wrap-up",
        examples=[{"liquidity": 3}],
    )

    @classmethod
    def of(cls, row: Row, figures: Figures) -> Self:
        return cls(
            key=row.key,
            client_id=row.sender or None,
            attempts=figures.attempts,
            answered=figures.answered,
            answer_rate=_share(figures.answered, figures.attempts),
            reached=figures.reached,
            delivered=figures.delivered,
            right_party=figures.right_party,
            abandoned=figures.abandoned,
            abandoned_share=_share(figures.abandoned, figures.answered),
            promises=figures.promises,
            promises_kept=figures.promises_kept,
            promises_broken=figures.promises_broken,
            settled=figures.settled,
            recovered=dict(figures.recovered),
            delays={DelayReason(reason): talks for reason, talks in figures.delays.items()},
        )


class ReportShown(BaseModel):
    by: By
    made_at: datetime
    rows: list[ReportRowShown] = Field(description="by key; those without an attempt or a promise are left out")


@operation("See what has come of the calls", {HTTPStatus.OK: Answer("The figures.", ReportShown)})
async def show(asked: Asked[ReportQuery, Nothing]) -> web.StreamResponse:
    """Counted from the attempts and balances themselves; whoever adds up the feed comes to the same figures."""
    query, now = asked.query, asked.service.clock.now()
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(ReportShown(by=query.by, made_at=now, rows=[]))
    span = Span(query.client_id or asked.client_id, query.campaign_id, query.since, query.until)
    found = await asked.service.store.report(query.by, span, timedelta(days=query.paid_within_days))
    rows = [ReportRowShown.of(row, figures) for row, figures in found.items()]
    return reply(ReportShown(by=query.by, made_at=now, rows=rows))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
