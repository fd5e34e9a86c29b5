"""Is it the code that the person's device shows now? (TOTP, RFC 6238)"""

import secrets
from datetime import datetime
from hashlib import sha256

from pyotp import TOTP, random_base32
from pyotp.utils import strings_equal

STEP = 30  # s: RFC 6238 recommends it, and every app supposes it
ISSUER = "Dzwonek"
RECOVERY_CODES = 10
_DRIFT = (0, -1, 1)  # steps that a device's clock may be wrong by

new_secret = random_base32


def address_of(secret: str, name: str) -> str:
    """What an app reads from a picture: otpauth://…"""
    return TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code it is; None: it is none of now."""
    present = int(now.timestamp()) // STEP
    for drift in _DRIFT:
        if strings_equal(TOTP(secret, interval=STEP).generate_otp(present + drift), code):
            return present + drift
    return None


def new_recovery_codes() -> list[str]:
    """Each opens once, in place of a code; 80 random bits, so that a plain hash may be kept."""
    return [secrets.token_hex(10) for _ in range(RECOVERY_CODES)]


def hash_of(recovery_code: str) -> str:
    return sha256(recovery_code.strip().lower().encode()).hexdigest()
