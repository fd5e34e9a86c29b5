"""How are numbers that identify something (telephone, account, case, invoice) said in Polish?

Digit by digit, a comma where the listener needs a pause to write it down.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from audio.polish.numerals import cardinal

_LETTERS = {
    "A": "a", "Ą": "ą", "B": "be", "C": "ce", "Ć": "cie", "D": "de", "E": "e", "Ę": "ę", "F": "ef", "G": "gie",
    "H": "ha", "I": "i", "J": "jot", "K": "ka", "L": "el", "Ł": "eł", "M": "em", "N": "en", "Ń": "eń", "O": "o",
    "Ó": "u kreskowane", "P": "pe", "Q": "ku", "R": "er", "S": "es", "Ś": "eś", "T": "te", "U": "u", "V": "fał",
    "W": "wu", "X": "iks", "Y": "igrek", "Z": "zet", "Ź": "ziet", "Ż": "żet",
}  # fmt: skip
_SIGNS = {"/": "łamane przez", "\\": "łamane przez", "-": "myślnik", ".": "kropka", "_": "podkreślenie", "#": "numer"}
_DOCUMENT_PARTS = re.compile(r"[0-9]+|[^\W\d_]|[/\\.#_-]")
_NATIONAL_PREFIX = "+48"


class PhoneKind(StrEnum):
    """What kind of line a number is; it decides how people group its digits."""

    MOBILE = "mobile"
    FIXED = "fixed"
    VOIP = "voip"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number in E.164 with its kind, e.g. +48281234567 mobile."""

    e164: str
    kind: PhoneKind

    def __post_init__(self) -> None:
        pattern = r"\+[1-9][0-9]{6,14}" if self.kind is PhoneKind.FOREIGN else r"\+48[0-9]{9}"
        if not re.fullmatch(pattern, self.e164):
            raise ValueError(f"not a {self.kind} number in E.164")


_GROUPS = {
    PhoneKind.MOBILE: (3, 3, 3),
    PhoneKind.FIXED: (2, 3, 2, 2),
    PhoneKind.VOIP: (2, 3, 2, 2),  # the numbers 39… are written like fixed ones
}


def digits(text: str) -> str:
    """1207 → jeden dwa zero siedem."""
    if not re.fullmatch(r"[0-9]+", text):
        raise ValueError("only digits can be said one by one")
    return " ".join(cardinal(int(digit)) for digit in text)


def case_number(text: str) -> str:
    """Digits in groups of three with a pause; anything else is said like a document number."""
    if not re.fullmatch(r"[0-9]+", text):
        return document_number(text)
    return ", ".join(digits(text[start : start + 3]) for start in range(0, len(text), 3))


def phone(number: PhoneNumber) -> str:
    """Without +48: mobile in groups 3-3-3, fixed 2-3-2-2; a foreign number whole, with its plus."""
    if number.kind is PhoneKind.FOREIGN:
        return f"plus {digits(number.e164[1:])}"
    national = number.e164.removeprefix(_NATIONAL_PREFIX)
    return ", ".join(digits(group) for group in _split(national, _GROUPS[number.kind]))


def document_number(text: str) -> str:
    """FV/123/10/2026 → ef fał łamane przez sto dwadzieścia trzy łamane przez dziesięć łamane przez dwa tysiące …

    Letters by name; up to four digits without a leading zero as a number, others one by one.
    """
    parts = _DOCUMENT_PARTS.findall(text.upper())
    if "".join(parts) != re.sub(r"\s", "", text.upper()) or not parts:
        raise ValueError("a document number has letters, digits and / - . _ # only")
    return " ".join(map(_document_part, parts))


def spelled(letters: str) -> str:
    """Letters by name: SA → es a."""
    return " ".join(_LETTERS[letter] for letter in letters.upper())


def _document_part(part: str) -> str:
    if part.isdigit():
        return cardinal(int(part)) if len(part) <= 4 and part[0] != "0" else digits(part)
    word = _LETTERS.get(part) or _SIGNS.get(part)
    if word is None:
        raise ValueError(f"a document number has Polish letters only, not {part!r}")
    return word


def _split(text: str, sizes: Iterable[int]) -> list[str]:
    rest = iter(text)
    return ["".join(islice(rest, size)) for size in sizes]
