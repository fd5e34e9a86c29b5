"""In which time zone is a contact called?"""

from collections.abc import Sequence

from phonenumbers import parse
from phonenumbers.timezone import time_zones_for_number

from dialer.core.cases import CaseRow
from dialer.core.numbers import Number
from dialer.model import NumberType

_UNKNOWN = "Etc/Unknown"  # libphonenumber's word


def zone_of(case: CaseRow, numbers: Sequence[Number], campaign_zone: str) -> str:
    """The case's own zone, else that of its first number's country or area, else the campaign's."""
    if case.timezone:
        return case.timezone
    if not numbers or numbers[0].type is not NumberType.FOREIGN:
        return campaign_zone
    zone: str = time_zones_for_number(parse(numbers[0].e164))[0]
    return campaign_zone if zone == _UNKNOWN else zone
