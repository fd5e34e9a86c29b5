"""Which rows does this CSV file hold, or why can it not be read?

Bytes go in as they arrive, rows come out; no more than one row is kept in memory. The same bytes give the
same rows and the same problem however they were split.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from dialer.core.codes import Code
from dialer.core.rows import balance, row

CHUNK = 1 << 18  # bytes
LONGEST_ROW = 1 << 16  # characters, line breaks within quotes included
ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "cp1250": "cp1250", "windows-1250": "cp1250"}

_BYTE_ORDER_MARK = "\ufeff"


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a file's rows, that can be read without the others."""

    first: int = 1  # the number of its first row
    offset: int = 0  # bytes
    length: int = -1  # bytes; -1: to the end of the file


@dataclass(frozen=True, slots=True)
class Columns:
    """What the header of a file may name; what else it names is left out."""

    required: Sequence[str]
    optional: Sequence[str]

    @property
    def known(self) -> frozenset[str]:
        return frozenset((*self.required, *self.optional))


CALL_LIST = Columns(row.REQUIRED_COLUMNS, row.OPTIONAL_COLUMNS)
BALANCES = Columns(balance.REQUIRED_COLUMNS, balance.OPTIONAL_COLUMNS)


class FileProblem(Exception):
    """The file as a whole is refused; `code` is one of F_…, `detail` may be shown to the sender only."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it was sent: column name to text; columns we do not know are left out."""

    row: int  # counts the records behind the header from 1
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be told apart into values."""

    row: int
    case_id: str
    code: Code
    detail: str = ""  # what does not fit, without the values that were sent


@dataclass(frozen=True, slots=True)
class Warned:
    """What the sender should know of the file although it was read."""

    code: Code
    detail: str


MOST_TOLD = 20  # rows of one list whose misfit is told in words


def misfits(rows: Iterable[RawRow | BadRow]) -> list[Warned]:
    """What does not fit in the first of those rows whose code alone would leave their sender guessing."""
    told = (each for each in rows if isinstance(each, BadRow) and each.detail)
    return [Warned(each.code, f"row {each.row}: {each.detail}") for each in islice(told, MOST_TOLD)]


def read_csv(chunks: Iterable[bytes], reader: "CsvReader | None" = None) -> Iterator[RawRow | BadRow]:
    """All rows of a file that is at hand; see `CsvReader`."""
    reader = reader or CsvReader()
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.close()


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


class CsvReader:
    """Feed it bytes, take its rows, close it; a FileProblem comes behind the rows before it.

    Understands UTF-8 with or without a byte order mark, cp1250 when it is named, commas or semicolons,
    quoted line breaks and any line ending.
    """

    def __init__(self, encoding: str | None = None, columns: Columns = CALL_LIST) -> None:
        self.warnings: list[Warned] = []
        self._expected = columns
        self._text = _Text(encoding)
        self._pending = ""  # the beginning of a record whose end has not arrived
        self._retry_at = 0  # the length at which it is looked at again
        self._delimiter = ""
        self._columns: list[str] = []
        self._unknown: frozenset[str] = frozenset()
        self._row = 0

    def feed(self, chunk: bytes) -> Iterator[RawRow | BadRow]:
        yield from self._take(self._text.decode(chunk), is_last=False)

    def close(self) -> Iterator[RawRow | BadRow]:
        """What is left; raises if the file ended too early."""
        yield from self._take(self._text.decode(b"", is_last=True), is_last=True)
        if not self._columns:
            raise FileProblem(Code.F_EMPTY, "no header and no rows")
        if not self._row:
            self.warnings.append(Warned(Code.W_NO_ROWS, "only a header"))

    def _take(self, text: str, *, is_last: bool) -> Iterator[RawRow | BadRow]:
        self._pending += text
        is_whole = is_last and self._text.problem is None
        if len(self._pending) >= self._retry_at or is_last or self._text.problem:
            yield from self._read(*_lines(self._pending, is_whole=is_whole), is_whole=is_whole)
        if self._text.problem:
            raise self._text.problem

    def _read(self, lines: Sequence[str], rest: str, *, is_whole: bool) -> Iterator[RawRow | BadRow]:
        if not self._delimiter and (header := next(filter(str.strip, lines), "")):
            self._delimiter = ";" if header.count(";") > header.count(",") else ","
        records = _Records(lines, rest)
        for cells in records.read(self._delimiter or ",", is_whole=is_whole):
            if self._columns:
                self._row += 1
                yield self._raw_row(cells)
            else:
                self._columns = self._header(cells)
        self._pending = records.unread()
        # A record that has not ended is read again only once it has doubled, so that the work stays linear
        # however small the chunks are.
        self._retry_at = min(2 * len(self._pending), LONGEST_ROW)

    def _header(self, cells: Sequence[str]) -> list[str]:
        names = [cell.strip().lower() for cell in cells]
        if self._expected.known.isdisjoint(names):
            raise FileProblem(Code.F_HEADER, "the first line names none of our columns")
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise FileProblem(Code.F_HEADER_DUPLICATE, ", ".join(twice))
        if missing := [name for name in self._expected.required if name not in names]:
            raise FileProblem(Code.F_HEADER_MISSING, ", ".join(missing))
        self._unknown = frozenset(names) - self._expected.known
        self.warnings.extend(Warned(Code.W_COLUMN_UNKNOWN, name) for name in sorted(self._unknown))
        return names

    def _raw_row(self, cells: Sequence[str]) -> RawRow | BadRow:
        if len(cells) != len(self._columns):
            position = self._columns.index("case_id")
            case_id = cells[position].strip() if position < len(cells) else ""
            return BadRow(self._row, case_id, Code.E_COLUMN_COUNT)
        values = dict(zip(self._columns, cells, strict=True))
        for name in self._unknown:
            del values[name]
        return RawRow(self._row, values)


class _Text:
    """Bytes into text, up to the first that is none."""

    def __init__(self, encoding: str | None) -> None:
        self.problem: FileProblem | None = None
        name = ENCODINGS.get((encoding or "utf-8").lower())
        if name is None:
            raise FileProblem(Code.F_ENCODING, f"{encoding} is none of {', '.join(ENCODINGS)}")
        self._decoder = codecs.getincrementaldecoder(name)()
        self._name = name
        self._is_start = True

    def decode(self, chunk: bytes, *, is_last: bool = False) -> str:
        try:
            text = self._decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(self._name)
            self.problem = FileProblem(Code.F_ENCODING, f"not {self._name}")
        if self._is_start and text:
            self._is_start = False
            text = text.removeprefix(_BYTE_ORDER_MARK)
        text, nul, _ = text.partition("\0")
        if nul:
            self.problem = FileProblem(Code.F_NUL, "a NUL character")
        return text


def _lines(text: str, *, is_whole: bool) -> tuple[Sequence[str], str]:
    """The complete lines with their ends, and the beginning of the next one."""
    lines = list(io.StringIO(text, newline=""))
    # A carriage return at the end may be half of a line end.
    if lines and not is_whole and not lines[-1].endswith("\n"):
        return lines[:-1], lines[-1]
    return lines, ""


class _Records:
    """Lines into records by the csv module, minding where the last whole record ended."""

    def __init__(self, lines: Sequence[str], rest: str) -> None:
        self._lines = lines
        self._rest = rest
        self._given = 0  # lines the csv module has seen
        self._ended = 0  # lines that belong to whole records
        self._length = 0  # characters of the record being read
        self._is_exhausted = False

    def read(self, delimiter: str, *, is_whole: bool) -> Iterator[list[str]]:
        try:
            for cells in csv.reader(self._give(), delimiter=delimiter, strict=True):
                self._ended, self._length = self._given, 0
                if cells:
                    yield cells
        except csv.Error as error:
            if is_whole or not self._is_exhausted:
                raise FileProblem(Code.F_CSV_QUOTE, str(error)) from error
        self._measure(self._rest)

    def unread(self) -> str:
        return "".join(self._lines[self._ended :]) + self._rest

    def _give(self) -> Iterator[str]:
        for line in self._lines:
            self._measure(line)
            self._given += 1
            yield line
        self._is_exhausted = True

    def _measure(self, line: str) -> None:
        is_continued = self._length > 0
        self._length += len(line)
        if self._length > LONGEST_ROW:
            code = Code.F_CSV_QUOTE if is_continued else Code.F_ROW_LENGTH
            raise FileProblem(code, f"a row of more than {LONGEST_ROW} characters")
