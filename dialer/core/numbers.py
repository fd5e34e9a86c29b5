"""Which telephone number does this text mean, and may a machine call it at all?

National numbers follow the Polish plan below (UKE's closed nine-digit plan; a test holds it to
libphonenumber over every prefix); foreign ones are asked of libphonenumber.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from dialer.core.codes import Code
from dialer.model import NumberType


class NumberingPlan(StrEnum):
    """`test` adds the ranges that can never ring anywhere; a production set-up must refuse them."""

    PL = "pl"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number that may be called."""

    e164: str  # with the plus
    type: NumberType


@dataclass(frozen=True, slots=True)
class NumberRefusal:
    code: Code  # E_PHONE_…


def _by_prefix(*rows: tuple[str, NumberType | Code]) -> dict[str, NumberType | Code]:
    return {prefix: kind for prefixes, kind in rows for prefix in prefixes.split()}


# The first two to four of the nine national digits decide; what is not listed is unassigned.
_POLISH_RANGES = _by_prefix(
    ("45 50 51 53 57 60 66 69 72 73 78 79 88", NumberType.MOBILE),
    ("2110 2111 2113 2114 2115 212 2131 2132 2133 2134 2135 2136 2137 2138 2139", NumberType.MOBILE),
    ("12 13 14 15 16 17 18 22 23 24 25 26 29 32 33 34", NumberType.FIXED),
    ("41 42 43 44 46 47 48 52 54 55 56 58 59 61 62 63 65 67 68", NumberType.FIXED),
    ("71 74 75 76 77 81 82 83 84 85 86 87 89 91 94 95", NumberType.FIXED),
    ("39", NumberType.VOIP),
    ("70", Code.E_PHONE_PREMIUM),
    ("800", Code.E_PHONE_FREEPHONE),
    ("801 804", Code.E_PHONE_SHARED_COST),
)
_TEST_RANGES = _by_prefix(("28", NumberType.MOBILE), ("380 384 388", NumberType.FIXED))
_RANGES = {NumberingPlan.PL: _POLISH_RANGES, NumberingPlan.TEST: _POLISH_RANGES | _TEST_RANGES}

# Ranges that regulators keep for fiction (Ofcom, BNetzA, Arcep, NANPA): they never ring.
_DRAMA = re.compile(
    r"\+44(?:7700900|1632960|2079460)[0-9]{3}"
    r"|\+493023125[0-9]{3}"
    r"|\+33(?:63998|19900|26191|35301|46571|53649)[0-9]{4}"
    r"|\+1[2-9][0-9]{2}55501[0-9]{2}"
)

# 911 is no Polish number, but mobile networks connect it to 112.
_EMERGENCY = frozenset({"112", "911", "997", "998", "999"})
_SHORT = re.compile(r"98[4-7]|99[1-6]|19[0-9]{3}|11[0-9]{4}")
# Satellite, global network and premium codes (ITU-T E.164 assigned codes): the usual targets of toll fraud.
_COSTLY_CODES = ("+870", "+878", "+881", "+882", "+883", "+888", "+979")
_SERVICE_TYPES = {
    PhoneNumberType.PREMIUM_RATE: Code.E_PHONE_PREMIUM,
    PhoneNumberType.PERSONAL_NUMBER: Code.E_PHONE_PREMIUM,
    PhoneNumberType.TOLL_FREE: Code.E_PHONE_FREEPHONE,
    PhoneNumberType.SHARED_COST: Code.E_PHONE_SHARED_COST,
    PhoneNumberType.UAN: Code.E_PHONE_SHARED_COST,
    PhoneNumberType.PAGER: Code.E_PHONE_UNASSIGNED,
    PhoneNumberType.UNKNOWN: Code.E_PHONE_UNASSIGNED,
}

