"""Which dialplan makes the carrier do what the script says?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialer.adapters.carrier.script import Kind, role
from lab import LaboratoryError
from lab.carrier import Manner, dialplan, read_roles
from lab.configuration import TEMPLATES
from tests.support.asterisk_config import category, parse, steps


def applications(text: str, attempt: int) -> dict[str, str]:
    return {step.extension: step.application for step in steps(category(text, f"attempt-{attempt}"))}


def test_each_attempt_has_its_own_behaviour() -> None:
    text = dialplan([role("+48280000001", "busy/3/", "human/6/1,4")], Manner())
    assert applications(text, 1)["+48280000001"] == "Gosub(busy,s,1(3.000))"
    assert applications(text, 2)["+48280000001"] == "Gosub(human,s,1(6.000,1,4))"
    assert applications(text, 4)["+48280000001"] == "Gosub(human,s,1(6.000,1,4))"


def test_ringing_is_compressed_but_not_the_time_until_hanging_up() -> None:
    text = dialplan([role("+48280000001", "human/20/hangup@2s")], Manner(ring_scale=0.1))
    assert applications(text, 1)["+48280000001"] == "Gosub(impatient,s,1(2.000,2.000))"


def test_a_number_outside_the_script_is_unscripted() -> None:
    assert applications(dialplan([], Manner()), 3) == {"_[+0-9].": "Goto(unscripted,s,1)"}


def test_a_number_given_twice_does_what_was_said_last() -> None:
    text = dialplan([role("+48280000001", "busy/3/"), role("+48280000001", "rejected/1/")], Manner())
    assert applications(text, 1)["+48280000001"] == "Gosub(rejected,s,1(1.000))"


def test_the_manner_is_told_in_globals() -> None:
    manner = Manner(is_recording=True, key_pause=timedelta(milliseconds=1500), menu_passes=timedelta(seconds=4))
    assert category(dialplan([], manner), "globals").settings == [
        ("RECORD", "yes"),
        ("KEY_PAUSE", "1.500"),
        ("MENU_PASSES", "4.000"),
    ]


def test_the_carrier_knows_how_every_kind_behaves() -> None:
    contexts = {each.name for each in parse((TEMPLATES / "carrier" / "extensions.conf").read_text("utf-8"))}
    assert contexts >= {kind.value for kind in Kind} | {"impatient", "unscripted"}


def test_a_script_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LaboratoryError, match=r"missing\.csv: No such file"):
        read_roles(tmp_path / "missing.csv")
    (tmp_path / "odd.csv").write_text("number,attempt_1\n+48280000001,asleep/3/\n")
    with pytest.raises(LaboratoryError, match=r"odd\.csv: carrier script, line 2"):
        read_roles(tmp_path / "odd.csv")
