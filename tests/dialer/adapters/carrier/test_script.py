"""What does each number do when it is called?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import lab
from dialer.adapters.carrier.script import Behaviour, Kind, ScriptProblem, behaviour, read_script, role

HEADER = "number,type,attempt_1,attempt_2,attempt_3,attempt_4"


def test_the_whole_sample_script_is_understood() -> None:
    sample = Path(lab.__file__).parent / "data" / "sim_outcomes.csv"
    with sample.open(encoding="utf-8", newline="") as lines:
        roles = read_script(lines)
    assert len(roles) == 2555
    assert {each.kind for role in roles for each in role.attempts} == set(Kind)


def test_a_person_presses_one_key_after_another() -> None:
    assert behaviour("human/20/1,wait,3") == Behaviour(Kind.HUMAN, timedelta(seconds=20), ("1", "wait", "3"))


def test_a_person_may_hang_up_after_a_while() -> None:
    assert behaviour("human/6/hangup@2s").hangs_up_after == timedelta(seconds=2)


def test_the_last_behaviour_stays() -> None:
    known = role("+48280000001", "busy/3/", "human/6/")
    assert [known.on_attempt(ordinal).kind for ordinal in (1, 2, 3, 9)] == ["busy", "human", "human", "human"]


@pytest.mark.parametrize("wrong", ["asleep/3/", "busy/soon/", "human/3/x", "human/3/hangup@s"])
def test_an_error_names_the_line(wrong: str) -> None:
    with pytest.raises(ScriptProblem, match="line 3"):
        read_script([HEADER, "+48280000001,mobile,busy/1/,,,", f"+48280000002,mobile,{wrong},,,"])


@pytest.mark.parametrize("wrong", ["480a", "", "+48 280", "+48280000001,1,Hangup()\n"])
def test_a_number_cannot_smuggle_in_a_dialplan(wrong: str) -> None:
    with pytest.raises(ValueError, match="no telephone number"):
        role(wrong, "busy/3/")


def test_a_script_needs_its_columns() -> None:
    with pytest.raises(ScriptProblem, match="needs the columns"):
        read_script(["phone,first", "+48280000001,busy/3/"])
