"""Who gets the messages of one TCP connection, and what becomes of actions whose answer never comes?"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Final, cast

import structlog

from dialer.adapters.ami.contract import WANTED_EVENTS
from dialer.adapters.ami.protocol import Message, ProtocolError, Receiver, action
from dialer.ports import SwitchAway

log = structlog.get_logger(__name__)

FAREWELL: Final = timedelta(seconds=1)  # how long what was written may still take to leave when we close

Headers = Iterable[tuple[str, str]]


class OutcomeUnknown(Exception):
    """The action was sent, but its answer never came: whether it was done is unknown. It is not sent again."""


class ActionRefused(Exception):
    """The switch answered ``Response: Error``; the text is its message."""


@dataclass(slots=True)
class _Question:
    """An action that somebody waits for; ``is_list``: items follow the response until the list is complete."""

    answer: asyncio.Future[list[Message]]
    is_list: bool
    messages: list[Message] = field(default_factory=list)

    def hear(self, message: Message) -> None:
        if self.answer.done():
            return
        self.messages.append(message)
        refused = not message.is_event and message.name == "Error"
        complete = message.is_event and message.get("EventList").startswith("Complete")
        if refused or complete or not self.is_list:
            self.answer.set_result(self.messages)


class Connection(asyncio.Protocol):
    """One connection from its banner to its loss; nothing outlives it and nothing is sent twice.

    Reading needs no queue: each message is dealt with as it comes. ``unsent_limit`` (bytes) bounds the writing side;
    ``on_message`` gets everything nobody asked for, and an error in it costs no other message. After each read the
    next one waits for ``gathering``: the events of a call come one by one, and waking up costs more than reading them.
    """

    def __init__(self, on_message: Callable[[Message], None], unsent_limit: int, gathering: timedelta) -> None:
        self._on_message = on_message
        self._gathering = gathering.total_seconds()
        self._unsent_limit = unsent_limit
        self._receiver = Receiver(WANTED_EVENTS)
        self._questions: dict[str, _Question] = {}
        self._numbers = count(1)
        self._transport: asyncio.Transport | None = None
        self._is_congested = False
        self._lost = asyncio.Event()
        self.why_lost = "closed by the switch"

    # ---- actions ---------------------------------------------------------------------------------

    def send(self, name: str, headers: Headers = ()) -> None:
        """Write an action without waiting for what it does.

        Raises:
            SwitchAway: nothing was written; the connection is lost, or the switch does not read what it is sent.
            UnsafeHeader: nothing was written.
        """
        if self._transport is None or self._transport.is_closing():
            raise SwitchAway("the link to the switch is down")
        if self._is_congested:
            raise SwitchAway("the switch does not read what it is sent")
        self._transport.write(action(name, headers))

    async def ask(self, name: str, headers: Headers = (), *, within: timedelta) -> Message:
        """The response to an action.

        Raises:
            SwitchAway: nothing was written.
            OutcomeUnknown: no answer within the limit, or the connection was lost.
            ActionRefused: the response is Error.
        """
        return (await self._ask(name, headers, within, is_list=False))[0]

    async def ask_list(self, name: str, headers: Headers = (), *, within: timedelta) -> list[Message]:
        """The items of a list action; raises as `ask` does."""
        return (await self._ask(name, headers, within, is_list=True))[1:-1]

    async def _ask(self, name: str, headers: Headers, within: timedelta, is_list: bool) -> list[Message]:
        identity = f"dzwonek-{next(self._numbers)}"
        question = _Question(asyncio.get_running_loop().create_future(), is_list)
        self.send(name, (("ActionID", identity), *headers))
        self._questions[identity] = question
        try:
            async with asyncio.timeout(within.total_seconds()):
                messages = await question.answer
        except TimeoutError:
            raise OutcomeUnknown(f"{name}: no answer within {within.total_seconds():g} s") from None
        finally:
            del self._questions[identity]
        if messages[0].name == "Error":
            raise ActionRefused(messages[0].get("Message"))
        return messages

    # ---- end -------------------------------------------------------------------------------------

    async def is_lost(self, within: timedelta) -> bool:
        """Wait for the loss; False when it did not come within the limit."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._lost.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Close it, cleanly while the peer reads, otherwise all the same."""
        if self._transport is not None:
            self._transport.close()
            if not await self.is_lost(FAREWELL):
                self._transport.abort()

    def drop(self, why: str) -> None:
        """Close it at once."""
        self.why_lost = why
        if self._transport is not None:
            self._transport.abort()

    # ---- asyncio's side --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._unsent_limit)

    def data_received(self, data: bytes) -> None:
        self._gather()
        try:
            for message in self._receiver.receive(data):
                self._deliver(message)
        except ProtocolError as error:
            self.drop(str(error))

    def pause_writing(self) -> None:
        self._is_congested = True

    def resume_writing(self) -> None:
        self._is_congested = False

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.why_lost = str(exc) or type(exc).__name__
        for question in self._questions.values():
            if not question.answer.done():
                question.answer.set_exception(OutcomeUnknown(f"the link was lost: {self.why_lost}"))
        self._lost.set()

    def _gather(self) -> None:
        if self._gathering and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(self._gathering, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _deliver(self, message: Message) -> None:
        if self._questions and (question := self._questions.get(message.get("ActionID"))):
            question.hear(message)
            return
        try:
            self._on_message(message)
        except Exception:
            log.exception("a message of the switch was not understood", message=repr(message))
