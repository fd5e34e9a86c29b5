"""Does everybody who answers a predictive campaign hear an agent, and the agent them, or in time why not?

    python -m bench.predictive [--calls 300] [--answering 0.5] [--seed 1]

The whole engine on a real Asterisk, four agents at softphones, rings, talks and wrap-ups of varied length, nothing
learnt before. Every callee says a chord of their own, every agent a tone: what either end's recording holds tells who
heard whom, and packets when. Ends with 1 if anybody who answered heard neither an agent nor in time that none is free.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from bench.pcap import capturing, datagrams
from bench.stand import CAMPAIGN, Stand, campaign, contacts_in, stand
from bench.talks import heard
from bench.who_heard_whom import Answered, Ears, Verdict, judged, most_at_once
from dialer.adapters.carrier.calllog import Call
from dialer.adapters.carrier.calllog import most_at_once as most_calls_at_once
from dialer.adapters.carrier.script import Role, role
from lab import chords, hearing
from lab.carrier import Manner
from lab.engine import Api, Engine, Refused
from lab.hearing import Samples
from lab.process import wait_until

RING = timedelta(seconds=12)  # then a call is given up
TALK = timedelta(seconds=5)  # at the median
WRAP_UP = timedelta(seconds=2)
IN_TIME = timedelta(seconds=2)  # until somebody who answered hears something
TO_SPEAK = timedelta(seconds=12)  # until espeak-ng has said everything on a busy machine
LOOK = timedelta(milliseconds=100)
PER_CALL = timedelta(seconds=12)  # and agent, generously
LONGEST = timedelta(seconds=25)  # that anybody says their chord
SETTINGS: dict[str, Any] = {
    "mode": "predictive",
    "wrap_up_seconds": 15,
    "ring_seconds": RING.total_seconds(),
    "shortest_ring_seconds": 10,
}


@dataclass(slots=True)
class Shift:
    """What the agents did: wrap-ups that end when their time has come, and how long everybody was busy."""

    api: Api
    draw: random.Random
    busy: dict[str, timedelta] = field(default_factory=lambda: dict.fromkeys(("ready", "others"), timedelta()))
    _over_at: dict[str, float] = field(default_factory=dict)
    _looked_at: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        now = time.monotonic()
        passed, self._looked_at = timedelta(seconds=now - self._looked_at), now
        for agent in self.api.get("/v1/agents")["agents"]:
            self.busy["ready" if agent["state"] == "ready" else "others"] += passed
            if agent["state"] == "wrap_up":
                attempt_id = agent["attempt_id"]
                if attempt_id not in self._over_at:
                    self._over_at[attempt_id] = now + _drawn(self.draw, WRAP_UP).total_seconds()
                elif now >= self._over_at[attempt_id]:
                    self._wrap_up(agent["agent_id"])

    @property
    def utilisation(self) -> float:
        return self.busy["others"] / sum(self.busy.values(), timedelta())

    def _wrap_up(self, agent_id: str) -> None:
        try:
            self.api.post(f"/v1/agents/{agent_id}/wrap-up", json.dumps({"outcome": "informed"}).encode())
        except Refused as refused:  # the call's end is written down a moment later: at the next look
            if refused.problem.get("code") != "no_wrap_up":
                raise


def people(numbers: Sequence[str], answering: float, draw: random.Random) -> Iterator[Role]:
    """What each does when called; the n-th who answers says the n-th chord."""
    who = 0
    for number in numbers:
        if draw.random() < answering:
            ring, leaves = draw.gammavariate(4, 1), _drawn(draw, TALK) + IN_TIME
            spoken = chords.sound(who)
            yield role(number, f"human/{min(ring, 10):.1f}/hangup@{leaves.total_seconds():.1f}s/{spoken}")
            who += 1
        else:
            yield role(number, "busy/1/" if draw.random() < 0.2 else "noanswer/0/")


def _drawn(draw: random.Random, median: timedelta) -> timedelta:
    return min(median * draw.lognormvariate(0, 0.6), LONGEST - IN_TIME)


def run(on: Stand, engine: Engine, roles: Sequence[Role], draw: random.Random) -> Shift:
    """Place the calls, until the carrier has seen the last one end."""
    api, phones = engine.api, on.settings.softphones
    api.put(f"/v1/campaigns/{CAMPAIGN}", campaign(**SETTINGS))
    on.laboratory.set_script(roles, Manner(is_recording=True))
    for phone in phones:
        api.put(f"/v1/agents/{phone.name}", {"name": phone.name, "phone": phone.name})
        api.post(f"/v1/agents/{phone.name}/login")
        api.post(f"/v1/agents/{phone.name}/ready")
    opens = on.feed(engine, len(roles), [each.number for each in roles], TO_SPEAK)
    wait_until(lambda: datetime.now(UTC) >= opens, 2 * TO_SPEAK)
    shift = Shift(api, draw)

    def is_over() -> bool:
        shift.look()
        return contacts_in(engine, "finished") == len(roles)

    patience = PER_CALL * (len(roles) / len(phones)) + 2 * LONGEST
    if not wait_until(is_over, patience, LOOK):
        raise RuntimeError(
            f"not everybody was called within {patience}: {api.get(f'/v1/campaigns/{CAMPAIGN}/figures')}"
        )
    idle = "0 active channels"
    wait_until(lambda: idle in on.laboratory.cli("carrier", "core show channels count"), LONGEST, LOOK)
    return shift


def ears(on: Stand, engine: Engine, attempts: Sequence[dict[str, Any]], capture: bytes) -> Ears:
    phones = on.settings.softphones
    hosts = {phone.name: IPv4Address(phone.sip.host) for phone in phones}
    pbx, carrier = (IPv4Address(board.sip.host) for board in (on.settings.pbx, on.settings.carrier))
    key_of = {each["number"]: each["message_key"] for each in attempts}

    def recorded(number: str) -> Samples:
        return hearing.recording(on.laboratory.heard(number))

    def announcement(number: str) -> Samples:
        key = key_of[number]
        return hearing.message(engine.sounds / key[:2] / f"{key}.alaw")

    def listened(name: str) -> Samples:
        [file] = on.laboratory.heard_by_agent(name)  # one call for the whole shift
        return hearing.recording(file)

    agents = {phone.name: listened(phone.name) for phone in phones}
    wire = heard(datagrams(capture), carrier, frozenset(hosts.values()), pbx)
    return Ears(recorded, announcement, agents, {phone.name: phone.hertz for phone in phones}, hosts, wire)


def told(answered: Sequence[Answered], placed: Sequence[Call], shift: Shift, rows: Mapping[str, str | None]) -> bool:
    """Print what was found; whether everybody who answered was cared for, and the engine says the same."""
    count = Counter(each.verdict for each in answered)
    late = [each for each in answered if (each.until_callee_hears or 2 * IN_TIME) > IN_TIME]
    otherwise = [each for each in answered if rows[each.number] != each.verdict]
    unseen = sum(call.answered is not None for call in placed) - len(answered)
    print(f"calls placed {len(placed)}, at most {most_calls_at_once(placed)} at once")
    print(f"live answers {len(answered)} ({len(answered) / len(placed):.0%})")
    print(f"  heard an agent, and were heard   {count[Verdict.BOTH_WAYS]}")
    print(f"  heard that nobody is free        {count[Verdict.ANNOUNCEMENT]}", end="")
    print(f" ({count[Verdict.ANNOUNCEMENT] / len(answered):.1%} of live answers)")
    print(f"  heard neither                    {count[Verdict.NEITHER]}")
    print(f"  heard nothing for more than {IN_TIME.seconds} s   {len(late)}")
    print(f"  of which the engine says otherwise {len(otherwise)}; answered at the carrier alone {unseen}")
    print(f"utilisation {shift.utilisation:.0%}; callees at once in an agent's ear, at most: {most_at_once(answered)}")
    print(f"talks of each agent: {dict(sorted(Counter(each.agent for each in answered if each.agent).items()))}")
    print(f"\n{'from the answer, ms':32} {'calls':>5} {'median':>7} {'p95':>6} {'p99':>6} {'max':>6}")
    talks = [each for each in answered if each.verdict is Verdict.BOTH_WAYS]
    _line("the callee hears the agent", [each.until_callee_hears for each in talks])
    _line("the agent hears the callee", [each.until_agent_hears for each in talks])
    told = [each.until_callee_hears for each in answered if each.verdict is Verdict.ANNOUNCEMENT]
    _line("the callee hears: nobody is free", told)
    for each in {*late, *otherwise, *(each for each in answered if each.verdict is Verdict.NEITHER)}:
        print(f"{each}; the engine says {rows[each.number]}", file=sys.stderr)
    return not (late or otherwise or unseen or count[Verdict.NEITHER])


def _line(title: str, waits: Sequence[timedelta | None]) -> None:
    found = [each.total_seconds() * 1000 for each in waits if each is not None]
    if len(found) < 2:
        print(f"{title:32} {len(found):5} {'' if not found else f'{found[0]:7.1f}'}")
        return
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    print(f"{title:32} {len(found):5} {cuts[49]:7.1f} {cuts[94]:6.1f} {cuts[98]:6.1f} {max(found):6.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.predictive", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--answering", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with stand() as on:
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        roles = list(people(on.numbers(asked.calls), asked.answering, draw))
        marked = [each.number for each in roles if each.attempts[0].voice]
        if len(marked) > len(chords.CHORDS):
            parser.error(f"{len(marked)} would answer; {len(chords.CHORDS)} can be told apart")
        for who in range(len(marked)):
            chords.write(on.laboratory.sounds, who, LONGEST)
        on.laboratory.up(with_agents=True)
        for phone in on.settings.softphones:
            for earlier in on.laboratory.heard_by_agent(phone.name):
                earlier.unlink()
        file = on.settings.state / "predictive.pcap"
        with on.engine(calls_per_second=20, trunk="carrier", speech="espeak-ng") as engine:
            with capturing(file, f"udp and host {on.settings.pbx.sip.host}"):
                began = time.monotonic()
                shift = run(on, engine, roles, draw)
                print(f"{len(roles)} debtors, {len(on.settings.softphones)} agents, {time.monotonic() - began:.0f} s")
            attempts = list(engine.api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts"))
        answered = judged(dict(enumerate(marked)), ears(on, engine, attempts, file.read_bytes()))
        rows = {each["number"]: each["disposition"] for each in attempts}
        sys.exit(not told(answered, on.laboratory.carrier_log(), shift, rows))


if __name__ == "__main__":
    main()
