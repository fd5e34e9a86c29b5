"""Does what is taken out read the same elsewhere, and is it computed by nobody?"""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pydantic import BaseModel

from api.tables import FORMULA, Table, TableFormat, Workbook, table


class Row(BaseModel):
    number: int
    text: str
    words: list[str] = []
    more: dict[str, Any] = {}
    share: float | None = None
    is_true: bool = True


def written(made: Table, *pages: list[Row]) -> bytes:
    return b"".join([made.rows(page) for page in pages]) + made.end()


def of_csv(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def of_workbook(file: bytes) -> list[tuple[Any, ...]]:
    return [row for sheet in load_workbook(io.BytesIO(file), read_only=True) for row in sheet.values]


def test_csv_has_one_header_and_every_row() -> None:
    found = of_csv(written(table(TableFormat.CSV, Row), [Row(number=1, text="a")], [Row(number=2, text='b"\n;,')]))
    assert [(row["number"], row["text"], row["share"]) for row in found] == [("1", "a", ""), ("2", 'b"\n;,', "")]


def test_lists_are_words_and_deeper_things_json() -> None:
    [row] = of_csv(written(table(TableFormat.CSV, Row), [Row(number=1, text="", words=["a", "b"], more={"c": [1]})]))
    assert (row["words"], json.loads(row["more"])) == ("a b", {"c": [1]})


def test_without_rows_there_is_a_header() -> None:
    assert written(table(TableFormat.CSV, Row)).decode().startswith("number,text")
    assert of_workbook(written(table(TableFormat.XLSX, Row))) == [tuple(Row.model_fields)]
    assert written(table(TableFormat.NDJSON, Row)) == b""


@given(st.sampled_from(FORMULA), st.text(max_size=20))
def test_no_cell_of_csv_begins_a_formula(sign: str, rest: str) -> None:
    text = sign + rest
    [row] = of_csv(written(table(TableFormat.CSV, Row), [Row(number=1, text=text)]))
    assert not row["text"].startswith(FORMULA)
    assert row["text"].removeprefix("'") == text


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+48280000001", "@SUM(A1)", "-1+1", "<b>&amp;", "ąęł\n→"])
def test_a_workbook_keeps_text_as_text(text: str) -> None:
    file = written(table(TableFormat.XLSX, Row), [Row(number=7, text=text, share=0.5)])
    _, row = of_workbook(file)
    assert row[:2] == (7, text)
    assert row[4:] == (0.5, True)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(file)).read("xl/worksheets/sheet1.xml")


@given(st.text(max_size=30))
def test_any_text_makes_a_workbook_that_opens(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    rows = of_workbook(written(table(TableFormat.XLSX, Row), [Row(number=1, text=text)]))
    assert len(rows) == 2


def test_a_workbook_that_is_full_goes_on_on_another_sheet() -> None:
    rows = of_workbook(written(Workbook(Row, sheet_rows=3), [Row(number=n, text="") for n in range(5)]))
    assert [row[0] for row in rows] == ["number", 0, 1, "number", 2, 3, "number", 4]


def test_lines_are_the_objects_that_the_api_shows() -> None:
    row = Row(number=1, text="=1+1", more={"ł": None})
    assert json.loads(written(table(TableFormat.NDJSON, Row), [row])) == row.model_dump(mode="json")
