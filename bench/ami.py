"""How fast is our AMI protocol beside panoramisk's and pyst2's on the same captured stream?

    python -m bench.ami

Every reader gets the same bytes in one process, in turn, several rounds; figures are events per CPU-second (medians),
so that the ratios are worth something even on a busy machine. pyst2 reads one byte per system call and gets a short
stream.
"""

import asyncio
import gc
import logging
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import asterisk.manager
import panoramisk
from panoramisk.ami_protocol import AMIProtocol

from dialer.adapters.ami.calls import CallTrail, call_of
from dialer.adapters.ami.contract import WANTED_EVENTS
from dialer.adapters.ami.protocol import Message, Receiver
from dialer.core.call import Ended, Event
from tests.support.transcripts import BANNER, transcript

ROUNDS = 5
CALLS = 1_500
CALLS_FOR_PYST2 = 40
CHUNK = 65_536  # bytes; asyncio reads up to 256 KiB at once
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)

Reader = Callable[[bytes], int]


def stream(calls: int) -> bytes:
    """Answered calls as a real Asterisk told them, each with its own identity."""
    return BANNER + b"".join(b"".join(transcript("callee_hangs_up", f"{n:032x}")) for n in range(calls))


def chunks(received: bytes) -> Iterator[bytes]:
    return (received[begin : begin + CHUNK] for begin in range(0, len(received), CHUNK))


def messages(receiver: Receiver, received: bytes) -> Iterator[Message]:
    return (message for chunk in chunks(received) for message in receiver.receive(chunk))


# ---- the readers: each answers how many events it got -------------------------------------------------


def ours_everything(received: bytes) -> int:
    """Every event, every header."""
    return sum(message.is_event for message in messages(Receiver(), received) if dict(message.headers()))


def ours_wanted(received: bytes) -> int:
    """What the engine does to the bytes: wanted events only, a header when it is needed."""
    return sum(message.is_event for message in messages(Receiver(WANTED_EVENTS), received) if call_of(message))


def ours_to_the_end(received: bytes) -> int:
    """From the bytes to the domain's events."""
    trails: dict[str, CallTrail] = {}
    told: list[Event] = []
    heard = 0
    for message in messages(Receiver(WANTED_EVENTS), received):
        if message.is_event:
            heard += 1
            identity = call_of(message)
            trail = trails.get(identity) or trails.setdefault(identity, CallTrail(identity))
            told += trail.hear(message, NOW)
    if sum(isinstance(event, Ended) for event in told) != len(trails):
        raise AssertionError("a call without its end")
    return heard


def panoramisk_with(*patterns: str) -> Reader:
    def read(received: bytes) -> int:
        heard = 0

        def count(_: object, __: object) -> None:
            nonlocal heard
            heard += 1

        manager = panoramisk.Manager(loop=asyncio.new_event_loop())
        for pattern in patterns:
            manager.register_event(pattern, count)
        protocol = AMIProtocol()
        protocol.connection_made(None)
        protocol.factory = manager
        for chunk in chunks(received):
            protocol.data_received(chunk)
        manager.loop.close()
        return heard

    return read


def pyst2(received: bytes) -> int:
    heard = 0

    def count(_: object, __: object) -> None:
        nonlocal heard
        heard += 1

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=_serve_once, args=(server, received))
        serving.start()
        manager = asterisk.manager.Manager()
        manager.register_event("*", count)
        manager.connect(*server.getsockname())
        manager.event_dispatch_thread.join()  # ends after the last event, when the server has closed
        manager.close()
        serving.join()
    return heard


def _serve_once(server: socket.socket, received: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(received)


# ---- the measurement -----------------------------------------------------------------------------------


def rate(read: Reader, received: bytes) -> tuple[float, int]:
    """Events in the stream per CPU-second, and how many of them the reader gave."""
    gc.collect()
    begin = time.process_time()
    given = read(received)
    return received.count(b"\nEvent: ") / (time.process_time() - begin), given


def main() -> None:
    logging.disable()  # panoramisk logs every message
    long, short = stream(CALLS), stream(CALLS_FOR_PYST2)
    readers: dict[str, tuple[Reader, bytes]] = {
        "ours, every event and header": (ours_everything, long),
        "ours, as the engine reads": (ours_wanted, long),
        "ours, to the domain's events": (ours_to_the_end, long),
        "panoramisk 1.4, '*'": (panoramisk_with("*"), long),
        "panoramisk 1.4, our 6 events": (
            panoramisk_with("Newchannel", "Newstate", "DialState", "HangupRequest", "Hangup", "OriginateResponse"),
            long,
        ),
        "pyst2 0.5.1": (pyst2, short),
    }
    rates: dict[str, list[float]] = {name: [] for name in readers}
    given: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, (read, received) in readers.items():
            measured, given[name] = rate(read, received)
            rates[name].append(measured)
    base = statistics.median(rates["panoramisk 1.4, '*'"])
    per_call = long.count(b"\nEvent: ") / CALLS
    print(f"{len(long) / 1e6:.1f} MB, {per_call:.0f} events per call, {ROUNDS} rounds in turn")
    print(f"{'reader':32} {'events/CPU-s':>12} {'ratio':>6} {'µs/call':>8} {'given':>7}")
    for name, measured_rates in rates.items():
        median = statistics.median(measured_rates)
        print(f"{name:32} {median:12,.0f} {median / base:6.2f} {1e6 * per_call / median:8.1f} {given[name]:7}")


if __name__ == "__main__":
    main()
