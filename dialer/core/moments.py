"""Which moments can be meant?

Near the ends of the calendar a moment that one time zone can show another cannot, and no wait can be added to it.
Whoever writes such a moment means none.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def can_be_meant(moment: datetime) -> bool:
    return EARLIEST <= moment < LATEST


def _meant(moment: datetime) -> datetime:
    if not can_be_meant(moment):
        raise ValueError(f"should lie in the years {EARLIEST.year} to {LATEST.year - 1}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_meant)]
