"""What does the feed say of cases that a list has changed?"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialer.core.blocks import Happened, blocks_told
from dialer.core.cases import CaseState
from dialer.core.feed import EventType, FeedEvent

CaseKey = tuple[str, str]  # client, the client's own id of the case


def told_of_cases(
    listed: Mapping[CaseKey, Mapping[str, Any]],
    known: Mapping[CaseKey, Any],
    open_now: Collection[CaseKey],
    now: datetime,
    actor: str,
) -> Iterator[FeedEvent]:
    """Only changes are told: a list that says the same again tells nothing.

    Args:
        listed: the columns of the cases as the list has them.
        known: the rows of those that were there before it, as they were.
    """
    for key, row in listed.items():
        for type_, body in _changes(row, known.get(key), is_open=key in open_now):
            yield FeedEvent(type_, now, *key, actor, row["campaign_id"], body=body)


def owes_otherwise(listed: Mapping[str, Any], before: Any) -> bool:
    """Whether another sum is owed since the list: it is believed of a balance of which nothing newer is known."""
    is_newer = listed["balance_version"] > before.balance_version
    mends = listed["balance_version"] == before.balance_version and before.state == CaseState.OPEN
    differs = (listed["amount"], listed["currency"]) != (before.amount, before.currency)
    return differs and (is_newer or mends)


def _changes(listed: Mapping[str, Any], before: Any, *, is_open: bool) -> Iterator[Happened]:
    if before is not None:
        if before.state != CaseState.OPEN and is_open:
            yield EventType.CASE_REOPENED, _owed(listed, before)
        elif owes_otherwise(listed, before):
            yield EventType.BALANCE_CHANGED, _owed(listed, before)
    yield from blocks_told(before.blocked.split() if before else [], listed["blocked"].split())


def _owed(listed: Mapping[str, Any], before: Any) -> Mapping[str, Any]:
    """As it is told of balances that are sent."""
    as_of = listed["balance_as_of"]
    said = {"as_of": as_of.isoformat()} if as_of else {}
    return {
        "balance": str(Decimal(listed["amount"]).scaleb(-2)),
        "balance_before": str(Decimal(before.amount).scaleb(-2)),
        "currency": listed["currency"],
        "version": listed["balance_version"],
        **said,
    }
