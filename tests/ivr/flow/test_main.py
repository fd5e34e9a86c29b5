import io
import json
from pathlib import Path

import pytest

from ivr.__main__ import main
from tests.ivr.flow.test_reading import GOOD
from tests.ivr.flow.transcripts import FIXTURES, KEPT

JAN = str(FIXTURES / "flows" / "jan.json")


def test_a_call_is_played_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "S04_overdue_soft", "--contact", JAN, "--keys", "1,3,2,1"]) == 0

    said = capsys.readouterr().out
    assert "« 1 »\n  Informujemy, że do dnia" in said
    assert "Termin: do dnia dwudziestego siódmego listopada." in said
    assert said.endswith("— message whole, identified, promise by 2026-11-27, ended by us\n")


def test_keys_come_from_the_keyboard(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "S04_overdue_soft", "--contact", JAN], io.StringIO("9\n")) == 0

    assert "Przepraszamy za pomyłkę." in capsys.readouterr().out


def test_every_way_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ways", "S04_overdue_soft", "--contact", JAN]) == 0

    assert capsys.readouterr().out == (KEPT / "S04_overdue_soft.txt").read_text("utf-8")


def test_a_good_flow_is_found_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD, "utf-8")

    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == "greeting: nothing is wrong\n"


def test_what_is_wrong_with_a_flow_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("silent: end", "silent: message"), "utf-8")

    assert main(["check", str(file)]) == 1
    assert capsys.readouterr().err.startswith("mine.yaml:14: message says {amount} of BODY before")


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        ({}, "missing, or no such variable: 'today'"),
        ({"today": "2026-11-23", "colour": "red"}, "missing, or no such variable: 'colour'"),
        ({"today": "2026-11-23"}, "{brand_neutral} cannot be said: it has no value"),
        ({"today": "tomorrow"}, "Invalid isoformat string"),
    ],
)
def test_what_is_wrong_with_a_contact_is_told(
    contact: dict[str, str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["play", "S07_please_call_back", "--contact", json.dumps(contact)]) == 1
    assert problem in capsys.readouterr().err


def test_a_flow_that_is_not_shipped_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "S99_court"]) == 1
    assert "no flow 'S99_court' is shipped" in capsys.readouterr().err
