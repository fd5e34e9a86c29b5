"""How is kept what a client has ordered of its case?"""

from typing import Any

from dialer.adapters.store.contact_tables import cases
from dialer.core.blocks import Held
from dialer.core.cases import Hold, HoldReason

HELD = (cases.c.hold, cases.c.hold_reason, cases.c.hold_note)


def held_of(row: Any) -> Held | None:
    """``row`` has the columns ``HELD``."""
    return Held(Hold(row.hold), HoldReason(row.hold_reason), row.hold_note) if row.hold else None


def columns_of(held: Held | None) -> dict[str, str | None]:
    """The same columns, as new values."""
    if held is None:
        return dict.fromkeys(column.name for column in HELD)
    return {"hold": held.hold, "hold_reason": held.reason, "hold_note": held.note}
