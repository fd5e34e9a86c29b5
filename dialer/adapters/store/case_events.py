"""What does the feed say of cases that a list has changed?"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
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
        known: the rows of those that were there before it, as they were: ``blocked`` and ``state``.
    """
    for key, row in listed.items():
        before = known.get(key)
        for type_, body in _changes(row["blocked"], before, is_open=key in open_now):
            yield FeedEvent(type_, now, *key, actor, row["campaign_id"], body=body)


def _changes(blocked: str, before: Any, *, is_open: bool) -> Iterator[Happened]:
    if before is not None and before.state != CaseState.OPEN and is_open:
        yield EventType.CASE_REOPENED, {}
    yield from blocks_told(before.blocked.split() if before else [], blocked.split())
