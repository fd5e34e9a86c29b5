"""The laboratory for tests: a real Asterisk, a simulated carrier, on addresses that nothing else uses.

Every test session starts one of its own (under a second), so that a demo or another developer's tests are not
disturbed. With LAB_STATE set, the laboratory of that state directory is used, and left running if it ran before.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator

import pytest

from lab import asterisk, settings
from lab.laboratory import Laboratory
from lab.ports import is_free
from lab.settings import Endpoint


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    """A running laboratory; set_script() gives a test its own people."""
    if "LAB_STATE" in os.environ:
        yield from _running(Laboratory(settings.load()))
        return
    # Not pytest's own directory: its depth is too much for the path of a Unix socket, which may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="dzwonek-lab-") as state:
        environment = {**os.environ, "LAB_STATE": state, "LAB_NETWORK": free_network()}
        yield from _running(Laboratory(settings.load(environment)))


def _running(laboratory: Laboratory) -> Iterator[Laboratory]:
    asterisk.require(laboratory.settings)
    ran_before = bool(laboratory.running())
    laboratory.up()
    try:
        yield laboratory
    finally:
        if not ran_before:
            laboratory.down()


def free_network() -> str:
    """The first three numbers of a loopback network where nobody runs a laboratory."""
    candidates = (f"127.{10 + os.getpid() % 200}.{third}" for third in range(1, 255))
    return next(net for net in candidates if is_free(Endpoint(f"{net}.1", 5060), socket.SOCK_DGRAM))
