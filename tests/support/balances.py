"""Balance files to test with: the fixture files, and rows with the values a test is about."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from dialer.core.balances import BalanceRow, BalanceVerdict
from dialer.core.cases import Currency

BALANCES = Path(__file__).parents[1] / "fixtures" / "balances"
NOON = datetime.fromisoformat("2026-11-21T12:00:00+01:00")  # the reference time of the fixtures
HEADER = "client_id,case_id,balance,currency,version,as_of,reason,paid_amount,paid_at"


def read(name: str) -> bytes:
    return (BALANCES / name).read_bytes()


def expected(name: str) -> list[str]:
    """One word for each row of a file: what became of it, or why it was not taken."""
    return [row["expected"] for row in csv.DictReader(read(name).decode().splitlines())]


def words(verdicts: Iterable[BalanceVerdict]) -> list[str]:
    """The verdicts as the expected files name them."""
    return [str(each.status) if each.status.is_taken else str(each.codes[0]) for each in verdicts]


def balance(
    case: str = "RENT/D1",
    amount: str = "0.00",
    version: int = 2,
    *,
    row: int = 1,
    client: str = "CL-CZYNSZ",
    currency: Currency = Currency.PLN,
) -> BalanceRow:
    """The case is paid, unless the test says otherwise."""
    return BalanceRow(row, client, case, Decimal(amount), currency, version, NOON, "paid", None, None)


def numbered(*rows: BalanceRow) -> list[BalanceRow]:
    """The rows as they stand in one file."""
    return [replace(each, row=place) for place, each in enumerate(rows, 1)]
