"""What does a gzip stream unpack to, portion by portion, whoever packed it?"""

import zlib
from collections.abc import Iterator

PORTION = 1 << 20  # bytes that one step may unpack to
_GZIP = 16 + zlib.MAX_WBITS


class Garbled(Exception):
    """What was sent is no gzip stream, or only the beginning of one."""


class Gunzip:
    """Feed it bytes, take what they unpack to, close it. It never holds more than a portion."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._is_empty = True

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self._member.eof:  # streams may be put one behind the other
                self._member = zlib.decompressobj(_GZIP)
            self._is_empty = False
            try:
                plain = self._member.decompress(packed, PORTION)
            except zlib.error as error:
                raise Garbled("the body is not gzip, though Content-Encoding says so") from error
            packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if plain:
                yield plain

    def close(self) -> None:
        """Raises Garbled if the stream ended too early."""
        if self._is_empty or not self._member.eof:
            raise Garbled("the gzip stream ends too early")
