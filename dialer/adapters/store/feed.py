"""How do events come into one order without gaps?

They are written in the transaction whose change they tell of. The numbers come from one row, which stays locked until
that transaction is over: whoever sees a number sees all smaller ones.
"""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.tables import event_counter, events
from dialer.core.feed import FeedEvent

_TAKE = (
    event_counter.update()
    .where(event_counter.c.id == 1)
    .values(last=event_counter.c.last + sa.bindparam("how_many"))
    .returning(event_counter.c.last)
)
_EVENTS = Bulk(events.columns.keys(), lambda _: events.insert())


def append(connection: sa.Connection, happened: Sequence[FeedEvent]) -> None:
    """Add events to the feed, in order. To be called last in its transaction: it makes others wait for the commit."""
    if not happened:
        return
    last: int = connection.execute(_TAKE, {"how_many": len(happened)}).scalar_one()
    first = last - len(happened) + 1
    _EVENTS.run(connection, [asdict(event) | {"seq": seq} for seq, event in enumerate(happened, first)])
