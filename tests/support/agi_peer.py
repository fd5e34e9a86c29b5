"""What would Asterisk 22 say on an AGI connection?

The switch's side of FastAGI, as res_agi.c behaves and as transcripts of 22.10.1 show: environment, answers, HANGUP
unasked, 511 on a dead channel, 520 in several lines, and a STREAM FILE that ends without an answer when the server
speaks or closes meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

SAMPLES_PER_MS = 8

USAGE = """520-Invalid command syntax.  Proper usage follows:
Usage: STREAM FILE FILENAME ESCAPE_DIGITS SAMPLE OFFSET
 Send the given file, allowing playback to be interrupted by the given digits,
if any. Use double quotes for the digits if you wish none to be permitted. If
sample offset is provided then the audio will seek to sample offset before play
starts. Returns 0 if playback completes without a digit being pressed, or the
ASCII numerical value of the digit if one was pressed, or -1 on error or if the
channel was disconnected.
520 End of proper usage.
"""
DEAD = "511 Command Not Permitted on a dead channel or intercept routine\n"


class Clock:
    """Time that passes only when somebody plays something."""

    def __init__(self) -> None:
        self.now = timedelta(hours=1)

    def __call__(self) -> timedelta:
        return self.now

    async def play(self, length: timedelta) -> None:
        self.now += length


def environment(uniqueid: str = "attempt-1", script: str = "message", **more: str) -> bytes:
    """The header block of ``AGI(agi://127.0.0.1:4573/<script>)``; ``more`` replaces or adds fields without agi_."""
    fields = {
        "network": "yes",
        "network_script": script,
        "request": f"agi://127.0.0.1:4573/{script}",
        "channel": "PJSIP/carrier-00000001",
        "language": "pl",
        "type": "PJSIP",
        "uniqueid": uniqueid,
        "version": "22.10.1",
        "callerid": "+48281234567",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "unknown",
        "rdnis": "unknown",
        "context": "dzwonek",
        "extension": "message",
        "priority": "1",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "140012345678",
    } | more
    return "".join(f"agi_{name}: {value}\n" for name, value in fields.items()).encode() + b"\n"


def words(line: str) -> list[str]:
    """A command's words: quotes join, a backslash takes the next character as it is."""
    found: list[str] = []
    word: str | None = None
    quoted = escaped = False
    for character in line:
        if escaped:
            word, escaped = (word or "") + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            word, quoted = word or "", not quoted
        elif character in " \t" and not quoted:
            if word is not None:
                found.append(word)
            word = None
        else:
            word = (word or "") + character
    return found if word is None else [*found, word]


@dataclass
class AgiPeer:
    """One call's channel, with the sound files the switch has and a callee who may leave."""

    sounds: Mapping[str, timedelta]
    play: Callable[[timedelta], Awaitable[None]]
    """Lets that much time pass."""
    leaves_after: timedelta | None = None
    """How much the callee listens to; None: to the end."""
    announces_hangup: bool = True
    """False: AGISIGHUP=no."""
    presses: Sequence[tuple[timedelta, str]] = ()
    """Keys, in their order, each after so much listening. One that does not end what plays then is not heard."""
    agents: Mapping[str, timedelta | None] = field(default_factory=dict)
    """How long each agent talks with the callee; None: until the callee leaves. Others do not exist."""
    said: list[str] = field(default_factory=list)
    """What the server asked for, in order."""
    _listened: timedelta = timedelta()
    _met: str = ""
    _pressed: int = 0
    _dead: bool = False

    async def call(self, address: tuple[str, int], uniqueid: str = "attempt-1", script: str = "message") -> None:
        """Connect, send the environment and obey until the server closes."""
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(environment(uniqueid, script))
            await self._obey(reader, writer)
        finally:
            writer.close()

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.leaves_after == timedelta():
            writer.write(self._hung_up())
        hearing = asyncio.ensure_future(reader.readline())
        try:
            while line := await hearing:
                hearing = asyncio.ensure_future(reader.readline())
                command = line.decode().rstrip("\n")
                self.said.append(command)
                writer.write((await self._answer(words(command), hearing)).encode())
        except ConnectionError:
            pass  # a server may close on us without reading our last word
        finally:
            hearing.cancel()

    async def _answer(self, command: list[str], hearing: asyncio.Future[bytes]) -> str:
        match command:
            case ["STREAM" | "RECORD", "FILE", *_] | ["CHANNEL", "STATUS"] | ["HANGUP"] if self._dead:
                return DEAD
            case ["STREAM", "FILE", path, keys]:
                return await self._stream(self.sounds.get(path), keys, hearing)
            case ["RECORD", "FILE", _, _, keys, limit, "BEEP"]:
                return await self._stream(timedelta(milliseconds=int(limit)), keys, hearing)
            case ["EXEC", "Bridge", agent]:
                await self._talk(agent)
                return "200 result=0\n"
            case ["GET", "VARIABLE", "BRIDGERESULT"]:
                return f"200 result=1 ({self._met})\n"
            case ["STREAM", "FILE", *_]:
                return USAGE
            case ["CHANNEL", "STATUS"]:
                return "200 result=6\n"
            case ["HANGUP"]:
                return "200 result=1\n" + self._hung_up().decode()
            case ["NOOP", *_]:
                return "200 result=0\n"
        return "510 Invalid or unknown command\n"

    async def _talk(self, agent: str) -> None:
        self._met = "SUCCESS" if agent in self.agents else "NONEXISTENT"
        if agent in self.agents:
            lasts = self.agents[agent]
            await self.play(timedelta(minutes=1) if lasts is None else lasts)
            self._dead = lasts is None

    async def _stream(self, length: timedelta | None, keys: str, hearing: asyncio.Future[bytes]) -> str:
        if length is None:
            return "200 result=-1 endpos=0\n"
        patience = length if self.leaves_after is None else self.leaves_after - self._listened
        key, until = self._next_press(keys, min(length, patience))
        heard = min(length, patience, until)
        playing = asyncio.ensure_future(self.play(heard))
        either: list[asyncio.Future[Any]] = [playing, hearing]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            return ""
        self._listened += heard
        if key:
            return f"200 result={ord(key)} endpos={samples(heard)}\n"
        if patience < length:
            return f"200 result=-1 endpos={samples(heard)}\n" + self._hung_up().decode()
        return f"200 result=0 endpos={samples(length)}\n"

    def _next_press(self, keys: str, length: timedelta) -> tuple[str, timedelta]:
        """The key that ends what plays so long, and when."""
        for at, key in self.presses[self._pressed :]:
            if at >= self._listened + length:
                break
            self._pressed += 1
            if key in keys:
                return key, max(at - self._listened, timedelta())
        return "", length

    def _hung_up(self) -> bytes:
        self._dead = True
        return b"HANGUP\n" if self.announces_hangup else b""


def samples(length: timedelta) -> int:
    return length // timedelta(milliseconds=1) * SAMPLES_PER_MS
