from datetime import date, timedelta
from decimal import Decimal

import pytest

from dialer.core.balances import BalanceRow, BalanceVerdict
from dialer.core.codes import Code
from dialer.core.rows.balance import read_balance
from tests.support.balances import NOON

CLEAN = {
    "client_id": "CL-ENERGIA",
    "case_id": "EN/2026/000369",
    "balance": "73,45",
    "currency": "PLN",
    "version": "5",
    "as_of": "2026-11-21T13:00:00+01:00",
    "reason": "partial",
    "paid_amount": "73.46",
    "paid_at": "21.11.2026",
}


def read(sender: str | None = None, **changes: str | None) -> BalanceRow | BalanceVerdict:
    return read_balance(CLEAN | changes, 1, sender, NOON)


def taken(sender: str | None = None, **changes: str | None) -> BalanceRow:
    row = read(sender, **changes)
    assert isinstance(row, BalanceRow), row
    return row


def codes(sender: str | None = None, **changes: str | None) -> tuple[Code, ...]:
    row = read(sender, **changes)
    assert isinstance(row, BalanceVerdict), row
    return row.codes


def test_a_row_is_read_into_values() -> None:
    row = taken()
    assert (row.client_id, row.case_id, row.amount, row.version) == (
        "CL-ENERGIA",
        "EN/2026/000369",
        Decimal("73.45"),
        5,
    )
    assert (row.reason, row.paid_amount, row.paid_at, row.notes) == (
        "partial",
        Decimal("73.46"),
        date(2026, 11, 21),
        (),
    )


def test_nothing_may_be_owed() -> None:
    assert taken(balance="0.00").amount == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"balance": "-12.00"}, Code.E_AMOUNT_NEGATIVE),
        ({"balance": "paid"}, Code.E_AMOUNT_FORMAT),
        ({"balance": "12.345"}, Code.E_AMOUNT_SCALE),
        ({"balance": None}, Code.E_REQUIRED),
        ({"case_id": None}, Code.E_REQUIRED),
        ({"case_id": "EN 1"}, Code.E_CASE_ID_FORMAT),
        ({"case_id": "=1+1"}, Code.E_FORMULA),
        ({"currency": "zł"}, Code.E_CURRENCY),
        ({"version": "5.0"}, Code.E_VERSION_FORMAT),
        ({"version": "-1"}, Code.E_VERSION_FORMAT),
        ({"as_of": "2026-11-21"}, Code.E_DATE_FORMAT),
        ({"as_of": "2026-12-24T00:00:00+01:00"}, Code.E_AS_OF_FUTURE),
        ({"client_id": None}, Code.E_REQUIRED),
        ({"currency": "PL\rN"}, Code.E_CONTROL_CHARS),
    ],
)
def test_a_row_that_cannot_be_relied_on_is_refused(changes: dict[str, str | None], code: Code) -> None:
    assert codes(**changes) == (code,)


def test_every_reason_is_named_once() -> None:
    assert codes(balance="-1", version="", currency="") == (Code.E_AMOUNT_NEGATIVE, Code.E_REQUIRED)


@pytest.mark.parametrize("changes", [{"reason": "paid, partly"}, {"paid_amount": "-1"}, {"paid_at": "yesterday"}])
def test_a_mistake_about_the_payment_does_not_keep_the_balance_from_being_taken(changes: dict[str, str]) -> None:
    assert taken(**changes).notes == (Code.W_PAYMENT,)


@pytest.mark.parametrize(("ahead", "is_taken"), [(timedelta(hours=1), True), (timedelta(hours=1, minutes=6), False)])
def test_a_clock_may_be_an_hour_ahead_and_no_more(ahead: timedelta, is_taken: bool) -> None:
    assert isinstance(read(as_of=(NOON + ahead).isoformat()), BalanceRow) is is_taken


def test_a_client_knows_its_own_cases_only() -> None:
    assert taken("CL-ENERGIA").client_id == "CL-ENERGIA"
    assert taken("CL-ENERGIA", client_id=None).client_id == "CL-ENERGIA"
    assert codes("CL-TELKO") == (Code.E_CASE_UNKNOWN,)
