"""What do the bytes of an AGI connection say, and how is a command written?

No I/O: bytes in, events out; a command in, bytes out. One instance serves one connection:

    HEADER ──blank line──► IDLE ──send()──► WAITING ──reply──► IDLE
                                            WAITING ──"520-"──► USAGE ──"520 "──► IDLE
    any ──end of stream or bytes that are not AGI──► CLOSED

Never more than one command is outstanding, and that is a rule of Asterisk, not of ours: a byte that arrives
while STREAM FILE plays ends the playing, and its answer is never sent (res_agi.c, handle_streamfile;
main/file.c, waitstream_core).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SAMPLES_PER_MS = 8  # telephone audio has 8000 samples a second
LONGEST_COMMAND = 8190  # AGI_BUF_LEN in res_agi.c: the rest of a longer line is read as a second command
MOST_ARGUMENTS = 120  # MAX_ARGS in res_agi.c is 128, verb and terminator included

_UNSENDABLE = re.compile(r"[\r\n\0]")
_ESCAPED = re.compile(r'(["\\])')
_VERB = re.compile(r"[A-Z]+( [A-Z]+)*")
# The value in parentheses may itself hold ")" or "endpos=": the last ")" closes it.
_SUCCESS = re.compile(rb"200 result=(\S*)(?: \((.*)\))?(.*)", re.DOTALL)
_ENDPOS = re.compile(rb"\bendpos=(-?\d{1,15})\b")
_OTHER = re.compile(rb"([1-9]\d\d) (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a peer may make us hold. Asterisk 22 sends about 25 header lines of together 700 bytes."""

    header_bytes: int = 16_384
    header_lines: int = 160
    line_bytes: int = 8_192
    usage_bytes: int = 16_384


