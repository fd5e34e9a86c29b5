"""What somebody does at an agent's softphone, besides answering at once."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from lab.laboratory import Laboratory

PATIENCE = 5.0  # s


def press(laboratory: Laboratory, name: str, command: str, parameter: str = "") -> None:
    """A command of baresip's menu, given over its control port; returns when it was carried out."""
    [phone] = [each for each in laboratory.settings.softphones if each.name == name]
    with socket.create_connection((phone.control.host, phone.control.port), PATIENCE) as connection:
        told = json.dumps({"command": command, "params": parameter}).encode()
        connection.sendall(b"%d:%s," % (len(told), told))
        with connection.makefile("rb") as said:
            while not (answer := _netstring(said)).get("response"):  # what happens meanwhile is told there, too
                pass
    assert answer["ok"], answer


def _netstring(said: BinaryIO) -> dict[str, Any]:
    length = b""
    while (digit := said.read(1)) != b":":
        assert digit, "the softphone has closed its control port"
        length += digit
    told: dict[str, Any] = json.loads(said.read(int(length)))
    said.read(1)  # the comma
    return told


@contextmanager
def nobody_picks_up(laboratory: Laboratory, name: str) -> Iterator[None]:
    press(laboratory, name, "answermode", "manual")
    try:
        yield
    finally:
        press(laboratory, name, "answermode", "auto")
