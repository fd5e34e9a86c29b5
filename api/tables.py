"""How do rows become a table that people open elsewhere: CSV, a spreadsheet, or lines of JSON?

Whatever debtors and lists say may end in a spreadsheet, and a spreadsheet computes what begins with certain signs. In
CSV such text gets an apostrophe in front; in a workbook it is stored as text, which is never computed.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Protocol
from xml.sax.saxutils import escape

from pydantic import BaseModel

FORMULA = tuple("=+-@\t\r＝＋－＠")
SHEET_ROWS = 1_048_576  # of a workbook's sheet, the header among them
LONGEST_TEXT = 32_767  # characters of a workbook's cell

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML 1.0


class TableFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


MEDIA = {
    TableFormat.CSV: "text/csv",
    TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TableFormat.NDJSON: "application/x-ndjson",
}


class Table(Protocol):
    """Written from the first row to the last; each call gives what can be sent on."""

    def rows(self, rows: Sequence[BaseModel]) -> bytes: ...

    def end(self) -> bytes: ...


def table(format_: TableFormat, model: type[BaseModel]) -> Table:
    """A table of the model's fields."""
    match format_:
        case TableFormat.CSV:
            return _Csv(model)
        case TableFormat.XLSX:
            return Workbook(model)
    return _Lines()


class _Lines:
    def rows(self, rows: Sequence[BaseModel]) -> bytes:
        return "".join(f"{row.model_dump_json()}\n" for row in rows).encode()

    def end(self) -> bytes:
        return b""


class _Csv:
    """RFC 4180, in UTF-8."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._head: list[str] = list(model.model_fields)

    def rows(self, rows: Sequence[BaseModel]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text)
        if self._head:
            writer.writerow(self._head)
            self._head = []
        writer.writerows([_harmless(cell) for cell in _cells(row)] for row in rows)
        return text.getvalue().encode()

    def end(self) -> bytes:
        return self.rows(()) if self._head else b""


class Workbook:
    """Office Open XML, written as it comes: nothing is kept but what was not sent yet."""

    def __init__(self, model: type[BaseModel], sheet_rows: int = SHEET_ROWS) -> None:
        self._head = list(model.model_fields)
        self._most = sheet_rows
        self._made = _Outbox()
        self._zip = zipfile.ZipFile(self._made, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheets = 0
        self._written = 0
        self._sheet = self._begin()

    def rows(self, rows: Sequence[BaseModel]) -> bytes:
        for row in rows:
            if self._written == self._most:
                self._close()
                self._sheet = self._begin()
            self._write(_cells(row))
        return self._made.take()

    def end(self) -> bytes:
        self._close()
        for name, text in _parts(self._sheets):
            self._zip.writestr(name, text)
        self._zip.close()
        return self._made.take()

    def _begin(self) -> Any:
        self._sheets += 1
        self._written = 0
        sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self._sheet = sheet
        self._write(self._head)
        return sheet

    def _close(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _write(self, cells: Sequence[Any]) -> None:
        self._written += 1
        self._sheet.write(f"<row>{''.join(map(_xml, cells))}</row>".encode())


class _Outbox(io.RawIOBase):
    """Takes what a zip file writes, which therefore never seeks; gives it away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _cells(row: BaseModel) -> list[Any]:
    return [_cell(value) for value in row.model_dump(mode="json").values()]


def _cell(value: Any) -> Any:
    """Lists of words side by side, whatever is deeper as JSON."""
    match value:
        case list() if all(isinstance(each, str) for each in value):
            return " ".join(value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return value


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _xml(cell: Any) -> str:
    match cell:
        case None:
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(cell)}</v></c>'
        case int() | float():
            return f"<c><v>{cell}</v></c>"
    text = escape(_UNWRITABLE.sub("\ufffd", str(cell))[:LONGEST_TEXT])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN = f"{_FORMATS}/spreadsheetml/2006/main"
_RELATIONS = f"{_FORMATS}/officeDocument/2006/relationships"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """What a workbook has beside its sheets (ECMA-376, part 1)."""
    numbers = range(1, sheets + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEET}.worksheet+xml"/>' for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_FORMATS}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>{overrides}</Types>',
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/_rels/workbook.xml.rels", _relations([("worksheet", f"worksheets/sheet{n}.xml") for n in numbers])
    names = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>',
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_FORMATS}/package/2006/relationships">{listed}</Relationships>'
