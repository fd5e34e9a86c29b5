"""How do JSON objects become rows: those of one document, or one on each line?

The file must be JSON in UTF-8; an object of the wrong shape is refused alone. A document is read as a whole. Lines are
read part by part, by several processes if need be, and no more than a part of them is kept in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from dialer.core.codes import Code
from dialer.lists.calllist import LONGEST_ROW, BadRow, FileProblem, Part, RawRow

T = TypeVar("T")

LONGEST_DETAIL = 200  # a field's name may be as long as its sender likes
PART = 1 << 22  # bytes of lines that are read in one go
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Encoded = bytes | msgspec.Raw


class _Named(Struct):
    """As much of a refused object as its sender needs to find it."""

    case_id: str = ""


_UNREADABLE = (msgspec.DecodeError, RecursionError)  # the latter: brackets nested without end
_NAMED = msgspec.json.Decoder(_Named)


def document(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Raises FileProblem; a detail of F_JSON names the byte, of F_SCHEMA the field."""
    body = clean(body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise FileProblem(Code.F_SCHEMA, str(error)) from error
    except _UNREADABLE as error:
        raise FileProblem(Code.F_JSON, f"{error}; {len(body)} bytes in all") from error


def lines(body: bytes) -> list[bytes]:
    """Those that are not blank."""
    return [line for line in body.splitlines() if line.strip()]


def parts(path: Path) -> Iterator[Part]:
    """The lines of a file, divided; a FileProblem comes behind the parts before it."""
    row, pending, offset = 1, b"", 0
    with path.open("rb") as file:
        while chunk := file.read(PART):
            if row == 1 and not offset and not pending and chunk.startswith(_BYTE_ORDER_MARK):
                offset = len(_BYTE_ORDER_MARK)
                chunk = chunk[offset:]
            ends = chunk.rfind(b"\n") + 1
            if not ends and len(chunk) >= PART:
                raise FileProblem(Code.F_ROW_LENGTH, f"a line of more than {PART} bytes")
            whole, pending = pending + chunk[:ends], chunk[ends:] if ends else pending + chunk
            if whole:
                yield (part := _part(whole, row, offset))[0]
                row, offset = row + part[1], offset + len(whole)
    if pending:
        yield (part := _part(pending, row, offset))[0]
        row += part[1]
    if row == 1:
        raise FileProblem(Code.F_EMPTY, "nothing was sent")


def _part(body: bytes, row: int, offset: int) -> tuple[Part, int]:
    """The part, and how many rows it has."""
    _check(body, offset)
    return Part(row, offset, len(body)), len(lines(body))


def raw_rows(
    objects: Iterable[Encoded], values: Callable[[Encoded], Mapping[str, str | None]], first: int = 1
) -> Iterator[RawRow | BadRow]:
    """A row for each object; ``values`` decodes one into columns, and may raise what msgspec raises."""
    for row, each in enumerate(objects, start=first):
        if len(memoryview(each)) > LONGEST_ROW:
            yield BadRow(row, "", Code.E_FIELD_LENGTH)
            continue
        try:
            read = values(each)
        except _UNREADABLE as error:
            yield BadRow(row, _case_id(each), Code.E_FIELD_TYPE, str(error)[:LONGEST_DETAIL])
        else:
            yield RawRow(row, read)


def _case_id(encoded: Encoded) -> str:
    try:
        return _NAMED.decode(encoded).case_id
    except _UNREADABLE:
        return ""


def clean(body: bytes) -> bytes:
    """The whole of a file without its byte order mark. Raises FileProblem: it is no text."""
    body = body.removeprefix(_BYTE_ORDER_MARK)
    if not body.strip():
        raise FileProblem(Code.F_EMPTY, "nothing was sent")
    _check(body, 0)
    return body


def _check(body: bytes, offset: int) -> None:
    if b"\0" in body:
        raise FileProblem(Code.F_NUL, "a NUL character")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise FileProblem(Code.F_ENCODING, f"not UTF-8 at byte {offset + error.start}") from error
