"""Whom did everybody hear who answered? Recordings of both ends and packets in, one verdict for each answered call out.

What the engine itself says of its calls is not asked: it is compared with the verdicts afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address

import numpy as np

from bench.talks import Heard
from lab import chords, hearing
from lab.hearing import RATE, Samples

PACKET = RATE // 50  # samples, and bytes of A-law
TO_BE_SURE = timedelta(milliseconds=500)  # of each other's voice, for a talk
UNFINISHED = RATE // 4  # samples of an announcement that may be on its way when the callee leaves


class Verdict(StrEnum):
    """What somebody who answered got for it; the names of the engine's dispositions where it says the same."""

    BOTH_WAYS = "connected"  # the callee heard an agent, and that agent the callee
    ANNOUNCEMENT = "abandoned"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answered call, as its two ends heard it; ``until_…``: from the answer, None: never."""

    who: int
    number: str
    verdict: Verdict
    agent: str | None
    until_callee_hears: timedelta | None
    until_agent_hears: timedelta | None
    agent_heard: tuple[float, float] | None  # the first and the last moment, s since 1970


@dataclass(frozen=True, slots=True)
class Ears:
    """What came to everybody's ear, and what went over the wire.

    ``callee`` and ``announcement``: the recording at that number, and what it should be told if nobody is free.
    ``agents``: what each one's softphone recorded; ``voices``: the tone of each, Hz; ``hosts``: their addresses.
    """

    callee: Callable[[str], Samples]
    announcement: Callable[[str], Samples]
    agents: Mapping[str, Samples]
    voices: Mapping[str, int]
    hosts: Mapping[str, IPv4Address]
    wire: Heard


def judged(people: Mapping[int, str], ears: Ears) -> list[Answered]:
    """The verdict on everybody who answered; ``people``: whose number each chord's is."""
    told = {name: chords.durations(ear) for name, ear in ears.agents.items()}
    seen = {name: _moments(ears.wire, ears.hosts[name]) for name in ears.agents}
    answered = ((who, number) for who, number in people.items() if number in ears.wire.answered)
    return [_judged(who, number, ears, told, seen) for who, number in answered]


def _judged(
    who: int,
    number: str,
    ears: Ears,
    told: Mapping[str, Mapping[int, timedelta]],
    seen: Mapping[str, Mapping[int, tuple[float, float]]],
) -> Answered:
    at, recorded = ears.wire.answered[number], ears.callee(number)
    tone = hearing.loudest_tone(recorded, list(ears.voices.values())) if len(recorded) else None
    agent = next((name for name, hertz in ears.voices.items() if hertz == tone), None)
    listened = told[agent].get(who, timedelta()) if agent else timedelta()
    spoken = timedelta(seconds=len(recorded) / RATE)
    verdict = Verdict.NEITHER
    if agent and min(listened, spoken) >= TO_BE_SURE:
        verdict = Verdict.BOTH_WAYS
    elif _is_told(recorded, ears.announcement(number)):
        verdict = Verdict.ANNOUNCEMENT
    span = seen[agent].get(who) if agent else None
    sent = ears.wire.to_callee[ears.wire.port[number]]
    first = bisect_left(sent, at)
    return Answered(
        who,
        number,
        verdict,
        agent,
        timedelta(seconds=sent[first] - at) if len(recorded) and first < len(sent) else None,
        timedelta(seconds=span[0] - at) if span else None,
        span,
    )


def most_at_once(answered: Iterable[Answered]) -> int:
    """The largest number of callees whom one agent heard at the same moment."""
    spans = [(each.agent, *each.agent_heard) for each in answered if each.agent and each.agent_heard]
    return max(
        (sum(agent == name and begin <= at <= end for name, begin, end in spans) for agent, at, _ in spans), default=0
    )


def _is_told(recorded: Samples, announcement: Samples) -> bool:
    """Whether as much of it was heard, after a greeting, as there was time for before the callee left."""
    if not len(recorded):
        return False
    lasted = len(recorded) - hearing.begins_at(recorded, announcement) - UNFINISHED
    played = announcement[: max(lasted, 0)]
    return len(played) >= RATE and hearing.share_heard(recorded, played) >= hearing.HEARD


def _moments(wire: Heard, host: IPv4Address) -> dict[int, tuple[float, float]]:
    """When each chord came to that softphone for the first time and the last."""
    packets = [(at, payload) for at, payload in wire.to_agent[host] if len(payload) == PACKET]
    whose = chords.heard(_decoded([payload for _, payload in packets]), PACKET)
    found: dict[int, tuple[float, float]] = {}
    for (at, _), who in zip(packets, whose.tolist(), strict=True):
        if who >= 0:
            found[who] = (found[who][0] if who in found else at, at)
    return found


def _decoded(payloads: Sequence[bytes]) -> Samples:
    return np.asarray(_alaw()[np.frombuffer(b"".join(payloads), np.uint8)])


@cache
def _alaw() -> Samples:
    """What each byte of A-law means (ITU-T G.711), -1 to 1."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    size = np.where(exponent == 0, 2 * mantissa + 1, 2 * mantissa + 33 << np.maximum(exponent - 1, 0))
    return np.asarray(np.where(code & 0x80, size, -size) / 4096)
