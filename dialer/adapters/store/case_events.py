"""What does the feed say of a case that a list has changed?"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialer.core.blocks import Happened, blocks_told
from dialer.core.cases import CaseState
from dialer.core.feed import EventType, FeedEvent


def told_of_case(case: Any, blocked: str, now: datetime, actor: str, *, is_open: bool) -> Iterator[FeedEvent]:
    """Only changes are told: a list that says the same again tells nothing.

    Args:
        case: its columns as they were before, without an id if it was not there; ``listed_``: as the list has them.
        blocked: for which reasons it is blocked now.
        is_open: whether it is now.
    """
    for type_, body in _changes(case, blocked, is_open=is_open):
        yield FeedEvent(
            type_, now, case.listed_client_id, case.listed_case_id, actor, case.listed_campaign_id, body=body
        )


def _changes(case: Any, blocked: str, *, is_open: bool) -> Iterator[Happened]:
    is_known = case.id is not None
    if is_known:
        if case.state != CaseState.OPEN and is_open:
            yield EventType.CASE_REOPENED, _owed(case)
        elif _owes_otherwise(case):
            yield EventType.BALANCE_CHANGED, _owed(case)
    yield from blocks_told(case.blocked.split() if is_known else [], blocked.split())


def _owes_otherwise(case: Any) -> bool:
    """Whether another sum is owed since the list: it is believed of a balance of which nothing newer is known."""
    is_newer = case.listed_balance_version > case.balance_version
    mends = case.listed_balance_version == case.balance_version and case.state == CaseState.OPEN
    differs = (case.listed_amount, case.listed_currency) != (case.amount, case.currency)
    return differs and (is_newer or mends)


def _owed(case: Any) -> Mapping[str, Any]:
    """As it is told of balances that are sent."""
    as_of = case.listed_balance_as_of
    said = {"as_of": as_of.isoformat()} if as_of else {}
    return {
        "balance": str(Decimal(case.listed_amount).scaleb(-2)),
        "balance_before": str(Decimal(case.amount).scaleb(-2)),
        "currency": case.listed_currency,
        "version": case.listed_balance_version,
        **said,
    }
