"""How soon after answering do a callee and an agent hear each other?

    python -m bench.talks [--calls 300]

Told by the packets, for calls that the whole engine places and joins with agents at softphones: from the carrier's
200 OK to the first RTP packet of the PBX to the callee (it sends none before an agent speaks), and to the first one
to the agent's softphone. Callees say something at once, and leave after a second; wrap-ups take a second.
"""

import argparse
import os
import statistics
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from bench import sip
from bench.pcap import Datagram, capturing, datagrams
from bench.stand import CAMPAIGN, Stand, campaign, stand
from dialer.adapters.carrier.script import role
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until

CALLS = 100
TALKS = "human/0.2/hangup@1s"
SECONDS_PER_CALL = 4  # and agent, generously
SOON = timedelta(seconds=20)
RTP_HEADER = 12  # bytes
LATE = 2.0  # s; a packet after that belongs to something else


@dataclass(slots=True)
class Heard:
    """When each number was answered, and when the PBX sent sound to callees and to agents; s since 1970.

    Of the sound to agents also what it was (A-law).
    """

    answered: dict[str, float] = field(default_factory=dict)
    port: dict[str, int] = field(default_factory=dict)  # of the PBX, for the callee's sound
    to_callee: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    to_agent: dict[IPv4Address, list[tuple[float, bytes]]] = field(default_factory=lambda: defaultdict(list))


def heard(packets: Iterable[Datagram], carrier: IPv4Address, agents: frozenset[IPv4Address], pbx: IPv4Address) -> Heard:
    found, number_of, agent_at = Heard(), dict[bytes, str](), dict[int, IPv4Address]()
    for packet in packets:
        target, payload = packet.target[0], packet.payload
        if target == carrier and (number := sip.called(payload)):
            number_of[sip.call_id(payload)] = number
            found.port[number] = sip.media_port(payload)
        elif packet.source[0] == carrier and sip.is_answer(payload):
            if answering := number_of.get(sip.call_id(payload)):
                found.answered.setdefault(answering, packet.at)
        elif packet.source[0] in agents and sip.is_answer(payload):
            agent_at[sip.media_port(payload)] = packet.source[0]  # where its softphone listens
        elif packet.source[0] == pbx and payload[:1] == b"\x80":  # RTP, version 2
            if target == carrier:
                found.to_callee[packet.source[1]].append(packet.at)
            elif packet.target[1] in agent_at:
                found.to_agent[agent_at[packet.target[1]]].append((packet.at, payload[RTP_HEADER:]))
    return found


def waits(
    found: Heard, attempts: Sequence[dict[str, Any]], host_of: dict[str, IPv4Address]
) -> tuple[list[float], list[float]]:
    """Of each talk: until the callee heard the agent, and until the agent heard the callee; ms."""
    callees, agents = list[float](), list[float]()
    for each in attempts:
        answered = found.answered[each["number"]]
        heard_by_agent = [at for at, _ in found.to_agent[host_of[each["agent_id"]]]]
        for waited, sent in ((callees, found.to_callee[found.port[each["number"]]]), (agents, heard_by_agent)):
            first = sent[bisect_left(sent, answered)] - answered
            if first < LATE:
                waited.append(1000 * first)
    return callees, agents


def run(on: Stand, engine: Engine, calls: int) -> list[dict[str, Any]]:
    """Place the calls; the attempts that were talks."""
    api, phones = engine.api, on.settings.softphones
    numbers = on.numbers(calls)
    api.put(f"/v1/campaigns/{CAMPAIGN}", campaign(mode="progressive", wrap_up_seconds=1))
    on.laboratory.set_script([role(number, TALKS) for number in numbers], Manner())
    for phone in phones:
        api.put(f"/v1/agents/{phone.name}", {"name": phone.name, "phone": phone.name})
        api.post(f"/v1/agents/{phone.name}/login")
        api.post(f"/v1/agents/{phone.name}/ready")
    on.feed(engine, calls, numbers)

    def is_over() -> bool:
        states = api.get(f"/v1/campaigns/{CAMPAIGN}/figures")["contacts"]
        return not any(count for state, count in states.items() if state != "finished")

    patience = SOON + timedelta(seconds=SECONDS_PER_CALL * calls / len(phones))
    if not wait_until(is_over, patience, timedelta(seconds=1)):
        print(f"not everybody was called within {patience}", file=sys.stderr)
    attempts = list(api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts"))
    print("dispositions:", dict(Counter(each["disposition"] for each in attempts)))
    return [each for each in attempts if each["disposition"] == "connected"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.talks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS)
    calls = parser.parse_args().calls
    with stand() as on:
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        on.laboratory.up(with_agents=True)
        file, pbx = on.settings.state / "talks.pcap", IPv4Address(on.settings.pbx.sip.host)
        host_of = {phone.name: IPv4Address(phone.sip.host) for phone in on.settings.softphones}
        with on.engine(calls_per_second=20, trunk="carrier") as engine, capturing(file, f"udp and host {pbx}"):
            began = time.monotonic()
            talks = run(on, engine, calls)
            lasted = time.monotonic() - began
        found = heard(
            datagrams(file.read_bytes()), IPv4Address(on.settings.carrier.sip.host), frozenset(host_of.values()), pbx
        )
        print(f"{len(talks)} talks of {len(host_of)} agents in {lasted:.0f} s; from the answer, ms:")
        print(f"{'who hears':24} {'talks':>5} {'median':>7} {'p95':>6} {'p99':>6} {'max':>6}")
        who_hears = ("the callee the agent", "the agent the callee")
        for who, waited in zip(who_hears, waits(found, talks, host_of), strict=True):
            cuts = statistics.quantiles(waited, n=100, method="inclusive")
            print(f"{who:24} {len(waited):5} {cuts[49]:7.1f} {cuts[94]:6.1f} {cuts[98]:6.1f} {max(waited):6.1f}")


if __name__ == "__main__":
    main()
