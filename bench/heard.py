"""Is what callees hear what was meant for them, how soon does it begin, and how long are the gaps in it?

    python -m bench.heard [--calls 200]

Every callee is led through a flow whose sentences are clips of their own, one of them made for this debtor alone. The
carrier records what it gets (a busy machine's recorder loses frames); each clip is looked for in the recording, and in
the packets that the PBX has sent. When it sends sound is told by the packets, too: from the carrier's 200 OK to the
first one that is not silence, and between the last one of a clip and the first one of the next; the written pauses are
silence within the clips.
"""

import argparse
import json
import os
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from audio.engines.espeak import EspeakNg
from audio.message import greeting
from audio.phrases import Phrases
from bench import sip
from bench.pcap import Datagram, capturing, datagrams
from bench.stand import CAMPAIGN, Stand, campaign, stand
from dialer.adapters.carrier.script import role
from lab import hearing
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until

CALLS = 200
RATE = 2  # calls per second
FRAME = 0.02  # s of sound in a packet
LISTENS = "human/1/"
PATIENCE = timedelta(seconds=90)
RENDERED_PER_SECOND = 3  # a cautious guess: a sentence is spoken by espeak-ng, on a busy machine
FLOW = """\
flow: heard
stage: overdue
identity: none
use: blocks.yaml
start: open
texts:
  BODY: "Proszę zapamiętać numer: {case}. Przy kontakcie prosimy go podać. Powtarzam numer: {case}. Dziękujemy."
nodes:
  open: {say: B01_open, next: message}
  message: {say: BODY, next: end}
  end: hang_up
"""
TAIL = np.zeros(
    hearing.RATE // 2
)  # recorders stop with the call, some frames before the pause at the end of the last clip
SILENCE = frozenset(b"\xd5\x55")  # A-law's smallest values
_RTP_HEADER = 12  # bytes


@dataclass(slots=True)
class Sent:
    """What one callee was sent: when the call was answered, and each packet of sound with its moment; s since 1970."""

    answered: float | None = None
    sound: list[tuple[float, bytes]] = field(default_factory=list)

    @property
    def wait(self) -> float | None:
        """From the answer to the first packet that is not silence, ms."""
        first = next((at for at, payload in self.sound if not SILENCE.issuperset(payload)), None)
        return None if self.answered is None or first is None else 1000 * (first - self.answered)

    def places(self, clips: Sequence[bytes]) -> list[int | None]:
        """Where in what was sent each clip begins, one after the other; None: it is not there bit for bit."""
        stream, place, found = b"".join(payload for _, payload in self.sound), 0, list[int | None]()
        for clip in clips:
            begin = stream.find(clip, place)
            found.append(None if begin < 0 else begin)
            place = place if begin < 0 else begin + len(clip)
        return found

    def pauses_before(self, clips: Sequence[bytes]) -> Iterator[float]:
        """Before every clip but the first: how much later than in time it began, ms."""
        begins = list(_begins(payload for _, payload in self.sound))
        for place in self.places(clips)[1:]:
            if place is not None:
                first = bisect_right(begins, place) - 1
                yield 1000 * (self.sound[first][0] - self.sound[first - 1][0] - FRAME)


def _begins(payloads: Iterable[bytes]) -> Iterator[int]:
    at = 0
    for payload in payloads:
        yield at
        at += len(payload)


def sent(packets: Iterable[Datagram], carrier: IPv4Address, pbx: IPv4Address) -> dict[str, Sent]:
    """By the number that was called."""
    calls, number_of, by_port = dict[str, Sent](), dict[bytes, str](), dict[int, Sent]()
    for packet in packets:
        payload = packet.payload
        if packet.target[0] == carrier and (number := sip.called(payload)):
            number_of[sip.call_id(payload)] = number
            by_port[sip.media_port(payload)] = calls.setdefault(number, Sent())
        elif packet.source[0] == carrier and sip.is_answer(payload):
            call = calls.get(number_of.get(sip.call_id(payload), ""))
            if call is not None and call.answered is None:
                call.answered = packet.at
        elif packet.source[0] == pbx and payload[:1] == b"\x80" and packet.source[1] in by_port:  # RTP, version 2
            by_port[packet.source[1]].sound.append((packet.at, payload[_RTP_HEADER:]))
    return calls


def best_fit(recording: hearing.Samples, clip: hearing.Samples) -> tuple[float, int]:
    """How alike a passage of the recording is to the clip where it is most, and where that begins."""
    if len(recording) < len(clip):
        return 0.0, 0
    size = 1 << (len(recording) + len(clip)).bit_length()
    spectrum = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(clip, size))
    products = np.fft.irfft(spectrum, size)[: len(recording) - len(clip) + 1]
    power = np.concatenate(([0.0], np.cumsum(recording**2)))
    energies = (power[len(clip) :] - power[: -len(clip)]) * np.sum(clip**2)
    alike = products / np.sqrt(np.maximum(energies, np.finfo(np.float64).tiny))
    best = int(np.argmax(alike))
    return float(alike[best]), best


