"""How is each route of the API asked about a client's data, and what are others answered there?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.support.api import CSV, campaign
from tests.support.tenants import FLOW, Tenant, brand_of

More = Mapping[str, Any]


class ToOthers(StrEnum):
    """What another client's key is answered."""

    HIDDEN = "there is nothing"
    ITS_OWN = "what is its own, and the client's stays as it is"
    REFUSED = "no key of a client's may ask"
    PERSONAL = "no key may ask: it is a person's own"
    NOBODYS = "it is nobody's data"
    ENTRANCE = "who comes in is known afterwards"


def nothing(tenant: Tenant) -> More:
    return {}


def of_case(tenant: Tenant) -> More:
    return {"params": {"client_id": tenant.client_id or "CL-ENERGIA"}}


@dataclass(frozen=True)
class Rule:
    to_others: ToOthers
    more: Callable[[Tenant], More] = nothing  # what is sent besides the address
    is_stream: bool = False  # its answer does not end by itself
    idle: int | None = None  # whoever may ask is told so that there is nothing to be done now, or nothing to do it with
    first: Sequence[tuple[str, str]] = ()  # what has to be done before, by the operator, for it to change anything
    first_more: Callable[[Tenant], More] = nothing  # what is sent with that


def settings(tenant: Tenant) -> More:
    return {"json": campaign(client_id=tenant.client_id or "CL-ENERGIA", attempts=2)}


def answered_by(tenant: Tenant) -> More:
    return {"json": {"answered_by": "person"}}


def listed(tenant: Tenant) -> More:
    return {"data": tenant.listed, "headers": {"Content-Type": CSV}, "params": {"batch_id": "ANOTHER"}}


def balances(tenant: Tenant) -> More:
    owed = {"case_id": tenant.names["case_id"], "balance": "0.00", "currency": "PLN", "version": 99}
    return {"json": {"balances": [owed | {"client_id": tenant.client_id or "CL-ENERGIA"}]}}


def dispute(tenant: Tenant) -> More:
    return {"json": {"dispute": "open"}, **of_case(tenant)}


def an_order(tenant: Tenant) -> More:
    return {"json": {"reason": "complaint"}, **of_case(tenant)}


def orders(tenant: Tenant) -> More:
    return {"json": {"reason": "complaint", "case_ids": [tenant.names["case_id"]]}, **of_case(tenant)}


def wish(tenant: Tenant) -> More:
    body = {"debtor_id": tenant.debtor_id, "reason": "opt_out"}
    return {"json": body if tenant.client_id else body | {"client_id": "CL-ENERGIA"}}


def a_retention(tenant: Tenant) -> More:
    return {"json": {"days": {"heard": 30}}, **of_case(tenant)}


def an_erasure(tenant: Tenant) -> More:
    return {"json": {"debtor_id": tenant.debtor_id, "client_id": tenant.client_id or "CL-ENERGIA"}}


def subscription(tenant: Tenant) -> More:
    return {"json": {"url": "https://crm.example/dzwonek"}}


def key(tenant: Tenant) -> More:
    return {"json": {"scopes": ["campaigns:read"], "label": "another"}}


def a_certificate(tenant: Tenant) -> More:
    return {"json": {"name": "DNS:new.example", "client_id": tenant.client_id or "CL-ENERGIA"}}


def a_user(tenant: Tenant) -> More:
    return {"json": {"name": "ola", "role": "controller"}}


def another_role(tenant: Tenant) -> More:
    return {"json": {"role": "supervisor"}}


def an_agent(tenant: Tenant) -> More:
    return {"json": {"name": "Anna Nowak", "phone": "anna"}}


def take_over(tenant: Tenant) -> More:
    return {"json": {"take_over": True}}


def informed(tenant: Tenant) -> More:
    return {"json": {"outcome": "informed"}}


def a_skip(tenant: Tenant) -> More:
    return {"json": {"reason": "just_called"}}


def ears(tenant: Tenant) -> More:
    return {"json": {"phone": "supervisor"}}


def lunch(tenant: Tenant) -> More:
    return {"json": {"reason": "lunch"}}


def a_client(tenant: Tenant) -> More:
    return {"json": {"name": "Energia Fikcyjna", "after_rejected_dispute": "wait"}}


def a_brand(tenant: Tenant) -> More:
    return {"json": brand_of(tenant.client_id or "CL-ENERGIA")}


