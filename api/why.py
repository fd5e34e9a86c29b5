"""Why is a contact (not) being called?"""

from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, Field

from api import contacts
from api.cases import HeldShown
from api.operations import Answer, Asked, Nothing, operation, reply
from api.problems import not_found
from dialer.core import budgets
from dialer.core.why import Next, next_possible, put_off, reasons
from dialer.model import ContactState
from dialer.ports.store import ContactView


class ReasonShown(BaseModel):
    """A rule by which the contact may not be called now."""

    rule: str
    meaning: str
    number: str | None = Field(description="null: it is about the contact as a whole, or more than it")
    until: datetime | None = Field(description="from when on it no longer holds; null: nobody can say")


class CaseStandShown(BaseModel):
    case_id: str
    state: str
    blocked: list[str] = Field(description="B_ codes: why it is not spoken of")
    held: HeldShown | None = Field(description="what its client has ordered")


class LanguageShown(BaseModel):
    """In which language a contact is listed, and in which the campaign speaks to it."""

    listed: str
    spoken: str = Field(description="the campaign's own, where it says nothing in the listed one")


class WhyShown(BaseModel):
    """Why a contact is, or is not, being called."""

    contact_id: int
    state: ContactState
    finished: str | None = Field(description="why it is not called any more")
    is_callable: bool = Field(description="nothing stands against a call now, but room on the trunk")
    reasons: list[ReasonShown] = Field(description="every rule against a call now; the general ones first")
    next_possible_at: datetime | None = Field(description="did the campaign run; null: none in sight")
    binding_rule: str | None = Field(description="the last rule to give way before it")
    held_because: str | None = Field(description="why there is no message yet")
    language: LanguageShown | None = Field(description="null: no case is left to speak of")
    cases: list[CaseStandShown]
    troubles: dict[str, str] = Field(description="what keeps the engine from calling anybody; empty when all is well")


@operation(
    "Ask why a contact is not called",
    {HTTPStatus.OK: Answer("Every rule that holds against a call now, and the next possible moment.", WhyShown)},
    shows_people=True,
)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """The rules are those that are asked before every call, all at once instead of one after another."""
    contact, service = await contacts.visible(asked), asked.service
    lanes, plan, now = service.engine.lanes, service.engine.bounds.plan, service.clock.now()
    known = await service.store.known(contact.id, now, budgets.LONGEST)
    if known is None:  # erased in between
        raise not_found(f"contact {contact.id}")
    if not lanes.knows(known.lane_id):  # the engine has just started, and has not read them yet
        await lanes.refresh()
    lane, candidate, troubles = lanes.rules(known.lane_id), known.candidate, service.troubles()
    today = now.astimezone(lane.hours.timezone).date()
    is_finished = contact.state == ContactState.FINISHED
    waiting = None if is_finished else put_off(contact.due_at, known.waits_for, now)
    holding = reasons(
        candidate,
        lane,
        plan,
        now,
        put_off=waiting,
        is_stopped=service.engine.stopping.is_stopped,
        is_running=lanes.running(lane.id) is not None,
        has_message=candidate.message_day == today and service.voice.has(candidate.message_key),
    )
    following = Next(None, None) if is_finished else next_possible(candidate, lane, plan, now, waiting)
    is_free = following.at == now and contact.state != ContactState.DIALING and not troubles
    return reply(
        WhyShown(
            contact_id=contact.id,
            state=ContactState(contact.state),
            finished=contact.finished,
            is_callable=is_free and all(each.number for each in holding),
            reasons=[
                ReasonShown(rule=each.rule, meaning=each.rule.meaning, number=each.number, until=each.until)
                for each in holding
            ],
            next_possible_at=following.at,
            binding_rule=following.binding,
            held_because=contact.held_because,
            language=await _language(asked, contact),
            cases=[
                CaseStandShown(
                    case_id=each.case_id,
                    state=each.state,
                    blocked=list(each.blocked),
                    held=HeldShown.of(each.held),
                )
                for each in known.cases
            ],
            troubles=dict(troubles),
        )
    )


async def _language(asked: Asked[Nothing, Nothing], contact: ContactView) -> LanguageShown | None:
    store = asked.service.store
    campaign, cases = await store.campaign(contact.campaign_id), await store.cases_of(contact.id)
    if campaign is None or not cases:
        return None
    listed = cases[0].debtor.language
    return LanguageShown(listed=listed, spoken=campaign.settings.in_language(listed).language)
