"""What does an API key look like, and what is kept of it?

A key is ``prefix.secret``. The prefix finds it and may be shown; of the secret only the SHA-256 is kept. The secret is
256 random bits, so nothing slower than a plain hash is needed.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

_TOKEN = re.compile(r"([a-z0-9]{1,16})\.([A-Za-z0-9_-]{16,128})")


class NewKey(NamedTuple):
    """Given out once; ``prefix`` and ``secret_hash`` are what is kept."""

    prefix: str
    secret: str
    secret_hash: str


def new_key(random: Callable[[int], bytes]) -> NewKey:
    """A key of fresh randomness; ``random`` gives as many bytes as it is asked for."""
    secret = urlsafe_b64encode(random(32)).decode().rstrip("=")
    return NewKey(f"dz{random(6).hex()}", secret, _hash(secret))


def parts(token: str) -> tuple[str, str] | None:
    """The prefix and the hash of the secret, or None for what is no key at all."""
    found = _TOKEN.fullmatch(token)
    return (found[1], _hash(found[2])) if found else None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
