"""What do the bytes of an AGI connection say, and how is a command written?

No I/O: bytes in, events out; a command in, bytes out. One instance serves one connection:

    HEADER ──blank line──► IDLE ──send()──► WAITING ──reply──► IDLE
                                            WAITING ──"520-"──► USAGE ──"520 "──► IDLE
                                            WAITING ──interrupt()──► INTERRUPTING ──last reply──► IDLE
    any ──end of stream or bytes that are not AGI──► CLOSED

Never more than one command is outstanding, and that is a rule of Asterisk, not of ours: a byte that arrives
while STREAM FILE plays ends the playing, and its answer is never sent (res_agi.c, handle_streamfile;
main/file.c, waitstream_core). Only ``interrupt`` breaks the rule, because that is what it wants.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SAMPLES_PER_MS = 8  # telephone audio has 8000 samples a second
LONGEST_COMMAND = 8190  # AGI_BUF_LEN in res_agi.c: the rest of a longer line is read as a second command
MOST_ARGUMENTS = 120  # MAX_ARGS in res_agi.c is 128, verb and terminator included
QUESTION = b"CHANNEL STATUS\n"  # changes nothing, and its answer has no endpos, which those of STREAM FILE all have

_UNSENDABLE = re.compile(r"[\r\n\0]")
_VERB = re.compile(r"[A-Z]+( [A-Z]+)*")
# The value in parentheses may itself hold ")" or "endpos=": the last ")" closes it.
_SUCCESS = re.compile(r"200 result=(\S*)(?: \((.*)\))?(.*)", re.DOTALL)
_ENDPOS = re.compile(r"\bendpos=(-?[0-9]{1,15})\b")
_OTHER = re.compile(r"(?!200)([1-9][0-9]{2}) (.*)", re.DOTALL)
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")


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
class Interrupted:
    """Nothing plays any more. ``reply`` has an endpos if the file had ended just before, by itself."""

    reply: Reply


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


Event = Opened | Reply | Interrupted | HangupSeen | Garbled | Closed


class OutOfTurnError(RuntimeError):
    """A command was sent before the header was complete, before the last reply, or after the end.

    Or there was nothing to interrupt.
    """


class Phase(StrEnum):
    HEADER = "header"
    IDLE = "idle"
    WAITING = "waiting"
    USAGE = "usage"
    INTERRUPTING = "interrupting"
    CLOSED = "closed"


class AgiProtocol:
    """Reads one connection and writes its commands."""

    __slots__ = ("_bounds", "_ended", "_owed", "_phase", "_rest", "_usage")

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._phase = Phase.HEADER
        self._rest = b""
        self._usage = b""
        self._owed = 0  # answers to questions that are still to come
        self._ended: Reply | None = None  # what the interrupted command answered all the same

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

    def interrupt(self) -> bytes:
        """The bytes that end the STREAM FILE under way; one `Interrupted` tells when it is.

        To be sent again when that does not come: a question that Asterisk read in one go with the command waits behind
        it, unseen, until more comes. Raises OutOfTurnError when no command is under way.
        """
        if self._phase not in (Phase.WAITING, Phase.INTERRUPTING):
            raise OutOfTurnError(f"nothing to interrupt in phase {self._phase}")
        self._phase = Phase.INTERRUPTING
        self._owed += 1
        return QUESTION

    def receive(self, data: bytes) -> list[Event]:
        """The events that ``data`` completes, in order; empty ``data`` means end of stream. Never raises."""
        if self._phase is Phase.CLOSED:
            return []
        if not data:
            self._phase = Phase.CLOSED
            return [Closed()]
        self._rest += data
        events: list[Event] = []
        if self._phase is Phase.HEADER and (event := self._read_header()):
            events.append(event)
        if self._phase is not Phase.HEADER:
            self._read_lines(events)
        if events and isinstance(events[-1], Garbled):
            self._phase, self._rest = Phase.CLOSED, b""
        return events

    def _read_header(self) -> Opened | Garbled | None:
        block = self._rest
        if not block.startswith(b"agi_"[: len(block)]):  # a probe shall not be waited for
            return Garbled("not AGI")
        end = _END_OF_HEADER.search(block)
        if (end.start() if end else len(block)) > self._bounds.header_bytes:
            return Garbled("header too long")
        if not end:
            return None
        lines = block[: end.start()].decode(errors="replace").split("\n")
        if len(lines) > self._bounds.header_lines:
            return Garbled("too many header lines")
        environment: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if not name.startswith("agi_"):
                return Garbled("not AGI")
            # The caller's name and the arguments come late and must not replace what stood before them.
            environment.setdefault(name, value.rstrip("\r"))
        self._phase, self._rest = Phase.IDLE, block[end.end() :]
        return Opened(environment)

    def _read_lines(self, events: list[Event]) -> None:
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if event := self._read_line(line.removesuffix(b"\r")):
                events.append(event)
                if isinstance(event, Garbled):
                    return
        if len(self._rest) > self._bounds.line_bytes:
            events.append(Garbled("line too long"))

    def _read_line(self, line: bytes) -> Event | None:
        if len(line) > self._bounds.line_bytes:
            return Garbled("line too long")
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
        reply = _reply(line.decode(errors="replace"))
        if self._phase is Phase.INTERRUPTING and isinstance(reply, Reply):
            return self._read_interrupted(reply)
        self._phase = Phase.IDLE
        return reply

    def _read_interrupted(self, reply: Reply) -> Interrupted | None:
        if reply.endpos is not None:
            self._ended = reply
            return None
        self._owed -= 1
        if self._owed and reply.code == 200:  # a refusal is the end of the call: nothing after it matters
            return None
        last = self._ended or reply
        self._phase, self._owed, self._ended = Phase.IDLE, 0, None
        return Interrupted(last)

    def _read_usage(self, line: bytes) -> Event | None:
        if len(self._usage) + len(line) > self._bounds.usage_bytes:
            return Garbled("usage too long")
        if not line.startswith(b"520 "):
            self._usage += b"\n" + line
            return None
        self._phase = Phase.IDLE
        return Reply(520, "", self._usage.decode(errors="replace"))


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
    if "\\" in argument or '"' in argument:
        argument = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{argument}"'


def _reply(line: str) -> Reply | Garbled:
    if success := _SUCCESS.fullmatch(line):
        result, data, tail = success.groups()
        if tail.startswith(" ("):  # a variable's value with a line break: where the answer ends cannot be known
            return Garbled("an answer in several lines")
        endpos = _ENDPOS.search(tail)
        return Reply(200, result, data or "", int(endpos[1]) if endpos else None)
    if other := _OTHER.fullmatch(line):
        return Reply(int(other[1]), "", other[2])
    return Garbled("not an AGI answer")
