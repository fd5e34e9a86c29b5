"""How long is each kind of personal data kept?"""

from datetime import timedelta
from enum import StrEnum


class Kept(StrEnum):
    """A kind of personal data that goes when its time is over."""

    HEARD = "heard"  # what callees heard, and the keys they pressed
    NOTES = "notes"  # what agents wrote after talks
    LISTED_NUMBERS = "listed_numbers"  # the numbers in the verdicts on lists
    CALLED_NUMBERS = "called_numbers"  # the numbers in attempts: pseudonyms take their place
    CALLERS = "callers"  # the numbers of those who called us, and the keys they pressed
    ACCESSES = "accesses"  # who has read personal data


# Proposals, not law: each is a client's to decide. Three years are the limitation of periodic claims in Poland.
DEFAULTS: dict[Kept, timedelta] = {
    Kept.HEARD: timedelta(days=90),
    Kept.NOTES: timedelta(days=365),
    Kept.LISTED_NUMBERS: timedelta(days=90),
    Kept.CALLED_NUMBERS: timedelta(days=1096),
    Kept.CALLERS: timedelta(days=1096),
    Kept.ACCESSES: timedelta(days=1096),
}
