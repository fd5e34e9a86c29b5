"""What became of each attempt to call somebody, whatever campaign it was for?"""

from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import AgentId, Answer, Asked, B, CampaignId, Nothing, operation, reply
from api.pages import AfterAttempt, ClientId, Limit, Moment, going_on
from api.problems import Problem, not_found
from api.shown import AttemptShown, AttemptsShown, attempts_shown
from dialer.core.machines import AnsweredBy
from dialer.model import Disposition
from dialer.ports.store import AttemptFilter, AttemptView, Conflict


class AttemptsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only this client's")
    campaign_id: CampaignId | None = None
    disposition: Disposition | None = Field(default=None, description="only those that ended so")
    agent_id: AgentId | None = Field(default=None, description="only those in which this agent spoke last")
    since: Moment | None = Field(default=None, description="saved then or later")
    until: Moment | None = Field(default=None, description="saved before it")
    after: AfterAttempt = ""
    limit: Limit = 100


@operation(
    "List the attempts",
    {HTTPStatus.OK: Answer("A page, in the order they were saved.", AttemptsShown)},
    shows_people=True,
)
async def list_all(asked: Asked[AttemptsQuery, Nothing]) -> web.StreamResponse:
    """Of all campaigns that the key may see; those of one contact are under the contact."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(attempts_shown([]))
    which = AttemptFilter(
        query.client_id or asked.client_id,
        query.campaign_id,
        query.disposition,
        query.agent_id,
        query.since,
        query.until,
    )
    found = await asked.service.store.attempts(which, query.after, query.limit)
    return reply(
        attempts_shown(found, going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None)
    )


@operation("See an attempt", {HTTPStatus.OK: Answer("The attempt.", AttemptShown)}, shows_people=True)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(AttemptShown.of(await _attempt(asked)))


class AnsweredByBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answered_by: AnsweredBy = Field(description="who it was in truth, as the debtor says or a recording shows")


@operation(
    "Say who had answered",
    {HTTPStatus.OK: Answer("The attempt, with `corrected` in its `detection`.", AttemptShown)},
    problems={HTTPStatus.CONFLICT: "Nobody asked whether a machine had answered: there is no verdict to correct."},
    shows_people=True,
)
async def correct(asked: Asked[Nothing, AnsweredByBody]) -> web.StreamResponse:
    """Verdict and disposition stay; the campaign's figures count the verdict as right or wrong. It is audited."""
    service, attempt = asked.service, await _attempt(asked)
    try:
        await service.store.correct_attempt(attempt.id, asked.body.answered_by, service.clock.now(), asked.actor)
    except Conflict as conflict:
        detail = f"{conflict}: switch machine_detection on in the campaign"
        raise Problem(HTTPStatus.CONFLICT, detail, code="no_verdict") from conflict
    return reply(AttemptShown.of(await _attempt(asked)))


async def _attempt(asked: Asked[Nothing, B]) -> AttemptView:
    """The attempt; Problem 404 if there is none that the key may see."""
    attempt_id, store = asked.path["attempt_id"], asked.service.store
    attempt = await store.attempt(attempt_id)
    campaign = await store.campaign(attempt.campaign_id) if attempt else None
    if attempt is None or campaign is None or asked.client_id not in (None, campaign.settings.client_id):
        raise not_found(f"attempt {attempt_id}")
    return attempt
