"""What somebody does at an agent's softphone, besides answering at once."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from lab.laboratory import Laboratory

PATIENCE = 5.0  # s


def press(laboratory: Laboratory, name: str, command: str, parameter: str = "") -> None:
    """A command of baresip's menu, given over its control port; returns when it was carried out."""
    [phone] = [each for each in laboratory.settings.softphones if each.name == name]
    with socket.create_connection((phone.control.host, phone.control.port), PATIENCE) as connection:
        told = json.dumps({"command": command, "params": parameter}).encode()
        connection.sendall(b"%d:%s," % (len(told), told))
        answer = connection.recv(65536)
    assert b'"ok":true' in answer, answer


@contextmanager
def nobody_picks_up(laboratory: Laboratory, name: str) -> Iterator[None]:
    press(laboratory, name, "answermode", "manual")
    try:
        yield
    finally:
        press(laboratory, name, "answermode", "auto")
