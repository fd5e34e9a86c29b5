"""How soon after answering does a callee hear the message, beside a bare FastAGI server?

    python -m bench.answer

Told by the packets: from the carrier's 200 OK to the first RTP packet of the PBX that is not silence; 20 ms of that
are the pause with which every phrase begins. The engine and a bare server (bench/bare.py, which places its calls too)
play the same files in turn on the same Asterisk; once with nobody else listening, once with 100 other calls playing.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import bare, sip
from bench.pcap import Datagram, capturing, datagrams
from bench.stand import TRUNK, Stand, contacts_in, played_files, stand
from lab.settings import Endpoint

ROUNDS = 2
PATIENCE = timedelta(seconds=20)
SILENCE = frozenset(b"\xd5\x55")  # A-law's smallest values
_RTP_HEADER = 12  # bytes


@dataclass(frozen=True, slots=True)
class Load:
    """So many calls, at that rate; the carrier hangs up after the hold, or lets the message play for 4 s."""

    title: str
    calls: int
    rate: int
    hold: timedelta | None
    warming: timedelta  # answers before that are not counted: the others do not play yet


LOADS = (
    Load("nobody else listens", 80, 10, timedelta(milliseconds=300), timedelta(0)),
    Load("100 others listen", 250, 25, None, timedelta(seconds=4)),
)


def waits(packets: Iterator[Datagram], carrier: Endpoint, warming: timedelta) -> list[float]:
    """From answer to audio, ms, for every call that was answered once the others play."""
    port_of: dict[bytes, int] = {}  # Call-ID → the PBX's RTP port
    answered: dict[int, float] = {}  # RTP port → when its call was answered
    found: list[float] = []
    begun = 0.0
    for packet in packets:
        begun = begun or packet.at
        if packet.source[1] == carrier.port and (call := _answer_to_invite(packet.payload)) in port_of:
            answered.setdefault(port_of[call], packet.at)
        elif packet.target[1] == carrier.port and packet.payload.startswith(b"INVITE "):
            port = sip.media_port(packet.payload)
            port_of[sip.call_id(packet.payload)] = port
            answered.pop(port, None)  # of an earlier call
        elif packet.source[1] in answered and not SILENCE.issuperset(packet.payload[_RTP_HEADER:]):
            wait = packet.at - answered.pop(packet.source[1])
            if packet.at - begun > warming.total_seconds():
                found.append(1000 * wait)
    return found


def _answer_to_invite(payload: bytes) -> bytes:
    return sip.call_id(payload) if sip.is_answer(payload) else b""


def by_engine(on: Stand, load: Load) -> None:
    with on.engine(calls_per_second=load.rate) as engine:
        opens = on.feed(engine, load.calls)
        deadline = time.monotonic() + (opens - datetime.now(UTC) + PATIENCE).total_seconds() + load.calls / load.rate
        while contacts_in(engine, "finished") < load.calls and time.monotonic() < deadline:
            time.sleep(1)


def by_bare_server(on: Stand, load: Load) -> None:
    async def calls() -> None:
        agi = on.settings.agi
        files = await played_files(on.settings.state / "bare")
        async with bare.messages(agi.host, agi.port, files):
            dialer = await bare.dialer(on.laboratory.pbx_ami)
            await dialer.run(on.numbers(load.calls), TRUNK, load.rate, PATIENCE.total_seconds())

    asyncio.run(calls())


WAYS: dict[str, Callable[[Stand, Load], None]] = {"engine": by_engine, "bare server": by_bare_server}


def compare(on: Stand, load: Load, file: Path) -> None:
    print(f"\n{load.title}\n{'who':12} {'calls':>5} {'median':>7} {'p95':>6} {'p99':>6} {'max ms':>7}")
    heard: dict[str, list[float]] = {who: [] for who in WAYS}
    with on.carrier(load.hold):
        for _ in range(ROUNDS):
            for who, way in WAYS.items():
                with capturing(file, f"udp and host {on.settings.load_sip.host}"):
                    way(on, load)
                heard[who] += waits(datagrams(file.read_bytes()), on.settings.load_sip, load.warming)
    for who, found in heard.items():
        median, p95, p99 = _percentiles(found)
        print(f"{who:12} {len(found):5} {median:7.2f} {p95:6.2f} {p99:6.2f} {max(found):7.2f}", flush=True)
    ours, theirs = (_percentiles(heard[who]) for who in WAYS)
    print(f"{'later by':18} {ours[0] - theirs[0]:7.2f} {ours[1] - theirs[1]:6.2f}", flush=True)


def _percentiles(found: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def main() -> None:
    with stand() as on:
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for load in LOADS:
            compare(on, load, on.settings.state / "answer.pcap")


if __name__ == "__main__":
    main()
