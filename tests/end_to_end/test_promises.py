"""Does the engine do what it promises, measured at the carrier and not in its own log?"""

from __future__ import annotations

import pytest

from tests.support.calling import Calling, Debtor

pytestmark = pytest.mark.lab

MANNERS = [
    ("human/3/",),
    ("busy/1/", "human/2/"),
    ("noanswer/30/", "human/1/"),
    ("unavailable/1/", "busy/1/"),
    ("rejected/2/", "congestion/0/"),
    ("unallocated/0/",),
    ("human/1/hangup@1s", "human/1/hangup@0.5s"),
    ("congestion/0/", "voicemail/1/"),
]


def test_every_promise_is_kept(calling: Calling) -> None:
    calling.begin([Debtor(number, MANNERS[number % len(MANNERS)]) for number in range(1, 33)])
    calling.finish()
    assert calling.broken_promises() == []
