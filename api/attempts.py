"""What became of each attempt to call somebody, whatever campaign it was for?"""

from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import AgentId, Answer, Asked, CampaignId, Nothing, operation, reply
from api.pages import AfterAttempt, ClientId, Limit, Moment, going_on
from api.problems import not_found
from api.shown import AttemptShown, AttemptsShown, attempts_shown
from dialer.model import Disposition
from dialer.ports.store import AttemptFilter


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
    attempt_id, store = asked.path["attempt_id"], asked.service.store
    attempt = await store.attempt(attempt_id)
    campaign = await store.campaign(attempt.campaign_id) if attempt else None
    if attempt is None or campaign is None or asked.client_id not in (None, campaign.settings.client_id):
        raise not_found(f"attempt {attempt_id}")
    return reply(AttemptShown.of(attempt))
