"""Which cases is a debtor called about, and who has one?"""

import sqlalchemy as sa

from dialer.adapters.store.tables import cases, contacts
from dialer.core.cases import CaseState

IS_CALLABLE = (cases.c.blocked == "") & (cases.c.state == CaseState.OPEN)
HAS_CALLABLE_CASE = sa.exists().where(
    cases.c.debtor_id == contacts.c.debtor_id, cases.c.campaign_id == contacts.c.campaign_id, IS_CALLABLE
)
