"""How does the engine end when it is told to? Who listens may hear the end; who is not reached yet is not disturbed."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest

from lab.process import wait_until
from tests.support.calling import LOOK, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

RINGS, LISTENS = ("noanswer/30/",), ("human/0/",)


def told_to_end(calling: Calling, sign: signal.Signals, within: timedelta) -> int:
    """The engine's exit code."""
    pid = calling.engine.daemon.pid
    os.kill(pid, sign)
    codes: list[int] = []

    def has_ended() -> bool:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            codes.append(os.waitstatus_to_exitcode(status))
        return bool(ended)

    assert wait_until(has_ended, within)
    return codes[0]


def test_ringing_is_given_up_and_listening_may_finish(calling: Calling) -> None:
    calling.engine.settings |= {"grace_seconds": "20"}
    ringing = [Debtor(number, RINGS) for number in range(1, 4)]
    listening = [Debtor(number, LISTENS) for number in range(4, 7)]
    calling.begin([*ringing, *listening], attempts=1, ring_seconds=60, message="Proszę zapamiętać numer: {case}.")
    assert wait_until(lambda: sorted(state for _, state in calling.channels()) == ["Ring"] * 3 + ["Up"] * 3, SOON, LOOK)
    assert told_to_end(calling, signal.SIGTERM, within=timedelta(seconds=15)) == 0
    assert "engine_stopped" in calling.engine.log.read_text("utf-8")
    calling.engine.start()
    ended = {each["number"]: each["disposition"] for each in calling.shown()}
    assert ended == {each.number: "cancelled" for each in ringing} | {each.number: "delivered" for each in listening}
    assert len(calling.calls()) == 6


def test_who_presses_ctrl_c_ends_it_as_orderly(calling: Calling) -> None:
    calling.engine.launch()
    assert told_to_end(calling, signal.SIGINT, within=timedelta(seconds=5)) == 0


def test_who_listens_longer_than_the_grace_is_cut_off(calling: Calling) -> None:
    calling.engine.settings |= {"grace_seconds": "1"}
    calling.begin([Debtor(1, LISTENS)], attempts=1, message="Proszę zapamiętać numer: {case}. " * 5)
    assert wait_until(lambda: [state for _, state in calling.channels()] == ["Up"], SOON, LOOK)
    assert told_to_end(calling, signal.SIGTERM, within=timedelta(seconds=8)) == 0
    calling.carrier_is_idle()
    calling.engine.start()
    assert calling.dispositions() == {"hung_up": 1}


def test_nothing_is_called_by_an_engine_that_ends(calling: Calling) -> None:
    calling.engine.settings |= {"calls_per_second": "8"}
    calling.begin([Debtor(number, ("busy/1/",)) for number in range(1, 41)], attempts=1)
    assert wait_until(lambda: len(calling.calls()) >= 3, SOON, LOOK)
    with calling.interrupted():  # a call that is on its way is given up
        assert told_to_end(calling, signal.SIGTERM, within=timedelta(seconds=10)) == 0
        calling.carrier_is_idle()
    seen = len(calling.calls())
    assert seen < 40
    calling.engine.start()
    calling.finish()
    assert calling.broken_promises() == []
