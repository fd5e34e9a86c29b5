"""In which groups are the digits of a number said? As people write them in Poland, whatever the language."""

import re
from itertools import islice

from audio.values import PhoneKind, PhoneNumber

_NATIONAL_PREFIX = "+48"
_GROUPS = {
    PhoneKind.MOBILE: (3, 3, 3),
    PhoneKind.FIXED: (2, 3, 2, 2),
    PhoneKind.VOIP: (2, 3, 2, 2),  # the numbers 39… are written like fixed ones
}
_DOCUMENT_PARTS = re.compile(r"[0-9]+|[^\W\d_]|[/\\.#_-]")


def national_groups(number: PhoneNumber) -> list[str]:
    """A Polish number without +48: mobile 3-3-3, fixed 2-3-2-2."""
    rest = iter(number.e164.removeprefix(_NATIONAL_PREFIX))
    return ["".join(islice(rest, size)) for size in _GROUPS[number.kind]]


def threes(text: str) -> list[str]:
    return [text[start : start + 3] for start in range(0, len(text), 3)]


def only_digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]+", text):
        raise ValueError("only digits can be said one by one")
    return text


def is_digits(text: str) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None


def document_parts(text: str) -> list[str]:
    """Runs of digits, single letters (upper case) and signs."""
    parts = _DOCUMENT_PARTS.findall(text.upper())
    if "".join(parts) != re.sub(r"\s", "", text.upper()) or not parts:
        raise ValueError("a document number has letters, digits and / - . _ # only")
    return list(parts)