def clips_of(sounds: Path, attempt: dict[str, Any]) -> list[Path]:
    """What the attempt's note says was to be played, in its order."""
    key = attempt["message_key"]
    texts = json.loads((sounds / key[:2] / f"{key}.json").read_text("utf-8"))["texts"]
    local = datetime.fromisoformat(attempt["answered_at"]).astimezone(ZoneInfo("Europe/Warsaw"))
    phrases = Phrases(sounds, EspeakNg())
    hello = phrases.key(greeting(local.time()))
    return [phrases.path(key or hello) for text in ("B01_open", "BODY") for key, _ in texts[text]]


def run(on: Stand, engine: Engine, calls: int) -> list[dict[str, Any]]:
    """Place the calls; the attempts that were heard to the end."""
    api, numbers = engine.api, on.numbers(calls)
    api.put("/v1/scenarios/heard", {"client_id": "CL-BENCH", "source": FLOW})
    approval = {"client_id": "CL-BENCH", "approved_by": "the bench"}
    api.post("/v1/scenarios/heard/versions/1/approve", json.dumps(approval).encode())
    api.put(f"/v1/campaigns/{CAMPAIGN}", campaign(scenario="heard", scenario_version=1))
    on.laboratory.set_script([role(number, LISTENS) for number in numbers], Manner(ring_scale=0, is_recording=True))
    on.feed(engine, calls, numbers, begin_to_speak=timedelta(seconds=20 + calls / RENDERED_PER_SECOND))

    def is_over() -> bool:
        states = api.get(f"/v1/campaigns/{CAMPAIGN}/figures")["contacts"]
        return not any(count for state, count in states.items() if state != "finished")

    patience = PATIENCE + timedelta(seconds=calls / RATE + calls / RENDERED_PER_SECOND)
    if not wait_until(is_over, patience, timedelta(seconds=1)):
        print(f"not everybody was called within {patience}", file=sys.stderr)
    attempts = list(api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts"))
    print("dispositions:", dict(Counter(each["disposition"] for each in attempts)))
    return [each for each in attempts if each["disposition"] == "delivered"]


def report(on: Stand, attempts: Sequence[dict[str, Any]], calls: dict[str, Sent], sounds: Path) -> None:
    own, foreign, waits, gaps = list[float](), list[float](), list[float](), list[float]()
    before: Sequence[hearing.Samples] = ()
    whole = in_order = 0
    for attempt in attempts:
        paths = clips_of(sounds, attempt)
        clips = [hearing.message(path) for path in paths]
        recording = np.concatenate((hearing.recording(on.laboratory.heard(attempt["number"])), TAIL))
        fits = [best_fit(recording, clip) for clip in clips]
        own += [alike for alike, _ in fits]
        in_order += [begin for _, begin in fits] == sorted(begin for _, begin in fits)
        # The only sentences that differ from one debtor's to another's.
        foreign += [
            best_fit(recording, other)[0]
            for mine, other in zip(clips, before, strict=False)
            if not np.array_equal(mine, other)
        ]
        before = clips
        call, kept = calls[attempt["number"]], [path.read_bytes() for path in paths]
        whole += sum(place is not None for place in call.places(kept))
        waits += [call.wait] if call.wait is not None else []
        gaps += call.pauses_before(kept)
    print(f"{len(attempts)} calls, {len(own)} clips; {whole} were sent bit for bit and in order")
    print(f"  recorded in order by {in_order} callees; how alike is each clip to what was recorded there?")
    _tell("its own clips", own, ("min", 0), ("p1", 1), ("median", 50))
    _tell("another's number", foreign, ("median", 50), ("max", 100))
    print("ms")
    _tell("from the answer to the first word", waits, ("median", 50), ("p99", 99), ("max", 100))
    _tell("between clips, beyond the written pause", gaps, ("median", 50), ("p99", 99), ("max", 100))


def _tell(what: str, found: Sequence[float], *percentiles: tuple[str, int]) -> None:
    told = "   ".join(f"{name} {np.percentile(found, percent):.3f}" for name, percent in percentiles)
    print(f"  {what:40} {told}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.heard", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS)
    count = parser.parse_args().calls
    with stand() as on:
        file, pbx = on.settings.state / "heard.pcap", IPv4Address(on.settings.pbx.sip.host)
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        with on.engine(calls_per_second=RATE, trunk="carrier", speech="espeak-ng") as engine:
            with capturing(file, f"udp and host {pbx}"):
                attempts = run(on, engine, count)
            calls = sent(datagrams(file.read_bytes()), IPv4Address(on.settings.carrier.sip.host), pbx)
            report(on, attempts, calls, engine.sounds)
        print(f"load average after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