_LONGEST_TEXT = 40
_PLAIN = re.compile(r"(?:\+48|0048|48|0)?([1-9][0-9]{8})")
_USUAL_SEPARATORS = re.compile(r"[ ()\-]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LABEL = re.compile(r"(?:telefon|tel|komórka|kom|mobile|mob|phone|nr)(?![^\W\d_])[.:\s]*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_FLOAT = re.compile(r"[0-9]{5,}[.,]0{1,2}")
_EXTENSION = re.compile(r"(.*[0-9].*?)(?:wewn|wew|ext|w|x|#)[.:=\s]*[0-9]+", re.IGNORECASE | re.DOTALL)
_WRITTEN = re.compile(r"[(\s]*(\+?)([0-9\s()./,;\-\u2010-\u2015]+)")
_NOT_A_DIGIT = re.compile(r"[^0-9]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def normalise(raw: str, plan: NumberingPlan) -> Number | NumberRefusal:
    """The number that a person's writing of it means.

    Understands separators, labels ("tel."), +48, 0048, 48 and the trunk 0 of old lists. Nine digits are
    always national, so that 48… is Radom; eleven digits starting with 48 carry the country code.
    """
    text = raw.strip()
    # Nearly all numbers of a list: what follows would say the same, three times slower.
    if plain := _PLAIN.fullmatch(text if text.isalnum() else _USUAL_SEPARATORS.sub("", text)):
        return _polish(plain[1], plan)
    written = _digits(text)
    if isinstance(written, Code):
        return NumberRefusal(written)
    is_international, digits = written
    if not digits.strip("0"):
        return NumberRefusal(Code.E_PHONE_PLACEHOLDER)
    if not is_international:
        return _national(digits, plan)
    if digits.startswith("48"):
        return _polish(_without_trunk_zero(digits[2:]), plan)
    return _foreign(digits, plan)


def is_never_dialled(e164: str, plan: NumberingPlan = NumberingPlan.TEST) -> Code | None:
    """Why no machine may call this number, whatever any list or database says; None if it may.

    To be asked again right before a call. Refuses emergency, short, premium, satellite, freephone and
    shared-cost numbers, what is not E.164, and every range the plan does not know.
    """
    if not _E164.fullmatch(e164):
        return _emergency_or(Code.E_PHONE_FORMAT, _NOT_A_DIGIT.sub("", e164))
    number = normalise(e164, plan)
    if isinstance(number, NumberRefusal):
        return number.code
    return None if number.e164 == e164 else Code.E_PHONE_FORMAT


def type_of(e164: str, plan: NumberingPlan) -> NumberType | None:
    """What kind of telephone it is; None if no machine may call it."""
    number = normalise(e164, plan)
    return None if isinstance(number, NumberRefusal) else number.type


def masked(number: str) -> str:
    """What may be shown of a person's number to those who need not know it: enough to tell two of theirs apart."""
    return f"…{number[-3:]}"


def _digits(text: str) -> tuple[bool, str] | Code:
    """Whether the country code is written, and the bare digits."""
    text = _INVISIBLE.sub("", text).strip()
    if not text:
        return Code.E_PHONE_EMPTY
    if _SCIENTIFIC.fullmatch(text) or _FLOAT.fullmatch(text):
        return Code.E_PHONE_EXCEL
    if label := _LABEL.match(text):
        text = text[label.end() :]
    if len(text) <= _LONGEST_TEXT and (extension := _EXTENSION.fullmatch(text)):
        return Code.E_PHONE_EXTENSION if _WRITTEN.fullmatch(extension[1]) else Code.E_PHONE_FORMAT
    written = _WRITTEN.fullmatch(text)
    digits = _NOT_A_DIGIT.sub("", written[2]) if written else ""
    if not written or not digits or len(text) > _LONGEST_TEXT:
        return Code.E_PHONE_FORMAT
    if written[1] or not digits.startswith("00"):
        return bool(written[1]), digits
    return True, digits[2:]


def _national(digits: str, plan: NumberingPlan) -> Number | NumberRefusal:
    """Digits without a written country code: national, or the country code without its plus."""
    if digits.startswith("48") and len(digits) > 9:
        national = _without_trunk_zero(digits[2:])
        if len(national) == 9:
            return _polish(national, plan)
    return _polish(_without_trunk_zero(digits), plan)


def _without_trunk_zero(national: str) -> str:
    """Poland dropped the trunk 0 in 2009; old lists still write it, even behind +48."""
    return national[1:] if national.startswith("0") else national


def _polish(national: str, plan: NumberingPlan) -> Number | NumberRefusal:
    kind = _kind(national, plan)
    if type(kind) is Code:
        return NumberRefusal(kind)
    return Number("+48" + national, kind)


def _kind(national: str, plan: NumberingPlan) -> NumberType | Code:
    if len(national) != 9:
        return _why_not_nine_digits(national)
    if national == national[0] * 9:
        return Code.E_PHONE_PLACEHOLDER
    ranges = _RANGES[plan]
    return ranges.get(national[:2]) or ranges.get(national[:3]) or ranges.get(national[:4], Code.E_PHONE_UNASSIGNED)


def _why_not_nine_digits(digits: str) -> Code:
    if _SHORT.fullmatch(digits):
        return Code.E_PHONE_SHORT_CODE
    if len(digits) == 10 and digits.startswith("800"):  # some freephone numbers have ten digits
        return Code.E_PHONE_FREEPHONE
    if len(digits) > 5 and len(set(digits)) == 1:
        return Code.E_PHONE_PLACEHOLDER
    return _emergency_or(Code.E_PHONE_LENGTH, digits)


def _emergency_or(other: Code, digits: str) -> Code:
    """Emergency digits however they are reached: 112, 48112, 00112, +48112."""
    return Code.E_PHONE_EMERGENCY if digits.removeprefix("48").lstrip("0") in _EMERGENCY else other


def _foreign(digits: str, plan: NumberingPlan) -> Number | NumberRefusal:
    try:
        parsed = phonenumbers.parse("+" + digits, None)
    except NumberParseException as error:
        is_unknown = error.error_type == NumberParseException.INVALID_COUNTRY_CODE
        code = Code.E_PHONE_COUNTRY_UNKNOWN if is_unknown else Code.E_PHONE_LENGTH
        return NumberRefusal(_emergency_or(code, digits))
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return NumberRefusal(_emergency_or(Code.E_PHONE_LENGTH, digits))
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _DRAMA.fullmatch(e164):
        refusal = None if plan is NumberingPlan.TEST else Code.E_PHONE_UNASSIGNED
    elif e164.startswith(_COSTLY_CODES):
        refusal = Code.E_PHONE_PREMIUM
    else:
        refusal = _SERVICE_TYPES.get(phonenumbers.number_type(parsed))
    return Number(e164, NumberType.FOREIGN) if refusal is None else NumberRefusal(refusal)
