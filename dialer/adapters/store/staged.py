"""What is a judged row of a call list put aside as, and how is it found from there?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.campaign_tables import batch_rows
from dialer.adapters.store.contact_tables import cases, debtors, numbers
from dialer.core.rows.verdicts import RowVerdict
from dialer.ports.store import TakenRow

OF_DEBTOR = (
    "type", "first_name", "last_name", "company_name", "sex", "name_genitive", "name_instrumental", "language", "email",
)  # fmt: skip
# Of a case: what no row of a list says.
_NOT_SAID = (
    "id", "debtor_id", "batch", "state", "closed_at", "dispute", "hold", "hold_reason", "hold_note", "promised_by",
    "promised_amount", "promised_at", "promised_in", "promise_state", "promise_reminded", "paid_claimed_at",
    "changed_at",
)  # fmt: skip
OF_CASE = tuple(column.name for column in cases.columns if column.name not in _NOT_SAID)

staged = sa.MetaData()
staged_rows = sa.Table(
    "staged_rows",
    staged,
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, batch_rows.c[name].type, nullable=False) for name in ("status", "codes", "phones")),
    sa.Column("case_id", cases.c.case_id.type, nullable=False),
    # Of a row that is refused nothing more is known.
    *(sa.Column(name, cases.c[name].type) for name in OF_CASE if name != "case_id"),
    sa.Column("ref", debtors.c.ref.type),
    *(sa.Column(name, debtors.c[name].type) for name in OF_DEBTOR),
    sa.Column("zone", cases.c.timezone.type),  # in which its contact is called; None: it is not
)
staged_numbers = sa.Table(
    "staged_numbers",
    staged,
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("e164", numbers.c.e164.type, nullable=False),
    sa.Column("type", numbers.c.type.type, nullable=False),
    sqlite_with_rowid=False,  # sorted as they come
)


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of a batch that one transaction keeps; statements about them are built once, and told which they are."""

    batch: int
    first: int
    last: int

    @property
    def told(self) -> dict[str, Any]:
        return {"of_batch": self.batch, "first": self.first, "last": self.last}


BATCH = sa.bindparam("of_batch", type_=batch_rows.c.batch.type)
IN_PORTION = staged_rows.c.row.between(sa.bindparam("first"), sa.bindparam("last"))
IS_KEPT = staged_rows.c.client_id.is_not(None)
KEPT = IN_PORTION & IS_KEPT
CALLED = IN_PORTION & staged_rows.c.zone.is_not(None)
IS_ITS_DEBTOR = (debtors.c.client_id == staged_rows.c.client_id) & (debtors.c.ref == staged_rows.c.ref)
_ORDER = tuple(staged_rows.columns.keys())
_NOTHING = (None,) * (len(_ORDER) - 5)


def row_of(taken: TakenRow) -> Sequence[Any]:
    """The values of ``staged_rows`` in order; our own words as plain text, which drivers take at once."""
    verdict = taken.verdict
    case = verdict.case
    codes, phones = "", ""
    if verdict.codes:
        codes = " ".join(verdict.codes)
    if verdict.numbers:
        phones = " ".join([number.e164 + ":" + number.type for number in verdict.numbers])
    if case is None:
        # PostgreSQL keeps no NUL.
        return (verdict.row, str(verdict.status), codes, phones, verdict.case_id.replace("\0", "\ufffd"), *_NOTHING)
    owed, debtor, hours = case.receivable, case.debtor, case.preferred_hours
    return (
        verdict.row,
        str(verdict.status),
        codes,
        phones,
        case.case_id,
        case.client_id,
        case.campaign_id,
        " ".join([code for code in verdict.codes if code.blocks]) if codes else "",
        int(owed.amount.scaleb(2)),
        str(owed.currency),
        owed.invoice_no,
        owed.issue_date,
        owed.due_date,
        str(owed.stage),
        owed.account_last4,
        case.case_no_spoken,
        case.callback_number,
        case.timezone,
        f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours else None,
        " ".join(sorted(case.flags)) if case.flags else "",
        owed.limitation_date,
        owed.block_date,
        owed.letter_date,
        owed.balance_version,
        owed.balance_as_of,
        debtor.id,
        str(debtor.type),
        debtor.first_name,
        debtor.last_name,
        debtor.company_name,
        debtor.sex and str(debtor.sex),
        debtor.name_genitive,
        debtor.name_instrumental,
        str(debtor.language),
        debtor.email,
        taken.timezone,
    )


def numbers_of(verdict: RowVerdict) -> Iterator[Sequence[Any]]:
    """The values of ``staged_numbers`` in order."""
    if verdict.case is not None:
        for position, number in enumerate(verdict.numbers, 1):
            yield verdict.row, position, number.e164, str(number.type)
