"""Which cases is a debtor called about, and who has one?"""

import sqlalchemy as sa

from dialer.adapters.store.contact_tables import cases, contacts
from dialer.core.cases import CaseState


def is_callable(listed: sa.FromClause) -> sa.ColumnElement[bool]:
    """Of ``cases``, or of the same under another name."""
    return (listed.c.blocked == "") & (listed.c.state == CaseState.OPEN)


IS_CALLABLE = is_callable(cases)
HAS_CALLABLE_CASE = sa.exists().where(
    cases.c.debtor_id == contacts.c.debtor_id, cases.c.campaign_id == contacts.c.campaign_id, IS_CALLABLE
)
