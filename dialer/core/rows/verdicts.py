"""What becomes of a row, and what does that depend on?"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dialer.core.cases import CaseRow, Language, Stage
from dialer.core.codes import Code
from dialer.core.numbers import Number, NumberingPlan


class Status(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    ACCEPTED_BLOCKED = "accepted_blocked"  # stored so that balances match, never dialled
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RowVerdict:
    row: int  # counts the records behind the header from 1
    case_id: str  # as sent, at most 40 characters
    status: Status
    codes: tuple[Code, ...]
    numbers: tuple[Number, ...] = ()  # in the order to be dialled; empty when not stored
    case: CaseRow | None = None  # None when not stored


def noting(status: Status, codes: Sequence[Code], found: Sequence[Code]) -> tuple[Status, tuple[Code, ...]]:
    """A stored row's verdict with what was found besides; a B_ code blocks it."""
    blocks = any(code.blocks for code in found)
    return Status.ACCEPTED_BLOCKED if blocks else status, tuple(dict.fromkeys((*codes, *found)))


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What intake must know of a campaign."""

    client_id: str
    stages: frozenset[Stage]
    allowed_prefixes: tuple[str, ...]  # of numbers in E.164, e.g. "+48"
    own_numbers: frozenset[str]  # its caller and call-back numbers in E.164
    language: Language = Language.POLISH
    holidays: str | None = "PL"  # the country whose free days put off a term of payment


@dataclass(frozen=True, slots=True)
class IntakeContext:
    """What a verdict depends on besides the row."""

    now: datetime  # UTC-aware
    today: date  # the day the calls begin, where they are heard
    plan: NumberingPlan
    campaigns: Mapping[str, CampaignFacts]
    zones: Container[str]  # the names of all time zones
    allowed_clients: Container[str] | None = None  # None: the sender may speak for every client
