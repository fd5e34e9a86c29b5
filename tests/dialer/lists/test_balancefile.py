import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from dialer.core.balances import BalanceRow, BalanceVerdict
from dialer.core.codes import Code
from dialer.lists.balancefile import MOST_ROWS, BalanceFile, ReadFile, read_file
from dialer.lists.calllist import FileProblem, Format
from tests.support.balances import HEADER, NOON, read

PAID = {"case_id": "EN/1", "balance": "0.00", "currency": "PLN", "version": 2}
LINE = "CL-ENERGIA,EN/1,0.00,PLN,2,,,,"


def read_as(folder: Path, format_: Format, body: bytes, encoding: str | None = None) -> ReadFile:
    path = folder / "body"
    path.write_bytes(body)
    return read_file(BalanceFile("CL-ENERGIA", format_, path, encoding), NOON)


def sums(rows: Sequence[BalanceRow | BalanceVerdict]) -> list[tuple[str, str, int]]:
    assert all(isinstance(row, BalanceRow) for row in rows), rows
    return [(row.case_id, str(row.amount), row.version) for row in rows if isinstance(row, BalanceRow)]


def problem(folder: Path, format_: Format, body: bytes) -> Code:
    with pytest.raises(FileProblem) as refused:
        read_as(folder, format_, body)
    return refused.value.code


def test_the_sample_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(read("balances_update.csv"))
    rows = read_file(BalanceFile(None, Format.CSV, path), NOON).rows
    assert len(rows) == 600
    assert {amount for _, amount, _ in sums(rows)} == {"0.00"}


def test_a_file_of_polish_excel_is_read(tmp_path: Path) -> None:
    body = "\ufeffcase_id;balance;currency;version\r\nEN/1;1 073,45;PLN;5\r\n".encode()
    assert sums(read_as(tmp_path, Format.CSV, body).rows) == [("EN/1", "1073.45", 5)]


def test_an_older_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    body = "case_id,balance,currency,version,żródło\nEN/1,0,PLN,5,wpłata\n".encode("cp1250")
    found = read_as(tmp_path, Format.CSV, body, "cp1250")
    assert sums(found.rows) == [("EN/1", "0.00", 5)]
    assert [warned.code for warned in found.warnings] == [Code.W_COLUMN_UNKNOWN]


@pytest.mark.parametrize("amount", ["73.45", 73.45])
def test_a_document_and_lines_say_the_same(tmp_path: Path, amount: object) -> None:
    row = PAID | {"balance": amount}
    document = json.dumps({"balances": [row]}).encode()
    assert sums(read_as(tmp_path, Format.JSON, document).rows) == [("EN/1", "73.45", 2)]
    assert sums(read_as(tmp_path, Format.NDJSON, json.dumps(row).encode()).rows) == [("EN/1", "73.45", 2)]


def test_a_row_of_the_wrong_shape_is_refused_alone(tmp_path: Path) -> None:
    body = (
        b'{"case_id": "EN/1", "balance": null}\n{"case_id": "EN/2", "balanse": "1"}\nno json\n'
        + json.dumps(PAID).encode()
    )
    rows = read_as(tmp_path, Format.NDJSON, body).rows
    refused = [(row.row, row.case_id, row.codes) for row in rows if isinstance(row, BalanceVerdict)]
    wrong = (Code.E_FIELD_TYPE,)
    assert refused == [(1, "EN/1", wrong), (2, "EN/2", wrong), (3, "", wrong)]
    assert sums(rows[3:]) == [("EN/1", "0.00", 2)]


def test_what_does_not_fit_is_told_in_words(tmp_path: Path) -> None:
    body = json.dumps({"balances": [PAID, PAID | {"balance_version": 9}, PAID | {"currency": 985}]}).encode()
    assert [(each.code, each.detail) for each in read_as(tmp_path, Format.JSON, body).warnings] == [
        (Code.E_FIELD_TYPE, "row 2: Object contains unknown field `balance_version`"),
        (Code.E_FIELD_TYPE, "row 3: Expected `str`, got `int` - at `$.currency`"),
    ]


def test_a_line_with_too_many_values_is_refused_alone(tmp_path: Path) -> None:
    rows = read_as(tmp_path, Format.CSV, f"{HEADER}\n{LINE},\n{LINE}\n".encode()).rows
    assert isinstance(rows[0], BalanceVerdict)
    assert rows[0].codes == (Code.E_COLUMN_COUNT,)
    assert isinstance(rows[1], BalanceRow)


@pytest.mark.parametrize(
    ("format_", "body", "code"),
    [
        (Format.CSV, b"", Code.F_EMPTY),
        (Format.CSV, b"debtor_id,phone_1\nD1,1\n", Code.F_HEADER),
        (Format.CSV, b"case_id,balance\nEN/1,0\n", Code.F_HEADER_MISSING),
        (Format.JSON, b"[]", Code.F_SCHEMA),
        (Format.JSON, b'{"balances": [], "balance": 0}', Code.F_SCHEMA),
        (Format.JSON, b"{", Code.F_JSON),
        (Format.NDJSON, b"\0", Code.F_NUL),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, format_: Format, body: bytes, code: Code) -> None:
    assert problem(tmp_path, format_, body) is code


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        (Format.CSV, f"{HEADER}\n".encode() + f"{LINE}\n".encode() * (MOST_ROWS + 1)),
        (Format.NDJSON, b"{}\n" * (MOST_ROWS + 1)),
        (Format.JSON, b'{"balances": [' + b"{}," * MOST_ROWS + b"{}]}"),
    ],
)
def test_a_file_without_end_is_refused(tmp_path: Path, format_: Format, body: bytes) -> None:
    assert problem(tmp_path, format_, body) is Code.F_ROW_COUNT


def test_a_file_of_no_rows_is_no_mistake(tmp_path: Path) -> None:
    for format_, body in ((Format.CSV, f"{HEADER}\n".encode()), (Format.JSON, b'{"balances": []}')):
        found = read_as(tmp_path, format_, body)
        assert not found.rows
        assert [warned.code for warned in found.warnings] == [Code.W_NO_ROWS]
