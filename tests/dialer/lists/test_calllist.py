"""Which rows does this CSV file hold, or why can it not be read?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.codes import Code
from dialer.core.rows.row import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from dialer.lists.calllist import LONGEST_ROW, BadRow, CsvReader, FileProblem, RawRow, read_csv
from tests.support.calllists import read

HEADER = ",".join(REQUIRED_COLUMNS)
ROW = ",".join(f"v{place}" for place in range(len(REQUIRED_COLUMNS)))


@dataclass(frozen=True)
class Outcome:
    rows: tuple[RawRow | BadRow, ...]
    warnings: tuple[Code, ...]
    problem: Code | None
    detail: str


def outcome(chunks: Sequence[bytes], encoding: str | None = None) -> Outcome:
    rows: list[RawRow | BadRow] = []
    try:
        reader = CsvReader(encoding)
        for chunk in chunks:
            rows.extend(reader.feed(chunk))
        rows.extend(reader.close())
    except FileProblem as problem:
        return Outcome(tuple(rows), (), problem.code, problem.detail)
    return Outcome(tuple(rows), tuple(warned.code for warned in reader.warnings), None, "")


def file_of(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def split(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = sorted({min(cut, len(body)) for cut in cuts})
    return [body[start:stop] for start, stop in zip([0, *places], [*places, len(body)], strict=True)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", Code.F_EMPTY),
        (b"\xef\xbb\xbf\r\n \r\n".replace(b" ", b""), Code.F_EMPTY),
        (file_of(HEADER, ROW).decode().encode("utf-16"), Code.F_ENCODING),
        (file_of(HEADER, ROW.replace("v5", "Zięba")).decode().encode("cp1250"), Code.F_ENCODING),
        (file_of(HEADER) + "ż".encode()[:1], Code.F_ENCODING),
        (file_of(ROW, ROW), Code.F_HEADER),
        (file_of(HEADER + ",case_id", ROW + ",x"), Code.F_HEADER_DUPLICATE),
        (file_of(HEADER.replace("due_date", "due"), ROW), Code.F_HEADER_MISSING),
        (file_of(HEADER.replace("flags", "flag"), ROW), Code.F_HEADER_MISSING),
        (file_of(HEADER, '"' + ROW, ROW), Code.F_CSV_QUOTE),
        (file_of(HEADER, '"' + ROW, ROW.replace("v3", '"v3"')), Code.F_CSV_QUOTE),
        (file_of(HEADER, '"' + ROW, *[ROW] * 2000), Code.F_CSV_QUOTE),
        (file_of(HEADER, ROW.replace("v3", "v\0")), Code.F_NUL),
        (file_of(HEADER, "x" * (LONGEST_ROW + 1)), Code.F_ROW_LENGTH),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(body: bytes, code: Code) -> None:
    assert outcome([body]).problem is code


def test_a_missing_column_is_named() -> None:
    assert outcome([file_of(HEADER.replace("due_date", "due"))]).detail == "due_date"


def test_a_header_alone_is_a_list_without_rows() -> None:
    assert outcome([HEADER.encode()]) == Outcome((), (Code.W_NO_ROWS,), None, "")


def test_an_unknown_column_is_ignored_and_reported() -> None:
    found = outcome([file_of(HEADER + ",pesel", ROW + ",44051401458")])
    assert found.warnings == (Code.W_COLUMN_UNKNOWN,)
    assert "44051401458" not in repr(found.rows)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_spreadsheets_save_is_understood(end: str, delimiter: str, mark: bytes) -> None:
    lines = [line.replace(",", delimiter) for line in (HEADER.upper(), ROW.replace("v7", '"153,20"'), "", ROW)]
    rows = outcome([mark + file_of(*lines, end=end)]).rows
    assert [row.row for row in rows] == [1, 2]
    assert isinstance(rows[0], RawRow)
    assert rows[0].values["case_id"] == "v0"
    assert isinstance(rows[1], RawRow)
    assert rows[1].values == dict(zip(REQUIRED_COLUMNS, ROW.split(","), strict=True))


def test_cp1250_is_read_when_it_is_named() -> None:
    body = file_of(HEADER, ROW.replace("v5", "Zięba")).decode().encode("cp1250")
    (row,) = outcome([body], "windows-1250").rows
    assert isinstance(row, RawRow)
    assert row.values["last_name"] == "Zięba"


def test_an_encoding_we_do_not_read_is_refused() -> None:
    assert outcome([file_of(HEADER)], "ebcdic").problem is Code.F_ENCODING


def test_a_row_with_a_value_too_many_is_refused_alone() -> None:
    rows = outcome([file_of(HEADER, ROW + ",junior", ROW)]).rows
    assert rows[0] == BadRow(1, "v0", Code.E_COLUMN_COUNT)
    assert isinstance(rows[1], RawRow)


def test_a_quoted_line_break_stays_within_its_row() -> None:
    rows = outcome([file_of(HEADER, ROW.replace("v5", '"a\r\nb ""c"""'), ROW)]).rows
    assert isinstance(rows[0], RawRow)
    assert rows[0].values["last_name"] == 'a\r\nb "c"'
    assert len(rows) == 2


def test_an_endless_line_does_not_fill_the_memory() -> None:
    fed = 0

    def endless() -> Iterator[bytes]:
        nonlocal fed
        while True:
            fed += 1000
            yield b"x" * 1000

    with pytest.raises(FileProblem, match="F_ROW_LENGTH"):
        next(read_csv(endless()))
    assert fed <= LONGEST_ROW + 1000


def test_many_tiny_chunks_give_what_one_gives() -> None:
    body = file_of(HEADER, ROW.replace("v5", '"' + "\n" * 20_000 + '"'))
    assert outcome([body[place : place + 1] for place in range(len(body))]) == outcome([body])


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(read("dirty_rows.csv"))), max_size=40))
def test_any_split_of_a_real_list_gives_the_same_rows(cuts: list[int]) -> None:
    body = read("dirty_rows.csv")
    assert outcome(split(body, cuts)) == outcome([body])
    assert len(outcome([body]).rows) == 41


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([ROW, ",", ";", '"', "\n", "\r", "\r\n", "ż", "\0", "a", '"a\nb"']), max_size=40),
    st.lists(st.integers(0, 1500), max_size=12),
    st.binary(max_size=3),
)
def test_any_split_gives_the_same_rows_and_the_same_problem(parts: list[str], cuts: list[int], junk: bytes) -> None:
    body = file_of(HEADER) + "".join(parts).encode() + junk + file_of(ROW)
    assert outcome(split(body, cuts)) == outcome([body])


@given(st.lists(st.binary(max_size=200), max_size=5), st.sampled_from([None, "cp1250"]))
def test_garbage_is_only_ever_a_file_problem(chunks: list[bytes], encoding: str | None) -> None:
    found = outcome(chunks, encoding)
    assert found.problem is not None
    assert found.problem.startswith("F_")


def test_all_columns_of_the_two_thousand_are_known() -> None:
    rows = list(read_csv([read("calllist_2000.csv")]))
    assert len(rows) == 2000
    assert isinstance(rows[0], RawRow)
    assert set(rows[0].values) == {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS} - {
        "phone_4",
        "phone_5",
        "block_date",
        "letter_date",
    }
