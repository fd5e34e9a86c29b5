"""What has come of the calls?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol


class By(StrEnum):
    """What the figures are told for, one by one."""

    CAMPAIGN = "campaign"
    CLIENT = "client"
    BATCH = "batch"  # the last list that had named the contact
    HOUR = "hour"  # in which the call ended, UTC


class Row(NamedTuple):
    """What some figures are told for."""

    key: str
    sender: str = ""  # of a list, whose name for it the key is; "" is the operator, or it is no list


@dataclass(frozen=True, slots=True)
class Span:
    """Which attempts are meant: those that ended within [since, until), of a client, of a campaign. None: any."""

    client_id: str | None = None
    campaign_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of attempts that are over. Somebody was reached by those delivered, replied to or connected to an agent."""

    attempts: int = 0
    answered: int = 0
    reached: int = 0
    delivered: int = 0
    abandoned: int = 0
    right_party: int = 0  # the callee confirmed to be the person meant
    promises: int = 0  # one for each case, also of those who called us
    promises_kept: int = 0  # the balance has fallen by what was promised
    promises_broken: int = 0  # the day and its grace have passed without that
    settled: int = 0  # cases that were paid within the time after somebody was reached
    recovered: Mapping[str, Decimal] = field(default_factory=dict)  # by currency: what is owed less since, within it
    delays: Mapping[str, int] = field(default_factory=dict)  # by reason why it is not paid: talks, as agents say


class Reports(Protocol):
    async def report(self, by: By, span: Span, paid_within: timedelta) -> Mapping[Row, Figures]:
        """The figures by what they are told for, in its order.

        Args:
            paid_within: how long after a call a payment is counted as following from it; whole days.
        """
        ...


REACHED: Sequence[str] = ("delivered", "connected", "replied")