@dataclass(frozen=True, slots=True)
class Opened:
    """The header block is complete. Names keep their ``agi_`` prefix; of repeated names the first holds."""

    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the command sent last.

    ``result`` is empty unless ``code`` is 200; ``data`` is the words in parentheses, or of a refusal
    (510 unknown command, 511 dead channel, 520 wrong usage); ``endpos`` counts samples.
    """

    code: int
    result: str
    data: str
    endpos: int | None = None

    @property
    def position(self) -> timedelta:
        """How far the file had been played."""
        return timedelta(milliseconds=max(self.endpos or 0, 0) / SAMPLES_PER_MS)


@dataclass(frozen=True, slots=True)
class HangupSeen:
    """The line HANGUP, which Asterisk sends unasked when the callee has left. It answers no command."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """The peer does not speak AGI, or more of it than we hold. Nothing after this is read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The peer has ended the stream."""


Event = Opened | Reply | HangupSeen | Garbled | Closed


class OutOfTurnError(RuntimeError):
    """A command was sent before the header was complete, before the last reply, or after the end."""


class Phase(StrEnum):
    HEADER = "header"
    IDLE = "idle"
    WAITING = "waiting"
    USAGE = "usage"
    CLOSED = "closed"


class AgiProtocol:
    """Reads one connection and writes its commands."""

    __slots__ = ("_bounds", "_environment", "_header_bytes", "_header_lines", "_phase", "_rest", "_usage")

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._phase = Phase.HEADER
        self._rest = b""
        self._environment: dict[str, str] = {}
        self._header_bytes = 0
        self._header_lines = 0
        self._usage = b""

    @property
    def phase(self) -> Phase:
        return self._phase

    def send(self, verb: str, *arguments: str) -> bytes:
        """The bytes of one command. Raises OutOfTurnError, or ValueError as ``command_line`` does."""
        if self._phase is not Phase.IDLE:
            raise OutOfTurnError(f"{verb} sent in phase {self._phase}")
        line = command_line(verb, *arguments)
        self._phase = Phase.WAITING
        return line

    def receive(self, data: bytes) -> list[Event]:
        """The events that ``data`` completes, in order; empty ``data`` means end of stream. Never raises."""
        if self._phase is Phase.CLOSED:
            return []
        if not data:
            self._phase = Phase.CLOSED
            return [Closed()]
        *lines, self._rest = (self._rest + data).split(b"\n")
        events: list[Event] = []
        for line in lines:
            if event := self._read(line.removesuffix(b"\r")):
                events.append(event)
            if isinstance(event, Garbled):
                break
        else:
            if garbled := self._doubt(self._rest.removesuffix(b"\r")):
                events.append(garbled)
        if events and isinstance(events[-1], Garbled):
            self._phase, self._rest = Phase.CLOSED, b""
        return events

    def _read(self, line: bytes) -> Event | None:
        if self._phase is Phase.HEADER:
            return self._read_header(line)
        if garbled := self._doubt(line):
            return garbled
        if line == b"HANGUP":
            return HangupSeen()
        if self._phase is Phase.USAGE:
            return self._read_usage(line)
        return self._read_answer(line)

    def _read_answer(self, line: bytes) -> Event | None:
        if self._phase is Phase.IDLE:
            return Garbled("an answer nobody asked for")
        if line.startswith(b"520-"):
            self._phase, self._usage = Phase.USAGE, line[4:]
            return None
        self._phase = Phase.IDLE
        return _reply(line)

    def _read_header(self, line: bytes) -> Event | None:
        if garbled := self._doubt(line):
            return garbled
        if line:
            self._header_bytes += len(line) + 1
            self._header_lines += 1
            name, _, value = line.decode(errors="replace").partition(":")
            # The caller's name and the arguments come late and must not replace what stood before them.
            self._environment.setdefault(name, value.removeprefix(" "))
            return None
        if not self._environment:
            return Garbled("no environment")
        self._phase = Phase.IDLE
        return Opened(self._environment)

    def _read_usage(self, line: bytes) -> Event | None:
        if len(self._usage) + len(line) > self._bounds.usage_bytes:
            return Garbled("usage too long")
        if not line.startswith(b"520 "):
            self._usage += b"\n" + line
            return None
        self._phase = Phase.IDLE
        return Reply(520, "", self._usage.decode(errors="replace"))

    def _doubt(self, line: bytes) -> Garbled | None:
        """What is wrong with a line, even with the beginning of one: a probe shall not be waited for."""
        if len(line) > self._bounds.line_bytes:
            return Garbled("line too long")
        if self._phase is not Phase.HEADER or not line:
            return None
        if not line.startswith(b"agi_"[: len(line)]):
            return Garbled("not AGI")
        if self._header_bytes + len(line) > self._bounds.header_bytes:
            return Garbled("header too long")
        if self._header_lines >= self._bounds.header_lines:
            return Garbled("too many header lines")
        return None


def command_line(verb: str, *arguments: str) -> bytes:
    """One command with its arguments quoted as parse_args in res_agi.c undoes it.

    Raises ValueError when an argument holds CR, LF or NUL (it would begin another command), or when the line
    is too long.
    """
    if not _VERB.fullmatch(verb):
        raise ValueError(f"not an AGI verb: {verb!r}")
    if len(arguments) > MOST_ARGUMENTS:
        raise ValueError(f"{verb} with {len(arguments)} arguments: Asterisk reads {MOST_ARGUMENTS}")
    for place, argument in enumerate(arguments, start=1):
        if _UNSENDABLE.search(argument):
            raise ValueError(f"argument {place} of {verb} holds a line break or NUL")
    line = " ".join((verb, *map(_quoted, arguments))).encode()
    if len(line) > LONGEST_COMMAND:
        raise ValueError(f"{verb} is {len(line)} bytes long: Asterisk reads {LONGEST_COMMAND}")
    return line + b"\n"


def _quoted(argument: str) -> str:
    return '"' + _ESCAPED.sub(r"\\\1", argument) + '"'


def _reply(line: bytes) -> Reply | Garbled:
    if success := _SUCCESS.fullmatch(line):
        result, data, tail = success.groups()
        if tail.startswith(b" ("):  # a variable's value with a line break: where the answer ends cannot be known
            return Garbled("an answer in several lines")
        endpos = _ENDPOS.search(tail)
        return Reply(200, _text(result), _text(data or b""), int(endpos[1]) if endpos else None)
    if other := _OTHER.fullmatch(line):
        return Reply(int(other[1]), "", _text(other[2]))
    return Garbled("not an AGI answer")


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
