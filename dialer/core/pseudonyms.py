"""By what name is somebody known who was erased?"""

import hmac
from enum import StrEnum

_LENGTH = 15  # hexadecimal digits: with its mark it fits where a telephone number does


class Erased(StrEnum):
    """What a pseudonym stands for."""

    DEBTOR = "debtor"
    NUMBER = "number"


def pseudonym(key: bytes, of: Erased, *named: str) -> str:
    """The same for the same, and nobody's name: whoever has the key can only try out whom it stands for."""
    said = "\0".join((of, *named)).encode()
    return "#" + hmac.digest(key, said, "sha256").hex()[:_LENGTH]


def is_pseudonym(text: str) -> bool:
    return text.startswith("#") and len(text) == _LENGTH + 1
