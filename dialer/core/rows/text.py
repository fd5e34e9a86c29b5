"""Is this text safe to store, to speak, to show in a spreadsheet and to hand to a switch?"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date

from dialer.core.codes import Code

_CHECKED_LATER = 1 << 16  # a field whose own rule bounds it

# Where people write freely, with the most characters each may have.
FREE_TEXT = {
    "case_id": _CHECKED_LATER,
    "debtor_id": 64,
    "first_name": 60,
    "last_name": 80,
    "company_name": 120,
    "name_genitive": 120,
    "name_instrumental": 120,
    "email": 254,
    "invoice_no": 40,
    "case_no_spoken": _CHECKED_LATER,
}

# Line breaks become AMI headers, and the rest confuses terminals and readers; a no-break space is harmless.
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")  # phone books wrap numbers in them; names must not have them
_FORMULA = ("=", "+", "-", "@")
_FORMULA_AFTER_TAB = re.compile(r"\t[=+\-@]")
_SHORTEST_LIMIT = min(FREE_TEXT.values())
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
_ONLY_ELEVEN = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")
_NAMED_PESEL = re.compile(r"pesel[^0-9]{0,3}[0-9]{11}", re.IGNORECASE)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
_CENTURIES = {80: 1800, 0: 1900, 20: 2000, 40: 2100, 60: 2200}  # added to the month, per century

_PERSON = re.compile(r"(?:[^\W\d_]|[ .'’ʼ\-–])+")
_COMPANY = re.compile(r"(?:[^\W_]|[ .,'’ʼ\-–&/()\"„”«»+:;!?*%@°№])+")


def unsafe(values: Mapping[str, str]) -> tuple[Code, ...]:
    """What forbids to look at a row any further; empty for an ordinary row."""
    found: dict[Code, None] = {}
    if not "".join(values.values()).isprintable():
        for name, value in values.items():
            if _CONTROL.search(value) or (not name.startswith("phone_") and _BIDI.search(value)):
                found[Code.E_CONTROL_CHARS] = None
    if _may_be_unsafe([values[name] for name in FREE_TEXT if name in values]):
        for name, longest in FREE_TEXT.items():
            text = values.get(name, "")
            if text.startswith(_FORMULA):
                found[Code.E_FORMULA] = None
            if len(text) > longest:
                found[Code.E_FIELD_LENGTH] = None
            if holds_pesel(text, may_be_a_serial=name == "invoice_no"):
                found[Code.E_FORBIDDEN_DATA] = None
    return tuple(found)


def _may_be_unsafe(texts: Collection[str]) -> bool:
    """One look at all texts together: nearly every row ends here."""
    joined = "\t" + "\t".join(texts)
    return (
        max(map(len, texts), default=0) > _SHORTEST_LIMIT
        or _ELEVEN_DIGITS.search(joined) is not None
        or _FORMULA_AFTER_TAB.search(joined) is not None
    )


def holds_pesel(text: str, *, may_be_a_serial: bool = False) -> bool:
    """Whether a PESEL number stands in the text, by its check digit and date of birth.

    An invoice number that starts with its date often looks like one by chance: there the word must stand
    beside it.
    """
    if _NAMED_PESEL.search(text):
        return True
    return not may_be_a_serial and any(_is_pesel(digits) for digits in _ONLY_ELEVEN.findall(text))


def _is_pesel(digits: str) -> bool:
    weighted = sum(weight * int(digit) for weight, digit in zip(_PESEL_WEIGHTS, digits, strict=False))
    if (weighted + int(digits[10])) % 10:
        return False
    century, month = divmod(int(digits[2:4]), 20)
    try:
        date(_CENTURIES[century * 20] + int(digits[:2]), month, int(digits[4:6]))
    except ValueError:
        return False
    return True


def composed(name: str) -> str:
    """One spelling per letter: some systems send ó as o and an accent."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def is_person_name(text: str) -> bool:
    return text.replace(" ", "").isalpha() or _PERSON.fullmatch(text) is not None


def is_company_name(text: str) -> bool:
    return _COMPANY.fullmatch(text) is not None
