"""How is a campaign set up, started, paused and stopped, and how does it stand?"""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

import structlog
from aiohttp import web
from pydantic import Field

from api.brands import branded
from api.operations import Answer, Asked, B, CampaignId, Nothing, Q, operation, reply
from api.problems import FieldError, Problem, invalid, not_found
from api.revisions import MAY_BE_EXPECTED, expected_revision
from api.service import Service
from api.shown import CampaignShown, CampaignsShown, FiguresShown
from dialer.core.plan import CampaignSettings, shortest_gap
from dialer.core.profiles import Profiles, completed, excesses
from dialer.model import CampaignState
from dialer.ports.store import Campaign, Conflict

COMMANDS = web.AppKey("commands", asyncio.Lock)

log = structlog.get_logger(__name__)


class Command(StrEnum):
    START = "start"
    PAUSE = "pause"
    STOP = "stop"


# A command that is repeated changes nothing and succeeds, so that its sender may repeat it when in doubt.
TRANSITIONS: Mapping[tuple[CampaignState, Command], CampaignState] = {
    (CampaignState.DRAFT, Command.START): CampaignState.RUNNING,
    (CampaignState.DRAFT, Command.STOP): CampaignState.STOPPED,
    (CampaignState.RUNNING, Command.START): CampaignState.RUNNING,
    (CampaignState.RUNNING, Command.PAUSE): CampaignState.PAUSED,
    (CampaignState.RUNNING, Command.STOP): CampaignState.STOPPED,
    (CampaignState.PAUSED, Command.START): CampaignState.RUNNING,
    (CampaignState.PAUSED, Command.PAUSE): CampaignState.PAUSED,
    (CampaignState.PAUSED, Command.STOP): CampaignState.STOPPED,
    (CampaignState.STOPPED, Command.STOP): CampaignState.STOPPED,
}


class CampaignBody(CampaignSettings):
    """A campaign's settings, as a CRM keeps them: it may name the campaign too."""

    campaign_id: CampaignId | None = Field(default=None, description="if given, the same as in the address")

    def settings(self, profiles: Profiles) -> CampaignSettings:
        """With what they leave out."""
        given = self.model_dump(exclude={"campaign_id"}, exclude_unset=True)
        return completed(CampaignSettings.model_validate(given), profiles)


_CHANGED = {"ETag": "the revision of the settings"}


@operation(
    "Create a campaign, or change its settings",
    {
        HTTPStatus.OK: Answer("The campaign, changed.", CampaignShown, headers=_CHANGED),
        HTTPStatus.CREATED: Answer("The campaign, a draft.", CampaignShown, headers=_CHANGED),
    },
    problems={
        HTTPStatus.CONFLICT: "The campaign belongs to another client.",
        HTTPStatus.PRECONDITION_FAILED: "It has changed since it was read.",
    },
    headers=MAY_BE_EXPECTED,
)
async def put(asked: Asked[Nothing, CampaignBody]) -> web.StreamResponse:
    """New settings hold for every attempt that is not placed yet, from the answer on.

    Contacts whose attempts were used up go on if there are more now; those beyond what there are now are finished.
    """
    campaign_id, service = asked.path["campaign_id"], asked.service
    settings = asked.body.settings(service.profiles)
    known = await service.store.campaign(campaign_id)
    if known is not None and asked.client_id not in (None, known.settings.client_id):
        raise not_found(f"campaign {campaign_id} that this key may see: choose another campaign_id")
    settings, errors = await branded(asked, campaign_id, settings)
    errors += [*_settings_errors(asked, settings), *await _unspeakable(asked, settings)]
    errors += [] if known is None else await _mailing_errors(asked, settings)
    if errors:
        raise invalid("the settings cannot be used", errors)
    if settings.tone_approval:
        before = known.settings.tone_approval if known else None
        approval = settings.tone_approval.since(before, service.clock.now())
        settings = settings.model_copy(update={"tone_approval": approval})
    revision = expected_revision(asked.request, "a campaign")
    try:
        campaign = await service.store.put_campaign(campaign_id, settings, service.clock.now(), revision, asked.actor)
    except Conflict as conflict:
        moved = revision is not None and (known is None or known.settings.client_id == settings.client_id)
        status = HTTPStatus.PRECONDITION_FAILED if moved else HTTPStatus.CONFLICT
        raise Problem(status, f"{conflict}: read it again and decide anew") from conflict
    await service.engine.lanes.refresh()
    log.info("campaign_put", campaign=campaign_id, revision=campaign.revision, by=asked.actor)
    return _campaign(campaign, HTTPStatus.CREATED if campaign.revision == 1 else HTTPStatus.OK)


