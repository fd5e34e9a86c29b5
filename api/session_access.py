"""Which person asks? Their browser sends the cookie of a session, and with whatever changes something its token, too.

A cookie is sent by browsers also when another site makes them; the token is known only to pages of ours (CSRF).
"""

from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus

import structlog
from aiohttp import web

from api.key_form import parts
from api.problems import Problem
from api.roles import SCOPES_OF, WITH_SECOND_FACTOR
from api.sender import Owed, Sender
from api.service import Service
from dialer.ports.store import Session, StoreFailed, User

COOKIE = "dzwonek_session"
TOKEN = "X-CSRF-Token"  # noqa: S105 - the name of a header
SEEN_NOTED_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


async def recognised(request: web.Request, service: Service, *, is_use: bool) -> Sender | None:
    """None: there is no such session, or it has ended."""
    named = parts(request.cookies.get(COOKIE, ""))
    now = service.clock.now()
    found = await service.store.session(*named, now, service.session_idle) if named else None
    if found is None:
        return None
    session, user = found
    if is_use and now - session.seen_at >= SEEN_NOTED_EVERY:
        await _note_use(session, service)
    return Sender(
        name=f"user:{user.name}",
        actor=f"user:{user.name}",
        scopes=SCOPES_OF[user.role],
        client_id=user.client_id,
        agent_id=user.agent_id,
        session_id=session.id,
        owes=owed_by(user),
    )


def owed_by(user: User) -> Owed | None:
    if user.must_change:
        return Owed.PASSWORD_CHANGE
    return Owed.SECOND_FACTOR if user.role in WITH_SECOND_FACTOR and user.totp_secret is None else None


def check_meant(request: web.Request) -> None:
    """That the person's page asks, and no other site's; Problem: 403."""
    from_elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    sent, expected = request.headers.get(TOKEN, ""), token_of(request.cookies.get(COOKIE, ""))
    if from_elsewhere or not compare_digest(sent.encode(), expected.encode()):
        log.warning("forgery_refused", from_elsewhere=from_elsewhere)
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"send the `csrf_token` of your session, which GET /v1/me tells, as the header {TOKEN}",
            code="csrf_token_wanted",
        )


def token_of(cookie: str) -> str:
    """The session's token, which follows from its secret; it does not tell the secret."""
    return sha256(b"csrf:" + cookie.encode()).hexdigest()


async def _note_use(session: Session, service: Service) -> None:
    try:
        await service.store.session_seen(session.id, service.clock.now())
    except StoreFailed as error:  # a database that cannot write keeps nobody from reading
        log.warning("session_use_not_noted", session=session.id, because=str(error))
