"""Which balances does this file name, and which of its rows cannot be read?

CSV as a call list may be written, a JSON document {"balances": [...]}, or one JSON object on each line; the objects
have the columns' names. A file is small enough to be held: it is taken in one piece.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from dialer.core.balances import BalanceRow, BalanceVerdict
from dialer.core.codes import Code
from dialer.core.rows.balance import read_balance, refused
from dialer.lists import jsonrows
from dialer.lists.calllist import (
    BALANCES,
    BadRow,
    CsvReader,
    FileProblem,
    Format,
    RawRow,
    Warned,
    chunks_of,
    misfits,
    read_csv,
)

MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class BalanceFile:
    """A file at hand."""

    client_id: str | None  # whose key sent it; None: the operator's, which may speak for every client
    format: Format
    content: bytes | Path  # the body, decompressed: itself if it is short, or where it lies
    encoding: str | None = None  # CSV

    @property
    def is_short(self) -> bool:
        """Whether it is read sooner than a thread would have begun to."""
        return isinstance(self.content, bytes)


@dataclass(frozen=True, slots=True)
class ReadFile:
    rows: Sequence[BalanceRow | BalanceVerdict]  # in the file's order; a verdict where a row cannot be read
    balances: Sequence[BalanceRow]  # those that can
    warnings: Sequence[Warned] = ()


def read_file(file: BalanceFile, now: datetime) -> ReadFile:
    """Every row of the file. Raises FileProblem: it cannot be read as a whole."""
    reader = CsvReader(file.encoding, BALANCES)
    raw_rows = list(_bounded(_raw_rows(file, reader)))
    rows = [_read(raw, file.client_id, now) for raw in raw_rows]
    warnings = [*reader.warnings, *misfits(raw_rows)] if rows else [Warned(Code.W_NO_ROWS, "no balances")]
    return ReadFile(rows, [each for each in rows if isinstance(each, BalanceRow)], tuple(warnings))


def _raw_rows(file: BalanceFile, reader: CsvReader) -> Iterator[RawRow | BadRow]:
    match file.format:
        case Format.CSV:
            chunks = (file.content,) if isinstance(file.content, bytes) else chunks_of(file.content)
            return read_csv(chunks, reader)
        case Format.JSON:
            return jsonrows.raw_rows(jsonrows.document(_whole(file.content), _DOCUMENT).balances, _values)
        case Format.NDJSON:
            return jsonrows.raw_rows(jsonrows.lines(jsonrows.clean(_whole(file.content))), _values)


def _whole(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _bounded(rows: Iterator[RawRow | BadRow]) -> Iterator[RawRow | BadRow]:
    for each in rows:
        if each.row > MOST_ROWS:
            raise FileProblem(Code.F_ROW_COUNT, f"at most {MOST_ROWS}")
        yield each


def _read(raw: RawRow | BadRow, client_id: str | None, now: datetime) -> BalanceRow | BalanceVerdict:
    if isinstance(raw, BadRow):
        return refused(raw.row, raw.case_id, raw.code)
    return read_balance(raw.values, raw.row, client_id, now)


class _Document(Struct, forbid_unknown_fields=True):
    balances: list[msgspec.Raw]


class _Balance(Struct, forbid_unknown_fields=True):
    case_id: str
    balance: str | int | float
    currency: str
    version: str | int
    client_id: str | None = None
    as_of: str | None = None
    reason: str | None = None
    paid_amount: str | int | float | None = None
    paid_at: str | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)
_BALANCE = msgspec.json.Decoder(_Balance)


def _values(encoded: jsonrows.Encoded) -> Mapping[str, str | None]:
    sent = _BALANCE.decode(encoded)
    return {
        "case_id": sent.case_id,
        "balance": str(sent.balance),
        "currency": sent.currency,
        "version": str(sent.version),
        "client_id": sent.client_id,
        "as_of": sent.as_of,
        "reason": sent.reason,
        "paid_amount": None if sent.paid_amount is None else str(sent.paid_amount),
        "paid_at": sent.paid_at,
    }
