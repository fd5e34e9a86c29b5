"""Are verdicts on answered calls given by what was heard, and by nothing else?"""

from __future__ import annotations

import io
from datetime import timedelta
from ipaddress import IPv4Address

import numpy as np
import pytest
import soundfile

from bench.talks import Heard
from bench.who_heard_whom import Answered, Ears, Verdict, judged, most_at_once
from lab import chords
from lab.hearing import FRAME, RATE, Samples

PHONE, NUMBER, PORT = IPv4Address("127.0.0.11"), "+48280000001", 10000
SECOND = timedelta(seconds=1)
HERTZ = 700
NOTHING: Samples = np.zeros(0)
VOICE: Samples = np.sin(2 * np.pi * HERTZ * np.arange(RATE) / RATE) / 2
ANNOUNCEMENT: Samples = np.random.default_rng(1).normal(0, 0.1, 5 * RATE)
GREETED: Samples = np.concatenate([np.random.default_rng(2).normal(0, 0.1, RATE), ANNOUNCEMENT])


def ears(callee: Samples, agent: Samples) -> Ears:
    """Answered at 1.0; what the agent hears comes from 1.5 on."""
    wire = Heard({NUMBER: 1.0}, {NUMBER: PORT})
    wire.to_callee[PORT] = [0.5, 1.25]  # the first one of an earlier call
    encoded = io.BytesIO()
    soundfile.write(encoded, agent, RATE, format="RAW", subtype="ALAW")
    sound = encoded.getvalue()
    wire.to_agent[PHONE] = [(1.5 + at / RATE, sound[at : at + FRAME]) for at in range(0, len(sound), FRAME)]
    return Ears(
        lambda _: callee, lambda _: ANNOUNCEMENT, {"anna": agent}, {"anna": HERTZ, "bert": 1000}, {"anna": PHONE}, wire
    )


def verdict(callee: Samples, agent: Samples) -> Answered:
    [answered] = judged({7: NUMBER}, ears(callee, agent))
    return answered


def test_a_talk_is_heard_at_both_ends_and_timed_by_packets() -> None:
    found = verdict(VOICE, chords.samples(7, SECOND))
    assert (found.verdict, found.agent) == (Verdict.BOTH_WAYS, "anna")
    assert (found.until_callee_hears, found.until_agent_hears) == (SECOND / 4, SECOND / 2)
    assert found.agent_heard == pytest.approx((1.5, 2.48))


@pytest.mark.parametrize(
    ("callee", "agent"),
    [
        (NOTHING, NOTHING),
        (NOTHING, chords.samples(7, SECOND)),  # the agent alone hears somebody
        (VOICE, NOTHING),  # the callee alone does
        (VOICE, chords.samples(8, SECOND)),  # the agent hears another
        (VOICE[: RATE // 4], chords.samples(7, SECOND)),  # a moment only
        (GREETED[: 2 * RATE], NOTHING),  # hardly more than a greeting
        (ANNOUNCEMENT[::-1], NOTHING),
    ],
)
def test_whatever_is_less_than_that_is_neither(callee: Samples, agent: Samples) -> None:
    assert verdict(callee, agent).verdict is Verdict.NEITHER


@pytest.mark.parametrize("heard", [6, 4, 2.5])
def test_an_announcement_counts_as_far_as_there_was_time_for_it(heard: float) -> None:
    assert verdict(GREETED[: round(heard * RATE)], NOTHING).verdict is Verdict.ANNOUNCEMENT


def test_two_callees_in_one_ear_are_seen() -> None:
    talks = [
        Answered(who, NUMBER, Verdict.BOTH_WAYS, agent, SECOND, SECOND, span)
        for who, (agent, span) in enumerate([("anna", (1.0, 5.0)), ("bert", (2.0, 3.0)), ("anna", (5.0, 6.0))])
    ]
    assert most_at_once(talks[:2]) == 1
    assert most_at_once(talks) == 2
