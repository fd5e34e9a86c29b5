"""An AMI session of our own, as plain as possible, that tests see a real Asterisk through.

Blocking on purpose: it stands beside the code under test and shares nothing with it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from lab.laboratory import Login

Message = dict[str, str]


class Witness:
    """A logged-in AMI session; events that came while waiting for something else are kept in order.

    Every wait lasts no longer than the patience, however many other events come meanwhile: TimeoutError.
    """

    def __init__(self, connection: socket.socket, patience: timedelta) -> None:
        self._connection = connection
        self._patience = patience.total_seconds()
        self._received = b""
        self.events: list[Message] = []

    def send(self, action: str, fields: Mapping[str, str] | None = None) -> None:
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in (fields or {}).items())]
        self._connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())

    def ask(self, action: str, fields: Mapping[str, str] | None = None) -> Message:
        """Send the action and answer its response."""
        self.send(action, fields)
        return self._read_until(lambda message: "Response" in message and "Event" not in message)

    def wait_for(self, event: str, wanted: Callable[[Message], bool] = lambda _: True) -> Message:
        """The first such event, whether it came already or is still to come; TimeoutError when it does not."""

        def is_it(message: Message) -> bool:
            return message.get("Event") == event and wanted(message)

        for message in self.events:
            if is_it(message):
                return message
        return self._read_until(is_it)

    def _read_until(self, is_it: Callable[[Message], bool]) -> Message:
        deadline = time.monotonic() + self._patience
        while True:
            message = self._read(deadline)
            if "Event" in message:
                self.events.append(message)
            if is_it(message):
                return message

    def _read(self, deadline: float) -> Message:
        while b"\r\n\r\n" not in self._received:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError(f"not within {self._patience} s; the last events were {self.events[-5:]}")
            self._connection.settimeout(remaining)
            more = self._connection.recv(65536)
            if not more:
                raise ConnectionError("Asterisk closed the AMI session")
            self._received += more
        block, self._received = self._received.split(b"\r\n\r\n", 1)
        fields = (line.partition(": ") for line in block.decode().split("\r\n"))
        return {name: value for name, _, value in fields}


@contextmanager
def witness(login: Login, patience: timedelta = timedelta(seconds=20)) -> Iterator[Witness]:
    """A session that ends with the block."""
    address = (login.endpoint.host, login.endpoint.port)
    with socket.create_connection(address, patience.total_seconds()) as connection:
        session = Witness(connection, patience)
        answer = session.ask("Login", {"Username": login.user, "Secret": login.secret})
        if answer["Response"] != "Success":
            raise PermissionError(answer["Message"])
        session.wait_for("FullyBooted")
        yield session