@operation("List the campaigns", {HTTPStatus.OK: Answer("All that the key may see, by id.", CampaignsShown)})
async def list_all(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    campaigns = await asked.service.store.campaigns(asked.client_id)
    return reply(CampaignsShown(campaigns=[CampaignShown.of(campaign) for campaign in campaigns]))


@operation("See a campaign", {HTTPStatus.OK: Answer("The campaign.", CampaignShown, headers=_CHANGED)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return _campaign(await visible(asked))


@operation("See how a campaign stands", {HTTPStatus.OK: Answer("Contacts and attempts, counted.", FiguresShown)})
async def figures(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    campaign, service = await visible(asked), asked.service
    found = await service.store.campaign_figures(campaign.id)
    return reply(FiguresShown.of(campaign, found, engine_stopped=service.engine.stopping.is_stopped))


_COMMANDED = {HTTPStatus.OK: Answer("The campaign in its new state.", CampaignShown, headers=_CHANGED)}
_NOT_NOW = {HTTPStatus.CONFLICT: "The campaign's state does not allow it."}


@operation("Start a campaign, or go on with it", _COMMANDED, problems=_NOT_NOW)
async def start(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Its contacts are called within its windows."""
    return await _command(asked, Command.START)


@operation("Pause a campaign", _COMMANDED, problems=_NOT_NOW)
async def pause(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """From the answer on no call of it is placed; those that are live go on to their end."""
    return await _command(asked, Command.PAUSE)


@operation("Stop a campaign for good", _COMMANDED, problems=_NOT_NOW)
async def stop(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """As with a pause, but it cannot be started again."""
    return await _command(asked, Command.STOP)


async def visible(asked: Asked[Q, B]) -> Campaign:
    """The campaign of the address; to a client, another client's does not exist."""
    campaign_id = asked.path["campaign_id"]
    campaign = await asked.service.store.campaign(campaign_id)
    if campaign is None or asked.client_id not in (None, campaign.settings.client_id):
        raise not_found(f"campaign {campaign_id}")
    return campaign


async def _command(asked: Asked[Nothing, Nothing], command: Command) -> web.StreamResponse:
    service = asked.service
    async with asked.request.app[COMMANDS]:  # two commands at once must not decide on the same state
        before = await visible(asked)
        state = TRANSITIONS.get((before.state, command))
        if state is None:
            raise Problem(
                HTTPStatus.CONFLICT,
                f"campaign {before.id} is {before.state}: {command} cannot follow",
                code=f"campaign_{before.state}",
            )
        if command is Command.START and (problem := service.presentable(before.settings.cli)):
            raise Problem(HTTPStatus.CONFLICT, f"campaign {before.id} cannot call: {problem}", code="caller_number")
        if command is Command.START:
            _require_agents(service, before)
        if state is not before.state:
            await service.store.set_campaign_state(before.id, state, service.clock.now(), asked.actor)
        # Before the answer, and also if nothing changed: an earlier try may have got only half as far.
        await service.engine.lanes.refresh()
        after = await visible(asked)
    log.info("campaign_commanded", campaign=after.id, command=command, state=after.state, by=asked.actor)
    return _campaign(after)


def _require_agents(service: Service, campaign: Campaign) -> None:
    """Whoever answers a campaign that nobody can serve would hear the announcement, one after another."""
    rules, roster = campaign.settings.agent_rules, service.engine.roster
    if rules is not None and not any(rules.skills <= skills for skills in roster.skills.values()):
        asked = f"the skills {', '.join(sorted(rules.skills))}" if rules.skills else "its calls"
        raise Problem(
            HTTPStatus.CONFLICT,
            f"campaign {campaign.id} has no agent for {asked}: create one with PUT /v1/agents/{{agent_id}}",
            code="no_agents",
        )


def _campaign(campaign: Campaign, status: HTTPStatus = HTTPStatus.OK) -> web.StreamResponse:
    return reply(CampaignShown.of(campaign), status, {"ETag": f'"{campaign.revision}"'})


def _settings_errors(asked: Asked[Nothing, CampaignBody], settings: CampaignSettings) -> list[FieldError]:
    service, named = asked.service, asked.body.campaign_id
    errors = []
    if named is not None and named != asked.path["campaign_id"]:
        errors.append(FieldError(pointer="#/campaign_id", detail="is not the one of the address"))
    if asked.client_id not in (None, settings.client_id):
        errors.append(FieldError(pointer="#/client_id", detail=f"the key speaks for {asked.client_id} only"))
    shortest = service.shortest_gap.total_seconds() / 60
    if shortest_gap(settings) < shortest:
        errors.append(
            FieldError(pointer="#/gap_minutes", detail=f"{shortest:g} minutes is the least here, in retry too")
        )
    errors += [
        FieldError(pointer=f"#/{excess.field}", detail=excess.detail)
        for excess in excesses(settings, settings.profile, service.profiles)
    ]
    return errors


async def _unspeakable(asked: Asked[Nothing, CampaignBody], settings: CampaignSettings) -> list[FieldError]:
    problems = await asked.service.voice.problems(settings)
    return [FieldError(pointer=f"#/{problem.field}", detail=problem.detail) for problem in problems]


async def _mailing_errors(asked: Asked[Nothing, CampaignBody], settings: CampaignSettings) -> list[FieldError]:
    """Batches set more for themselves than the campaign's new profile would let them."""
    service = asked.service
    mailings = await service.store.mailings(asked.path["campaign_id"])
    return [
        FieldError(pointer="#/profile", detail=f"batch {batch_id}, mailing.{excess.field}: {excess.detail}")
        for batch_id, mailing in mailings.items()
        for excess in excesses(mailing, settings.profile, service.profiles)
        if settings.profile in service.profiles
    ]
