"""When has a case last become otherwise?

Transactions that change cases follow one another, and each dates its changes later than all before it, whatever its
clock said when it began. So nobody who asks for what has changed since the last case they saw misses any.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from dialer.adapters.store.contact_tables import cases
from dialer.adapters.store.database import change_cases_one_by_one

_NEWEST = sa.select(sa.func.max(cases.c.changed_at))


def changing_at(connection: sa.Connection, now: datetime) -> datetime:
    """The moment of the changes that this transaction makes; other transactions that make some wait for its end."""
    change_cases_one_by_one(connection)
    newest: datetime | None = connection.execute(_NEWEST).scalar_one()
    return now if newest is None or newest < now else newest + timedelta(microseconds=1)
