"""How many calls of a campaign were answered lately, and how many of them found nobody?

Counted in spans of about a quarter of an hour, so that a window of hours or weeks moves on with the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dialer.core.abandonment import Tally
from dialer.core.call import Call
from dialer.model import Disposition

DAY = timedelta(hours=24)
MONTH = timedelta(days=30)
WINDOWS = (DAY, MONTH)  # Ofcom's statement of 2010 counts 24 hours, 16 CFR 310.4(b)(4)(i) thirty days
_SPAN_BITS = 20  # of a moment in ms: 17.5 minutes


def is_live_answer(call: Call, disposition: Disposition) -> bool:
    """Whether a call was answered by somebody who may have been promised an agent, as far as is known.

    Who hears a message first is called by no pacing, and earns it no credit: a campaign's mode may change.
    """
    if call.answered_at is None or disposition is Disposition.MACHINE:
        return False
    return call.message_at is None or (call.waiting_at is not None and call.waiting_at <= call.message_at)


def span_of(moment: datetime) -> int:
    """The number of the span that a moment lies in."""
    return int(moment.timestamp() * 1000) >> _SPAN_BITS


def span_begins(span: int) -> datetime:
    return datetime.fromtimestamp((span << _SPAN_BITS) / 1000, UTC)


@dataclass(slots=True)
class Answered:
    """Of one campaign; whoever holds it changes it."""

    spans: dict[int, Tally] = field(default_factory=dict)

    def count(self, at: datetime, *, abandoned: bool) -> None:
        self.add(span_of(at), Tally(1, int(abandoned)))

    def add(self, span: int, tally: Tally) -> None:
        self.spans[span] = self.spans.get(span, Tally()) + tally

    def within(self, window: timedelta, now: datetime) -> Tally:
        """Those of the window that ends now; its first span counts wholly."""
        first = span_of(now - window)
        return sum((tally for span, tally in self.spans.items() if span >= first), Tally())

    def windows(self, now: datetime) -> Sequence[Tally]:
        """Every window that the limit holds in."""
        return [self.within(window, now) for window in WINDOWS]

    def forget(self, now: datetime) -> None:
        """What no window looks back on."""
        last = span_of(now - MONTH)
        self.spans = {span: tally for span, tally in self.spans.items() if span >= last}
