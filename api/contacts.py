"""Who is called, and what became of each attempt?"""

from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api import campaigns
from api.operations import Answer, Asked, CampaignId, Nothing, Q, operation, reply
from api.pages import AfterAttempt, CaseId, ClientId, DebtorId, Limit, going_on
from api.problems import FieldError, invalid, not_found
from api.shown import AttemptsShown, ContactShown, ContactsShown, attempts_shown
from api.telephones import Number, normalised
from dialer.model import ContactState
from dialer.ports.store import AttemptFilter, ContactFilter, ContactView


class ContactsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    case_id: CaseId | None = Field(default=None, description="only this case's")
    state: ContactState | None = None
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=0, description="the last contact_id of the page before"
    )
    limit: Limit = 100


class ContactsEverywhereQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only this client's")
    campaign_id: CampaignId | None = None
    debtor_id: DebtorId | None = Field(default=None, description="the client's own; another client may have the same")
    case_id: CaseId | None = Field(default=None, description="only those that are called about it")
    number: Number | None = Field(default=None, description="only those who have it, called on it or not any more")
    state: ContactState | None = None
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=0, description="the last contact_id of the page before"
    )
    limit: Limit = 100


class AttemptsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: AfterAttempt = ""
    limit: Limit = 100


@operation(
    "List a campaign's contacts", {HTTPStatus.OK: Answer("A page, by contact_id.", ContactsShown)}, shows_people=True
)
async def list_all(asked: Asked[ContactsQuery, Nothing]) -> web.StreamResponse:
    campaign, query = await campaigns.visible(asked), asked.query
    which = ContactFilter(campaign_id=campaign.id, case_id=query.case_id, state=query.state)
    return await _page(asked, which, query.after, query.limit)


@operation("Find contacts", {HTTPStatus.OK: Answer("A page, by contact_id.", ContactsShown)}, shows_people=True)
async def find(asked: Asked[ContactsEverywhereQuery, Nothing]) -> web.StreamResponse:
    """Of all campaigns that the key may see: by debtor, case or number, so that ``why`` can be asked of them."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(ContactsShown(contacts=[], next=None))
    errors: list[FieldError] = []
    number = normalised(query.number, asked.service.engine.bounds.plan, errors, parameter="number")
    if errors:
        raise invalid("the address does not fit", errors)
    which = ContactFilter(
        query.client_id or asked.client_id, query.campaign_id, query.debtor_id, query.case_id, number, query.state
    )
    return await _page(asked, which, query.after, query.limit)


async def _page(asked: Asked[Q, Nothing], which: ContactFilter, after: int, limit: int) -> web.StreamResponse:
    found = await asked.service.store.contacts(which, after, limit)
    following = going_on(asked.request, asked.query, found[-1].id) if len(found) == limit else None
    return reply(ContactsShown(contacts=[ContactShown.of(contact) for contact in found], next=following))


@operation(
    "See a contact",
    {HTTPStatus.OK: Answer("The contact, its numbers and its message.", ContactShown)},
    shows_people=True,
)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(ContactShown.of(await visible(asked)))


@operation(
    "List a contact's attempts",
    {HTTPStatus.OK: Answer("All of them, from the first on.", AttemptsShown)},
    shows_people=True,
)
async def attempts(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    contact = await visible(asked)
    return reply(attempts_shown(await asked.service.store.attempts_of(contact.id)))


@operation(
    "List a campaign's attempts",
    {HTTPStatus.OK: Answer("A page, in the order they were saved.", AttemptsShown)},
    shows_people=True,
)
async def of_campaign(asked: Asked[AttemptsQuery, Nothing]) -> web.StreamResponse:
    campaign, query = await campaigns.visible(asked), asked.query
    found = await asked.service.store.attempts(AttemptFilter(campaign_id=campaign.id), query.after, query.limit)
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(attempts_shown(found, following))


async def visible(asked: Asked[Q, Nothing]) -> ContactView:
    """The contact of the address; to a client, another client's does not exist."""
    contact_id = asked.path["contact_id"]
    contact = await asked.service.store.contact(contact_id)
    if contact is None or asked.client_id not in (None, contact.client_id):
        raise not_found(f"contact {contact_id}")
    return contact
