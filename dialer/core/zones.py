"""In which time zone is a contact called?

Some foreign numbers tell several: whoever has one is called when it is permitted in all of them. Such zones are named
together, as ``America/Denver|America/Phoenix``, or, where that would be too long, by their calling code: ``+61``.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from phonenumbers import PhoneNumber, parse
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from dialer.core.cases import CaseRow
from dialer.core.numbers import Number
from dialer.model import NumberType

_UNKNOWN = "Etc/Unknown"  # libphonenumber's word
_LONGEST = 64  # characters that are kept of a name


def zone_of(case: CaseRow, numbers: Sequence[Number], campaign_zone: str) -> str:
    """The case's own zone, else those of its first number's country or area, else the campaign's."""
    if case.timezone:
        return case.timezone
    if not numbers or numbers[0].type is not NumberType.FOREIGN:
        return campaign_zone
    number = parse(numbers[0].e164)
    zones = time_zones_for_number(number)
    if _UNKNOWN in zones:  # of no known kind, but its digits may still begin like those of an area or a country
        zones = time_zones_for_geographical_number(number)
    if _UNKNOWN in zones:
        return campaign_zone
    together = "|".join(zones)
    return together if len(together) <= _LONGEST else f"+{number.country_code}"


def zones_named(name: str) -> tuple[ZoneInfo, ...]:
    """The zones behind a name, the one whose day and greeting count first."""
    names = _of_calling_code(int(name)) if name.startswith("+") else name.split("|")
    return tuple(map(ZoneInfo, names))


def _of_calling_code(code: int) -> Sequence[str]:
    found: Sequence[str] = time_zones_for_geographical_number(PhoneNumber(country_code=code, national_number=0))
    return found
