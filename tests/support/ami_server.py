"""What would a difficult Asterisk do? An AMI server on loopback that plays captured calls and misbehaves on demand."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Self

from tests.support.ear import PATIENCE
from tests.support.transcripts import BANNER, before, since, transcript

USER, SECRET = "dzwonek", "a secret of the tests"
CHALLENGE = "140879231"

# What happens on a call to the number: a capture played at once, or one of the two below that wait for what comes.
RINGS = "rings until its time passes or it is hung up"
TALKS = "answers at once and stays until it is hung up"
SILENT = "nothing at all is ever told"
REFUSED = "the telephone is not there: no call is made"

Action = dict[str, str]


class FakeAsterisk:
    """Async context manager; the misbehaviours are attributes, to be set at any time."""

    def __init__(
        self,
        calls: dict[str, str] | None = None,
        boots: bool = True,
        tls: ssl.SSLContext | None = None,
        phones: Collection[str] = (),
    ) -> None:
        self.calls = calls or {}
        self.phones = phones  # that are configured
        self.actions: list[Action] = []
        self.connections = 0
        self.logins = 0
        self.live: dict[str, str] = {}  # ChannelState by attempt id
        self.bytes_per_write: int | None = None
        self.refuses_login = False
        self.is_mute = False  # takes every action, answers none
        self.is_deaf = False  # a half-open link: neither reads nor answers, nor closes
        self.drops_on: str | None = None  # the action at which the connection is cut
        self.banner = BANNER
        self.boots = boots
        self.port = 0
        self._tls = tls
        self._news = asyncio.Event()
        self._sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._unsent: dict[asyncio.StreamWriter, bytearray] = {}
        self._timers: list[asyncio.TimerHandle] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.shut()

    async def open(self) -> None:
        """Listen; on the same port as before, if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse connections and end those that are there."""
        self._server.close()
        for timer in self._timers:
            timer.cancel()
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    # ---- what tests do and see -------------------------------------------------------------------

    def cut(self) -> None:
        """Cut every connection."""
        for writer in self._sessions.values():
            writer.transport.abort()

    def say(self, *messages: bytes) -> None:
        """Tell every session."""
        for writer in list(self._sessions.values()):
            self._write(writer, b"".join(messages))

    def say_booted(self) -> None:
        self.boots = True
        self.say(_message(Event="FullyBooted", Privilege="system,all", Status="Fully Booted"))

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def named(self, name: str) -> list[Action]:
        return [action for action in self.actions if action["Action"] == name]

    async def hears(self, name: str, times: int = 1) -> list[Action]:
        """Wait until that action came so often."""
        await self.until(lambda: len(self.named(name)) >= times)
        return self.named(name)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    # ---- sessions --------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions[task] = writer
        self.connections += 1
        self._news.set()
        try:
            self._write(writer, self.banner)
            while block := await reader.readuntil(b"\r\n\r\n"):
                if self.is_deaf:
                    await asyncio.Event().wait()
                self._take(writer, _parsed(block))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            del self._sessions[task]
            self._news.set()

    def _take(self, writer: asyncio.StreamWriter, action: Action) -> None:
        self.actions.append(action)
        self._news.set()
        if self.drops_on == action["Action"]:
            writer.transport.abort()
        elif not self.is_mute:
            self._write(writer, b"".join(self._answer(action)))

    def _write(self, writer: asyncio.StreamWriter, message: bytes) -> None:
        if self.bytes_per_write is None:
            writer.write(message)
            return
        unsent = self._unsent.setdefault(writer, bytearray())
        if not unsent:
            asyncio.get_running_loop().call_soon(self._write_part, writer, unsent)
        unsent += message

    def _write_part(self, writer: asyncio.StreamWriter, unsent: bytearray) -> None:
        # asyncio joins what is written in one turn of the loop, so each part is sent in a turn of its own.
        writer.write(unsent[: self.bytes_per_write])
        del unsent[: self.bytes_per_write]
        if unsent:
            asyncio.get_running_loop().call_soon(self._write_part, writer, unsent)

    def _answer(self, action: Action) -> Iterable[bytes]:
        match action["Action"]:
            case "Challenge":
                yield _message(Response="Success", ActionID=action["ActionID"], Challenge=CHALLENGE)
            case "Login":
                yield from self._login(action)
            case "Ping":
                yield _message(Response="Success", ActionID=action["ActionID"], Ping="Pong")
            case "Originate":
                yield from self._originate(action)
            case "Hangup":
                yield from self._hang_up(action)
            case "Redirect":
                found = "Success" if action["Channel"] in self.live else "Error"
                yield _message(Response=found, Message="Redirect")
            case "CoreShowChannels":
                yield from self._channels(action)
            case "Getvar":
                yield self._value(action)
            case name:
                raise AssertionError(f"an action that the fake does not know: {name}")

    def _login(self, action: Action) -> Iterable[bytes]:
        key = hashlib.md5(f"{CHALLENGE}{SECRET}".encode()).hexdigest()
        if self.refuses_login or (action["Username"], action["Key"]) != (USER, key):
            yield _message(Response="Error", ActionID=action["ActionID"], Message="Authentication failed")
            return
        self.logins += 1
        yield _message(Response="Success", ActionID=action["ActionID"], Message="Authentication accepted")
        if self.boots:
            yield _message(Event="FullyBooted", Privilege="system,all", Status="Fully Booted")

    # ---- calls -----------------------------------------------------------------------------------

    def _originate(self, action: Action) -> Iterable[bytes]:
        identity = action["ChannelId"]
        number = action["Channel"].removeprefix("PJSIP/").partition("@")[0]
        match self.calls[number]:
            case name if name == RINGS:
                self.live[identity] = "5"
                timeout = int(action["Timeout"]) / 1000
                self._timers.append(asyncio.get_running_loop().call_later(timeout, self._pass, identity))
                yield from before(transcript("no_answer", identity), b"OriginateResponse")
            case name if name == TALKS:
                self.live[identity] = "6"
                yield from before(transcript("hung_up_after_answer", identity), b"Channel Hungup")
            case name if name == SILENT:
                pass
            case name if name == REFUSED:
                yield _message(Response="Success", ActionID=identity, Message="Originate successfully queued")
                yield _message(
                    Event="OriginateResponse", ActionID=identity, Response="Failure", Reason="0", Uniqueid=identity
                )
            case name:
                yield from transcript(name, identity)

    def _pass(self, identity: str) -> None:
        if self.live.pop(identity, None):
            self.say(*since(transcript("no_answer", identity), b"OriginateResponse"))

    def _hang_up(self, action: Action) -> Iterable[bytes]:
        identity = action["Channel"]
        match self.live.pop(identity, None):
            case "5":
                yield from since(transcript("cancelled_while_ringing", identity), b"Channel Hungup")
            case "6":
                yield from since(transcript("hung_up_after_answer", identity), b"Channel Hungup")
            case _:
                yield _message(Response="Error", Message="No such channel")

    def _value(self, action: Action) -> bytes:
        asked = action["Variable"]
        known = any(asked == f"PJSIP_ENDPOINT({phone},aors)" for phone in self.phones)
        return _message(Response="Success", ActionID=action["ActionID"], Variable=asked, Value="aor" if known else "")

    def _channels(self, action: Action) -> Iterable[bytes]:
        asked = action["ActionID"]
        yield _message(Response="Success", ActionID=asked, EventList="start", Message="Channels will follow")
        others = {"1795300120.17": "6"}
        for identity, state in {**self.live, **others}.items():
            yield _message(Event="CoreShowChannel", ActionID=asked, ChannelState=state, Uniqueid=identity)
        yield _message(
            Event="CoreShowChannelsComplete", ActionID=asked, EventList="Complete", ListItems=str(len(self.live))
        )


def _parsed(block: bytes) -> Action:
    return dict(line.split(": ", 1) for line in block.decode().strip().split("\r\n"))


def _message(**headers: str) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"
