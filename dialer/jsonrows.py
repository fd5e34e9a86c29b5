"""How do JSON objects become rows: those of one document, or one on each line?

The file must be JSON in UTF-8; an object of the wrong shape is refused alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from dialer.calllist import LONGEST_ROW, BadRow, FileProblem, RawRow
from dialer.core.codes import Code

T = TypeVar("T")

Encoded = bytes | msgspec.Raw


class _Named(Struct):
    """As much of a refused object as its sender needs to find it."""

    case_id: str = ""


_UNREADABLE = (msgspec.DecodeError, RecursionError)  # the latter: brackets nested without end
_NAMED = msgspec.json.Decoder(_Named)


def document(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Raises FileProblem; a detail of F_JSON names the byte, of F_SCHEMA the field."""
    body = _clean(body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise FileProblem(Code.F_SCHEMA, str(error)) from error
    except _UNREADABLE as error:
        raise FileProblem(Code.F_JSON, f"{error}; {len(body)} bytes in all") from error


def lines(body: bytes) -> Iterator[bytes]:
    """The lines that are not blank."""
    return (line for line in _clean(body).splitlines() if line.strip())


def raw_rows(
    objects: Iterable[Encoded], values: Callable[[Encoded], Mapping[str, str | None]]
) -> Iterator[RawRow | BadRow]:
    """A row for each object; ``values`` decodes one into columns, and may raise what msgspec raises."""
    for row, each in enumerate(objects, start=1):
        if len(memoryview(each)) > LONGEST_ROW:
            yield BadRow(row, "", Code.E_FIELD_LENGTH)
            continue
        try:
            read = values(each)
        except _UNREADABLE:
            yield BadRow(row, _case_id(each), Code.E_FIELD_TYPE)
        else:
            yield RawRow(row, read)


def _case_id(encoded: Encoded) -> str:
    try:
        return _NAMED.decode(encoded).case_id
    except _UNREADABLE:
        return ""


def _clean(body: bytes) -> bytes:
    body = body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise FileProblem(Code.F_EMPTY, "nothing was sent")
    if b"\0" in body:
        raise FileProblem(Code.F_NUL, "a NUL character")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise FileProblem(Code.F_ENCODING, f"not UTF-8 at byte {error.start}") from error
    return body