def draft(tenant: Tenant) -> More:
    body = {"source": FLOW.replace("kontakt", "rozmowę")}
    return {"json": body if tenant.client_id else body | {"client_id": "CL-ENERGIA"}}


def approval(tenant: Tenant) -> More:
    return {"json": {"approved_by": "Anna Nowak", "client_id": tenant.client_id or "CL-ENERGIA"}}


def retirement(tenant: Tenant) -> More:
    return {"json": {"client_id": tenant.client_id or "CL-ENERGIA"}}


def a_recording(tenant: Tenant) -> More:
    return {"data": b"RIFF", "headers": {"Content-Type": "audio/wav"}}


HIDDEN, ITS_OWN, REFUSED, PERSONAL, NOBODYS, ENTRANCE = ToOthers
PAUSE_CASE = ("POST", "/v1/cases/{case_id}/pause")
START, STOP = ("POST", "/v1/campaigns/{campaign_id}/start"), ("POST", "/v1/stop")

RULES = {
    "batches.take": Rule(ITS_OWN, listed),
    "batches.list_all": Rule(ITS_OWN),
    "batches.show": Rule(HIDDEN),
    "batches.rows": Rule(HIDDEN),
    "balances.take": Rule(ITS_OWN, balances),
    "clients.list_all": Rule(ITS_OWN),
    "clients.show": Rule(HIDDEN),
    "clients.put": Rule(HIDDEN, a_client),
    "campaigns.list_all": Rule(ITS_OWN),
    "campaigns.show": Rule(HIDDEN),
    "campaigns.put": Rule(HIDDEN, settings),
    "campaigns.figures": Rule(HIDDEN),
    "pacing.show": Rule(HIDDEN),
    "campaigns.start": Rule(HIDDEN),
    "campaigns.pause": Rule(HIDDEN, first=[START]),
    "campaigns.stop": Rule(HIDDEN),
    "brands.list_all": Rule(ITS_OWN),
    "brands.show": Rule(HIDDEN),
    "brands.put": Rule(HIDDEN, a_brand),
    "scenarios.list_all": Rule(ITS_OWN),
    "scenarios.history": Rule(HIDDEN, of_case),
    "scenarios.draft": Rule(ITS_OWN, draft),
    "scenarios.show": Rule(HIDDEN, of_case),
    "scenarios.approve": Rule(HIDDEN, approval),
    "scenarios.retire": Rule(HIDDEN, retirement),
    "prompts.list_all": Rule(HIDDEN),
    "prompts.show": Rule(HIDDEN),
    "prompts.put": Rule(HIDDEN, a_recording),
    "prompts.remove": Rule(HIDDEN),
    "contacts.list_all": Rule(HIDDEN),
    "contacts.find": Rule(ITS_OWN),
    "contacts.of_campaign": Rule(HIDDEN),
    "contacts.show": Rule(HIDDEN),
    "contacts.attempts": Rule(HIDDEN),
    "why.show": Rule(HIDDEN),
    "timelines.of_contact": Rule(HIDDEN),
    "timelines.of_case": Rule(HIDDEN, of_case),
    "attempts.list_all": Rule(ITS_OWN),
    "attempts.show": Rule(HIDDEN),
    "attempts.correct": Rule(HIDDEN, answered_by),
    "cases.list_all": Rule(ITS_OWN),
    "case_balances.list_all": Rule(HIDDEN, of_case),
    "cases.show": Rule(HIDDEN, of_case),
    "cases.change": Rule(HIDDEN, dispute),
    "case_orders.pause": Rule(HIDDEN, an_order),
    "case_orders.resume": Rule(HIDDEN, an_order, first=[PAUSE_CASE], first_more=an_order),
    "case_orders.stop": Rule(HIDDEN, an_order),
    "case_orders.pause_several": Rule(HIDDEN, orders),
    "case_orders.resume_several": Rule(HIDDEN, orders, first=[PAUSE_CASE], first_more=an_order),
    "case_orders.stop_several": Rule(HIDDEN, orders),
    "suppressions.list_all": Rule(ITS_OWN),
    "suppressions.add": Rule(ITS_OWN, wish),
    "suppressions.show": Rule(HIDDEN),
    "suppressions.lift": Rule(HIDDEN),
    "retention.show": Rule(HIDDEN, of_case),
    "retention.change": Rule(HIDDEN, a_retention),
    "retention.accesses": Rule(ITS_OWN),
    "erasures.list_all": Rule(ITS_OWN),
    "erasures.erase": Rule(HIDDEN, an_erasure),
    "erasures.show": Rule(HIDDEN),
    "events.follow": Rule(ITS_OWN),
    "agents.list_all": Rule(REFUSED),
    "agents.show": Rule(REFUSED),
    "agents.put": Rule(REFUSED, an_agent),
    "agents.login": Rule(REFUSED, take_over),
    "agents.logout": Rule(REFUSED),
    "agents.ready": Rule(REFUSED),
    "agents.pause": Rule(REFUSED, lunch),
    "agents.hang_up": Rule(REFUSED),
    "previews.show": Rule(REFUSED, idle=409),
    "previews.call": Rule(REFUSED, idle=409),
    "previews.skip": Rule(REFUSED, a_skip, idle=409),
    "listening.show": Rule(REFUSED),
    "listening.begin": Rule(REFUSED, ears, idle=503),
    "listening.end": Rule(REFUSED, idle=404),
    "call_backs.list_all": Rule(REFUSED),
    "call_backs.made": Rule(REFUSED, lambda _: {"json": {"call_id": "1795.1"}}, idle=404),
    "recordings.list_all": Rule(ITS_OWN),
    "recordings.audio": Rule(HIDDEN),
    "live.show": Rule(REFUSED),
    "live.screen": Rule(REFUSED, is_stream=True),
    "live.follow": Rule(REFUSED, is_stream=True),
    "agents.wrap_up": Rule(REFUSED, informed, idle=409),
    "event_stream.listen": Rule(ITS_OWN, lambda _: {"params": {"after": "0", "for_seconds": "0"}}),
    "reports.show": Rule(ITS_OWN),
    "exports.attempts": Rule(ITS_OWN),
    "exports.contacts": Rule(ITS_OWN),
    "exports.cases": Rule(ITS_OWN),
    "exports.events": Rule(ITS_OWN),
    "stop.show": Rule(REFUSED),
    "stop.stop": Rule(REFUSED),
    "stop.resume": Rule(REFUSED, first=[STOP]),
    "webhooks.list_all": Rule(ITS_OWN),
    "webhooks.make": Rule(ITS_OWN, subscription),
    "webhooks.show": Rule(HIDDEN),
    "webhooks.change": Rule(HIDDEN, lambda _: {"json": {"paused": True}}),
    "webhooks.remove": Rule(HIDDEN),
    "webhooks.rotate": Rule(HIDDEN),
    "webhooks.replay": Rule(HIDDEN, lambda _: {"json": {"after": 0}}),
    "webhooks.letters": Rule(HIDDEN),
    "keys.list_all": Rule(REFUSED),
    "keys.make": Rule(REFUSED, key),
    "keys.show": Rule(REFUSED),
    "keys.pace": Rule(REFUSED, lambda _: {"json": {"requests_per_second": 5}}),
    "keys.rotate": Rule(REFUSED),
    "keys.revoke": Rule(REFUSED),
    "certificates.list_all": Rule(REFUSED),
    "certificates.add": Rule(REFUSED, a_certificate),
    "certificates.remove": Rule(REFUSED),
    "users.list_all": Rule(REFUSED),
    "users.make": Rule(REFUSED, a_user),
    "users.show": Rule(REFUSED),
    "users.change": Rule(REFUSED, another_role),
    "users.reset": Rule(REFUSED),
    "sessions.list_all": Rule(REFUSED),
    "sessions.end": Rule(REFUSED),
    "sessions.begin": Rule(ENTRANCE, lambda _: {"json": {"name": "jan", "password": "guessed"}}),
    "first_user.make": Rule(ENTRANCE, lambda _: {"json": {"secret": "x", "name": "jan", "password": "guessed"}}),
    "me.show": Rule(PERSONAL),
    "me.change_password": Rule(PERSONAL, lambda _: {"json": {"password": "x", "new_password": "y"}}),
    "me.prepare_factor": Rule(PERSONAL, lambda _: {"json": {"password": "x"}}),
    "me.confirm_factor": Rule(PERSONAL, lambda _: {"json": {"code": "123456"}}),
    "me.leave": Rule(PERSONAL),
    "audit.list_all": Rule(ITS_OWN),
    "status.document": Rule(NOBODYS),
    "reference.page": Rule(NOBODYS),
    "status.health": Rule(NOBODYS),
    "status.figures": Rule(NOBODYS),
}
