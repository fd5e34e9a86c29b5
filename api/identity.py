"""Is it really they?

Whoever fails is told the same, whatever was wrong: the name, the password, the code, or that nobody comes in under the
name for a while. The log says which.
"""

from http import HTTPStatus

import structlog

from api.problems import Problem
from api.second_factor import hash_of, step_of
from api.service import Service
from dialer.ports.store import Proof, User

log = structlog.get_logger(__name__)


_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dzwonek"'}


def refusal() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "nobody comes in with this name, password and code; after several failures in a row nobody does for a while",
        headers=_CHALLENGE,
    )


async def proved(service: Service, name: str, password: str, code: str | None) -> tuple[User, Proof]:
    """The user, and what they have proved it with.

    Raises:
        Problem: 401; with the code ``second_factor_wanted`` where only that is lacking.
    """
    async with service.proving:  # one at a time, or many could try before the first failure counts
        user, now = await service.store.user(name), service.clock.now()
        is_locked = user is not None and user.locked_until is not None and now < user.locked_until
        fits = await service.passwords.fits(password, user.password_hash if user else None)
        if user is None or is_locked or not user.is_enabled or not fits:
            raise await _refused(service, user, "locked" if is_locked else "password", counts=not is_locked)
        if user.totp_secret is None:
            return user, Proof()
        if code is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "send `code` as well, as your device shows it now, or a recovery code",
                code="second_factor_wanted",
                headers=_CHALLENGE,
            )
        proof = _proof(service, user, code)
        if proof is None:
            raise await _refused(service, user, "code", counts=True)
        return user, proof


def _proof(service: Service, user: User, code: str) -> Proof | None:
    step = step_of(user.totp_secret or "", code.replace(" ", ""), service.clock.now())
    if step is not None:
        return Proof(step=step) if step > user.totp_step else None
    return Proof(recovery=hash_of(code)) if hash_of(code) in user.recovery else None


async def _refused(service: Service, user: User | None, because: str, *, counts: bool) -> Problem:
    until = await service.store.failed(user.name, service.clock.now()) if user and counts else None
    known = user.name if user else None  # an unknown name may be a password in the wrong field
    log.warning("sign_in_refused", user=known, because=because if user else "name", locked_until=until)
    return refusal()
