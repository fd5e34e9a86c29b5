"""What do the bytes on an AMI link say, and how is an action written? No I/O: bytes in, messages out, and back.

A message is a block of ``Name: value`` lines closed by an empty line; its first line says whether it is the answer to
an action (``Response``) or an ``Event``. Asterisk sends far more events than anybody wants, so an event's name is
compared before anything is decoded, and a header is looked for only when it is asked for.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

BANNER: Final = b"Asterisk Call Manager/"
END_OF_LINE: Final = b"\r\n"
END_OF_MESSAGE: Final = b"\r\n\r\n"
LONGEST_BANNER: Final = 256
LONGEST_MESSAGE: Final = 64 * 1024  # bytes; the longest event seen has 1.5 KiB
LONGEST_ACTION_LINE: Final = 1024  # bytes with the line end: Asterisk's own input buffer, it discards what is longer

_EVENT: Final = b"Event: "
_RESPONSE: Final = b"Response: "
_FORBIDDEN: Final = re.compile(r"[\r\n\0]")


class ProtocolError(Exception):
    """The peer does not speak AMI (any more); the link must be dropped."""


class UnsafeHeader(ValueError):
    """A header that could be read as something else than one header; it is never sent."""


class Message:
    """One block: ``is_event``, its ``name`` (of an event, or Success, Error, … of an answer) and its headers."""

    __slots__ = ("_text", "is_event", "name")

    def __init__(self, is_event: bool, name: str, text: str) -> None:
        self.is_event = is_event
        self.name = name
        self._text = text  # "\r\nName: value" for each header after the first line

    def get(self, header: str, default: str = "") -> str:
        """The first value of the header."""
        begin = self._text.find(f"\r\n{header}: ")
        if begin < 0:
            return default
        begin += len(header) + 4
        end = self._text.find("\r\n", begin)
        return self._text[begin:] if end < 0 else self._text[begin:end]

    def all(self, header: str) -> list[str]:
        """Every value of the header: Asterisk repeats ChanVariable, Output and, in UserEvent, even Uniqueid."""
        return [value for name, value in self.headers() if name == header]

    def headers(self) -> list[tuple[str, str]]:
        """All of them but the first line, in order."""
        lines = self._text.split("\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    def __repr__(self) -> str:
        # Headers hold telephone numbers: never shown.
        return f"<{'Event' if self.is_event else 'Response'} {self.name}>"


class Receiver:
    """The reading half of one link. After a ProtocolError it must not be used any more.

    ``wanted``: the names of the events to decode; None decodes all.
    """

    def __init__(self, wanted: Collection[str] | None = None) -> None:
        self._wanted = None if wanted is None else frozenset(name.encode() for name in wanted)
        self._rest = b""
        self.banner = ""

    def receive(self, received: bytes) -> Iterator[Message]:
        """The messages that these bytes complete. Must be read to its end before the next call.

        Raises:
            ProtocolError: after the messages before the place where it went wrong.
        """
        received = self._rest + received
        if not self.banner:
            received = self._read_banner(received)
        *blocks, self._rest = received.split(END_OF_MESSAGE)
        for block in blocks:
            if message := self._read(block):
                yield message
        if len(self._rest) > LONGEST_MESSAGE:
            raise ProtocolError(f"a message longer than {LONGEST_MESSAGE} bytes")

    def _read_banner(self, received: bytes) -> bytes:
        line, end, rest = received.partition(END_OF_LINE)
        if not (line.startswith(BANNER) if end else BANNER.startswith(line[: len(BANNER)])):
            raise ProtocolError("this is no Asterisk Manager Interface: its banner is missing")
        if len(line) > LONGEST_BANNER:
            raise ProtocolError(f"a banner longer than {LONGEST_BANNER} bytes")
        if not end:
            return received
        self.banner = line.decode("ascii", "replace")
        return rest

    def _read(self, block: bytes) -> Message | None:
        if len(block) > LONGEST_MESSAGE:
            raise ProtocolError(f"a message longer than {LONGEST_MESSAGE} bytes")
        end = block.find(END_OF_LINE)
        first = block if end < 0 else block[:end]
        if first.startswith(_EVENT):
            name = first[len(_EVENT) :]
            if self._wanted is not None and name not in self._wanted:
                return None
            is_event = True
        elif first.startswith(_RESPONSE):
            name = first[len(_RESPONSE) :]
            is_event = False
        else:
            raise ProtocolError("a message that is neither an event nor a response")
        # Decoded as a whole, so that a letter that came in two reads is one letter; names in other encodings survive.
        return Message(is_event, name.decode("utf-8", "replace"), block[len(first) :].decode("utf-8", "replace"))


def action(name: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of an action.

    Raises:
        UnsafeHeader: a line end or NUL in a name or value, a colon in a name, or a line Asterisk would discard.
    """
    return "".join((_line("Action", name), *(_line(*header) for header in headers), "\r\n")).encode()


def _line(name: str, value: str) -> str:
    line = f"{name}: {value}"
    # The value may be personal: the errors name the header only.
    if _FORBIDDEN.search(line) or ":" in name:
        raise UnsafeHeader(f"header {name!r} holds a line end, a NUL, or a colon in its name")
    if len(line) * 4 > LONGEST_ACTION_LINE and len(line.encode()) + 2 > LONGEST_ACTION_LINE:
        raise UnsafeHeader(f"header {name!r} is longer than the {LONGEST_ACTION_LINE} bytes that Asterisk reads")
    return f"{line}\r\n"


def challenge_key(challenge: str, secret: str) -> str:
    """What answers a login challenge (``AuthType: MD5``) in place of the secret."""
    return hashlib.md5(f"{challenge}{secret}".encode(), usedforsecurity=False).hexdigest()
