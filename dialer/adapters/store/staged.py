"""What is a judged row of a call list put aside as, and how is it found from there?"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.tables import batch_rows, cases, debtors, numbers
from dialer.core.cases import CaseRow, Debtor
from dialer.core.codes import Code
from dialer.core.rows.verdicts import RowVerdict
from dialer.ports.store import TakenRow

OF_DEBTOR = (
    "type", "first_name", "last_name", "company_name", "sex", "name_genitive", "name_instrumental", "language", "email",
)  # fmt: skip
# Of a case: what no row of a list says.
_NOT_SAID = ("id", "debtor_id", "batch", "state", "closed_at", "dispute", "promised_by", "paid_claimed_at")
OF_CASE = tuple(column.name for column in cases.columns if column.name not in _NOT_SAID)

staged = sa.MetaData()
staged_rows = sa.Table(
    "staged_rows",
    staged,
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, batch_rows.c[name].type, nullable=False) for name in ("status", "codes", "phones")),
    # Of a row that is refused nothing but its case's number is known.
    *(sa.Column(name, cases.c[name].type) for name in OF_CASE),
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

IS_KEPT = staged_rows.c.client_id.is_not(None)
IS_ITS_DEBTOR = (debtors.c.client_id == staged_rows.c.client_id) & (debtors.c.ref == staged_rows.c.ref)
_NOTHING = dict.fromkeys((*OF_CASE, "ref", *OF_DEBTOR, "zone"))


def row_of(taken: TakenRow) -> dict[str, Any]:
    verdict = taken.verdict
    told = {
        "row": verdict.row,
        "case_id": verdict.case_id.replace("\0", "\ufffd"),  # of a refused row; PostgreSQL keeps no NUL
        "status": verdict.status,
        "codes": " ".join(verdict.codes),
        "phones": " ".join([f"{number.e164}:{number.type}" for number in verdict.numbers]),
    }
    if verdict.case is None:
        return _NOTHING | told
    return told | _case(verdict.case, verdict.codes) | _debtor(verdict.case.debtor) | {"zone": taken.timezone}


def _case(case: CaseRow, codes: Sequence[Code]) -> dict[str, Any]:
    owed, hours = case.receivable, case.preferred_hours
    return {
        "client_id": case.client_id,
        "case_id": case.case_id,
        "campaign_id": case.campaign_id,
        "blocked": " ".join([code for code in codes if code.blocks]),
        "amount": int(owed.amount * 100),
        "currency": owed.currency,
        "invoice_no": owed.invoice_no,
        "issue_date": owed.issue_date,
        "due_date": owed.due_date,
        "stage": owed.stage,
        "account_last4": owed.account_last4,
        "case_no_spoken": case.case_no_spoken,
        "callback_number": case.callback_number,
        "timezone": case.timezone,
        "preferred_hours": f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours else None,
        "flags": " ".join(sorted(case.flags)),
        "limitation_date": owed.limitation_date,
        "balance_version": owed.balance_version,
        "balance_as_of": owed.balance_as_of,
    }


def _debtor(debtor: Debtor) -> dict[str, Any]:
    return {"ref": debtor.id} | {name: getattr(debtor, name) for name in OF_DEBTOR}


def numbers_of(verdict: RowVerdict) -> Iterator[dict[str, Any]]:
    for position, number in enumerate(verdict.numbers, 1):
        yield {
            "row": verdict.row,
            "position": position,
            "e164": number.e164,
            "type": number.type,
        }
