"""How much is owed, and on which account?"""

import re
from decimal import Decimal

from dialer.core.codes import Code

# A decimal point or comma, and blanks between groups of three as Polish spreadsheets write them. A point
# and a comma together (1.234,56) could be two amounts and are refused.
_AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+)(?:[.,]([0-9]+))?")
_PLAIN = re.compile(r"[0-9]{1,8}\.[0-9]{2}")
_BLANK = re.compile(r"[ \u00a0\u202f]+")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_POLISH_ACCOUNT = re.compile(r"(?:PL)?[0-9]{26}")
_LAST_FOUR = re.compile(r"[0-9]{4}")


def parse_amount(text: str) -> Decimal | Code:
    """A positive amount with at most eight digits before the point and two behind it."""
    # Nearly all amounts of a list: what follows would say the same.
    if _PLAIN.fullmatch(text) and text.strip("0."):
        return Decimal(text)
    written = _AMOUNT.fullmatch(text)
    if written is None:
        return Code.E_AMOUNT_FORMAT
    sign, whole, decimals = written[1], _BLANK.sub("", written[2]), written[3] or ""
    if not (whole + decimals).strip("0"):
        return Code.E_AMOUNT_ZERO
    if sign:
        return Code.E_AMOUNT_NEGATIVE
    if len(decimals) > 2:
        return Code.E_AMOUNT_SCALE
    if len(whole) > 8:
        return Code.E_AMOUNT_RANGE
    return Decimal(f"{whole}.{decimals:0<2}")


def parse_balance(text: str) -> Decimal | Code:
    """As ``parse_amount``; nothing may be owed any more."""
    amount = parse_amount(text)
    return Decimal("0.00") if amount is Code.E_AMOUNT_ZERO else amount


def account_ending(account: str, last_four: str) -> str | Code | None:
    """The four digits that may be kept of an account, from its full number, its ending, or both.

    The full number (IBAN, or the 26 digits of a Polish account) is checked by ISO 13616 and dropped.
    """
    if last_four and not _LAST_FOUR.fullmatch(last_four):
        return Code.E_ACCOUNT_FORMAT
    if not account:
        return last_four or None
    account = _BLANK.sub("", account).upper()
    if _POLISH_ACCOUNT.fullmatch(account):
        account = "PL" + account[-26:]
    elif account.startswith("PL") or not _IBAN.fullmatch(account):
        return Code.E_IBAN_FORMAT
    if not _has_right_check_digits(account):
        return Code.E_IBAN_CHECKSUM
    if last_four and not account.endswith(last_four):
        return Code.E_ACCOUNT_MISMATCH
    return account[-4:]


def _has_right_check_digits(iban: str) -> bool:
    moved = iban[4:] + iban[:4]
    digits = moved.replace("PL", "2521")
    if not digits.isdigit():
        digits = "".join(str(int(sign, 36)) for sign in moved)
    return int(digits) % 97 == 1
