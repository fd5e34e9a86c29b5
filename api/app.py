"""Which addresses does the API have, and who may use each? All of them, on one screen."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

from aiohttp import HttpVersion11, web

from api import (
    agents,
    attempts,
    audit,
    balances,
    batches,
    brands,
    call_backs,
    campaigns,
    case_balances,
    case_orders,
    cases,
    certificates,
    clients,
    contacts,
    erasures,
    event_stream,
    events,
    exports,
    first_user,
    keys,
    listening,
    live,
    me,
    openapi,
    pacing,
    previews,
    prompts,
    recordings,
    reference,
    reports,
    retention,
    scenarios,
    sessions,
    status,
    stop,
    suppressions,
    timelines,
    users,
    webhooks,
    why,
)
from api.body import sweep
from api.doorstep import Doorstep
from api.journal import journal, sign
from api.metrics import Metrics
from api.operations import DESCRIBED, DOORSTEP, METRICS, RATES, READERS, SERVICE, Route, handler
from api.problems import as_problems
from api.rates import Rates
from api.readers import Readers
from api.scopes import Scope
from api.service import ApiLimits, Service
from api.tls import TLS, Tls

ROUTES = (
    Route("GET", "/v1/batches", Scope.LISTS_WRITE, batches.list_all),
    Route("POST", "/v1/batches", Scope.LISTS_WRITE, batches.take),
    Route("GET", "/v1/batches/{batch_id}", Scope.LISTS_WRITE, batches.show),
    Route("GET", "/v1/batches/{batch_id}/rows", Scope.LISTS_WRITE, batches.rows),
    Route("POST", "/v1/balances", Scope.BALANCES_WRITE, balances.take),
    Route("GET", "/v1/clients", Scope.CLIENTS_READ, clients.list_all),
    Route("GET", "/v1/clients/{client_id}", Scope.CLIENTS_READ, clients.show),
    Route("PUT", "/v1/clients/{client_id}", Scope.CLIENTS_WRITE, clients.put),
    Route("GET", "/v1/campaigns", Scope.CAMPAIGNS_READ, campaigns.list_all),
    Route("GET", "/v1/campaigns/{campaign_id}", Scope.CAMPAIGNS_READ, campaigns.show),
    Route("PUT", "/v1/campaigns/{campaign_id}", Scope.CAMPAIGNS_WRITE, campaigns.put),
    Route("GET", "/v1/campaigns/{campaign_id}/figures", Scope.CAMPAIGNS_READ, campaigns.figures),
    Route("GET", "/v1/campaigns/{campaign_id}/pacing", Scope.CAMPAIGNS_READ, pacing.show),
    Route("POST", "/v1/campaigns/{campaign_id}/start", Scope.CAMPAIGNS_WRITE, campaigns.start),
    Route("POST", "/v1/campaigns/{campaign_id}/pause", Scope.CAMPAIGNS_WRITE, campaigns.pause),
    Route("POST", "/v1/campaigns/{campaign_id}/stop", Scope.CAMPAIGNS_WRITE, campaigns.stop),
    Route("GET", "/v1/brands", Scope.BRANDS_READ, brands.list_all),
    Route("GET", "/v1/brands/{brand_id}", Scope.BRANDS_READ, brands.show),
    Route("PUT", "/v1/brands/{brand_id}", Scope.BRANDS_WRITE, brands.put),
    Route("GET", "/v1/scenarios", Scope.SCENARIOS_READ, scenarios.list_all),
    Route("GET", "/v1/scenarios/{scenario}", Scope.SCENARIOS_READ, scenarios.history),
    Route("PUT", "/v1/scenarios/{scenario}", Scope.SCENARIOS_WRITE, scenarios.draft),
    Route("GET", "/v1/scenarios/{scenario}/versions/{version}", Scope.SCENARIOS_READ, scenarios.show),
    Route("POST", "/v1/scenarios/{scenario}/versions/{version}/approve", Scope.SCENARIOS_WRITE, scenarios.approve),
    Route("POST", "/v1/scenarios/{scenario}/versions/{version}/retire", Scope.SCENARIOS_WRITE, scenarios.retire),
    Route("GET", "/v1/prompts/{owner}", Scope.BRANDS_READ, prompts.list_all),
    Route("GET", "/v1/prompts/{owner}/{phrase}", Scope.BRANDS_READ, prompts.show),
    Route("PUT", "/v1/prompts/{owner}/{phrase}", Scope.BRANDS_WRITE, prompts.put),
    Route("DELETE", "/v1/prompts/{owner}/{phrase}", Scope.BRANDS_WRITE, prompts.remove),
    Route("GET", "/v1/campaigns/{campaign_id}/contacts", Scope.CONTACTS_READ, contacts.list_all),
    Route("GET", "/v1/campaigns/{campaign_id}/attempts", Scope.CONTACTS_READ, contacts.of_campaign),
    Route("GET", "/v1/contacts", Scope.CONTACTS_READ, contacts.find),
    Route("GET", "/v1/contacts/{contact_id}", Scope.CONTACTS_READ, contacts.show),
    Route("GET", "/v1/contacts/{contact_id}/why", Scope.CONTACTS_READ, why.show),
    Route("GET", "/v1/contacts/{contact_id}/attempts", Scope.CONTACTS_READ, contacts.attempts),
    Route("GET", "/v1/contacts/{contact_id}/timeline", Scope.CONTACTS_READ, timelines.of_contact),
    Route("GET", "/v1/cases/{case_id}/timeline", Scope.CONTACTS_READ, timelines.of_case),
    Route("GET", "/v1/attempts", Scope.CONTACTS_READ, attempts.list_all),
    Route("GET", "/v1/attempts/{attempt_id}", Scope.CONTACTS_READ, attempts.show),
    Route("PUT", "/v1/attempts/{attempt_id}/answered-by", Scope.CASES_WRITE, attempts.correct),
    Route("GET", "/v1/cases", Scope.CASES_READ, cases.list_all),
    Route("GET", "/v1/cases/{case_id}", Scope.CASES_READ, cases.show),
    Route("GET", "/v1/cases/{case_id}/balances", Scope.CASES_READ, case_balances.list_all),
    Route("PATCH", "/v1/cases/{case_id}", Scope.CASES_WRITE, cases.change),
    Route("POST", "/v1/cases/{case_id}/pause", Scope.CASES_WRITE, case_orders.pause),
    Route("POST", "/v1/cases/{case_id}/resume", Scope.CASES_WRITE, case_orders.resume),
    Route("POST", "/v1/cases/{case_id}/stop", Scope.CASES_WRITE, case_orders.stop),
    Route("POST", "/v1/cases/pause", Scope.CASES_WRITE, case_orders.pause_several),
    Route("POST", "/v1/cases/resume", Scope.CASES_WRITE, case_orders.resume_several),
    Route("POST", "/v1/cases/stop", Scope.CASES_WRITE, case_orders.stop_several),
    Route("GET", "/v1/suppressions", Scope.SUPPRESSIONS_READ, suppressions.list_all),
    Route("POST", "/v1/suppressions", Scope.SUPPRESSIONS_WRITE, suppressions.add),
    Route("GET", "/v1/suppressions/{suppression_id}", Scope.SUPPRESSIONS_READ, suppressions.show),
    Route("DELETE", "/v1/suppressions/{suppression_id}", Scope.SUPPRESSIONS_WRITE, suppressions.lift),
    Route("GET", "/v1/retention", Scope.RETENTION_MANAGE, retention.show),
    Route("PATCH", "/v1/retention", Scope.RETENTION_MANAGE, retention.change),
    Route("GET", "/v1/accesses", Scope.AUDIT_READ, retention.accesses),
    Route("GET", "/v1/erasures", Scope.ERASURES_MANAGE, erasures.list_all),
    Route("POST", "/v1/erasures", Scope.ERASURES_MANAGE, erasures.erase),
    Route("GET", "/v1/erasures/{erasure_id}", Scope.ERASURES_MANAGE, erasures.show),
    Route("GET", "/v1/events", Scope.EVENTS_READ, events.follow),
    Route("GET", "/v1/agents", Scope.AGENTS_READ, agents.list_all),
    Route("GET", "/v1/agents/{agent_id}", Scope.AGENTS_READ, agents.show),
    Route("PUT", "/v1/agents/{agent_id}", Scope.AGENTS_WRITE, agents.put),
    Route("POST", "/v1/agents/{agent_id}/login", Scope.AGENTS_ACT, agents.login),
    Route("POST", "/v1/agents/{agent_id}/logout", Scope.AGENTS_ACT, agents.logout),
    Route("POST", "/v1/agents/{agent_id}/ready", Scope.AGENTS_ACT, agents.ready),
    Route("POST", "/v1/agents/{agent_id}/pause", Scope.AGENTS_ACT, agents.pause),
    Route("GET", "/v1/agents/{agent_id}/preview", Scope.AGENTS_ACT, previews.show),
    Route("POST", "/v1/agents/{agent_id}/preview/call", Scope.AGENTS_ACT, previews.call),
    Route("POST", "/v1/agents/{agent_id}/preview/skip", Scope.AGENTS_ACT, previews.skip),
    Route("GET", "/v1/agents/{agent_id}/stream", Scope.AGENTS_ACT, live.screen),
    Route("GET", "/v1/live", Scope.AGENTS_READ, live.show),
    Route("GET", "/v1/live/stream", Scope.AGENTS_READ, live.follow),
    Route("POST", "/v1/agents/{agent_id}/wrap-up", Scope.AGENTS_ACT, agents.wrap_up),
    Route("POST", "/v1/agents/{agent_id}/hang-up", Scope.AGENTS_ACT, agents.hang_up),
    Route("GET", "/v1/call-backs", Scope.AGENTS_ACT, call_backs.list_all),
    Route("POST", "/v1/call-backs/made", Scope.AGENTS_ACT, call_backs.made),
    Route("GET", "/v1/recordings", Scope.RECORDINGS_READ, recordings.list_all),
    Route("GET", "/v1/recordings/{call_id}/audio", Scope.RECORDINGS_READ, recordings.audio),
    Route("GET", "/v1/agents/{agent_id}/listen", Scope.AGENTS_LISTEN, listening.show),
    Route("POST", "/v1/agents/{agent_id}/listen", Scope.AGENTS_LISTEN, listening.begin),
    Route("DELETE", "/v1/agents/{agent_id}/listen/{phone}", Scope.AGENTS_LISTEN, listening.end),
    Route("GET", "/v1/events/stream", Scope.EVENTS_READ, event_stream.listen),
    Route("GET", "/v1/reports", Scope.CAMPAIGNS_READ, reports.show),
    Route("GET", "/v1/exports/attempts", Scope.CONTACTS_READ, exports.attempts),
    Route("GET", "/v1/exports/contacts", Scope.CONTACTS_READ, exports.contacts),
    Route("GET", "/v1/exports/cases", Scope.CASES_READ, exports.cases),
    Route("GET", "/v1/exports/events", Scope.EVENTS_READ, exports.events),
    Route("GET", "/v1/stop", Scope.ENGINE_STOP, stop.show),
    Route("POST", "/v1/stop", Scope.ENGINE_STOP, stop.stop),
    Route("POST", "/v1/resume", Scope.ENGINE_STOP, stop.resume),
    Route("GET", "/v1/webhooks", Scope.WEBHOOKS_MANAGE, webhooks.list_all),
    Route("POST", "/v1/webhooks", Scope.WEBHOOKS_MANAGE, webhooks.make),
    Route("GET", "/v1/webhooks/{webhook_id}", Scope.WEBHOOKS_MANAGE, webhooks.show),
    Route("PATCH", "/v1/webhooks/{webhook_id}", Scope.WEBHOOKS_MANAGE, webhooks.change),
    Route("DELETE", "/v1/webhooks/{webhook_id}", Scope.WEBHOOKS_MANAGE, webhooks.remove),
    Route("POST", "/v1/webhooks/{webhook_id}/rotate", Scope.WEBHOOKS_MANAGE, webhooks.rotate),
    Route("POST", "/v1/webhooks/{webhook_id}/replay", Scope.WEBHOOKS_MANAGE, webhooks.replay),
    Route("GET", "/v1/webhooks/{webhook_id}/dead-letters", Scope.WEBHOOKS_MANAGE, webhooks.letters),
    Route("GET", "/v1/keys", Scope.KEYS_MANAGE, keys.list_all),
    Route("POST", "/v1/keys", Scope.KEYS_MANAGE, keys.make),
    Route("GET", "/v1/keys/{key_prefix}", Scope.KEYS_MANAGE, keys.show),
    Route("PATCH", "/v1/keys/{key_prefix}", Scope.KEYS_MANAGE, keys.pace),
    Route("POST", "/v1/keys/{key_prefix}/rotate", Scope.KEYS_MANAGE, keys.rotate),
    Route("DELETE", "/v1/keys/{key_prefix}", Scope.KEYS_MANAGE, keys.revoke),
    Route("GET", "/v1/certificates", Scope.KEYS_MANAGE, certificates.list_all),
    Route("POST", "/v1/certificates", Scope.KEYS_MANAGE, certificates.add),
    Route("DELETE", "/v1/certificates/{certificate_id}", Scope.KEYS_MANAGE, certificates.remove),
    Route("GET", "/v1/users", Scope.USERS_MANAGE, users.list_all),
    Route("POST", "/v1/users", Scope.USERS_MANAGE, users.make),
    Route("GET", "/v1/users/{user_name}", Scope.USERS_MANAGE, users.show),
    Route("PUT", "/v1/users/{user_name}", Scope.USERS_MANAGE, users.change),
    Route("POST", "/v1/users/{user_name}/reset", Scope.USERS_MANAGE, users.reset),
    Route("GET", "/v1/sessions", Scope.USERS_MANAGE, sessions.list_all),
    Route("DELETE", "/v1/sessions/{session_id}", Scope.USERS_MANAGE, sessions.end),
    Route("POST", "/v1/sessions", None, sessions.begin),
    Route("POST", "/v1/set-up", None, first_user.make),
    Route("GET", "/v1/me", Scope.ACCOUNT, me.show),
    Route("POST", "/v1/me/password", Scope.ACCOUNT, me.change_password),
    Route("POST", "/v1/me/second-factor", Scope.ACCOUNT, me.prepare_factor),
    Route("POST", "/v1/me/second-factor/confirm", Scope.ACCOUNT, me.confirm_factor),
    Route("POST", "/v1/me/sign-out", Scope.ACCOUNT, me.leave),
    Route("GET", "/v1/audit", Scope.AUDIT_READ, audit.list_all),
    Route("GET", "/v1/openapi.json", None, status.document),
    Route("GET", "/docs", None, reference.page),
    Route("GET", "/health", None, status.health),
    Route("GET", "/metrics", Scope.METRICS, status.figures, local_is_free=True),
)


def create_app(service: Service, routes: Sequence[Route] = ROUTES, tls: Tls | None = None) -> web.Application:
    """The API as an application; ``api.server`` serves it."""
    app = web.Application(
        middlewares=[journal, as_problems],
        client_max_size=service.limits.body,
        handler_args=connection_bounds(service.limits),
    )
    app[SERVICE] = service
    app[TLS] = tls
    app[METRICS] = Metrics(service)
    app[READERS] = Readers()
    app[RATES] = Rates(service.limits)
    app[DOORSTEP] = Doorstep(service.limits.strangers)
    app[DESCRIBED] = _describing(routes, service.version)
    app[campaigns.COMMANDS] = asyncio.Lock()
    app[events.WAITING] = set()
    app[live.STREAMS] = set()
    paths = frozenset(route.path for route in routes)
    for route in routes:
        app.router.add_route(route.method, _exact(route.path, paths), handler(route), expect_handler=_expected)
    app.on_response_prepare.append(sign)
    app.on_startup.append(_make_room)
    app.on_shutdown.append(events.answer_all)
    app.on_shutdown.append(live.end_all)
    return app


def _exact(path: str, paths: Collection[str]) -> str:
    """The path for the router: what a name at its end stands for is no word that has an address of its own.

    OpenAPI has it so (4.8.8.1, concrete before templated); a router would answer for both at once.
    """
    parent, _, last = path.rpartition("/")
    if not last.startswith("{"):
        return path
    words = [each.rpartition("/")[2] for each in paths if each.rpartition("/")[0] == parent and not each.endswith("}")]
    return f"{parent}/{{{last[1:-1]}:(?!(?:{'|'.join(sorted(words))})$)[^{{}}/]+}}" if words else path


def _describing(routes: Sequence[Route], version: str) -> Callable[[], tuple[bytes, bytes]]:
    """What the API says of itself, in JSON and as a page. It takes long: only whoever asks first waits for it."""

    @cache
    def described() -> tuple[bytes, bytes]:
        document = openapi.document(routes, version)
        return document, reference.written(document)

    return described


async def _expected(request: web.Request) -> None:
    """Bids a sender go on that waits for it before its body; other expectations may be ignored (RFC 9110, 10.1.1)."""
    if request.headers["Expect"].lower() == "100-continue" and request.version == HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun


async def _make_room(app: web.Application) -> None:
    service = app[SERVICE]
    sweep(service.spool)
    await service.store.forget_unanswered()


def connection_bounds(limits: ApiLimits) -> dict[str, Any]:
    """What one connection may take, in aiohttp's words."""
    return {
        "access_log": None,
        "auto_decompress": False,  # see api/body.py
        "keepalive_timeout": limits.silence.total_seconds(),  # also bounds how long a request's head may take
        "lingering_time": 2.0,
        "max_line_size": limits.head,
        "max_field_size": limits.head,
        "max_headers": limits.headers,
    }
