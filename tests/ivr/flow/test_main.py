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
        ({"today": "2026-11-23", "person": "Jan"}, "person is no JSON object"),
        ({"today": "2026-11-23", "offered": ["2026-11-27"]}, "offered needs 2 days"),
        ({"today": "2026-11-23", "amount": "abc"}, "amount: 'abc' cannot be read, it is written as 153.20 PLN"),
        (
            {"today": "2026-11-23", "overdue_days": "x"},
            "overdue_days: 'x' cannot be read, it is written as 24, in days",
        ),
    ],
)
def test_what_is_wrong_with_a_contact_is_told(
    contact: dict[str, str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["play", "S07_please_call_back", "--contact", json.dumps(contact)]) == 1
    assert problem in capsys.readouterr().err


def test_a_flow_that_is_not_shipped_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "S99_court"]) == 1
    assert capsys.readouterr().err.startswith("no flow 'S99_court' is shipped (a file ends in .yaml); there are: S01_")


def test_files_that_are_no_text_are_named_and_those_beside_a_flow_do_not_matter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "mine.yaml").write_text(GOOD, "utf-8")

    assert main(["check", str(tmp_path / "mine.yaml")]) == 0
    assert main(["check", str(tmp_path / "binary.yaml")]) == 1
    assert capsys.readouterr().err == "binary.yaml: no text in UTF-8\n"
    assert main(["play", "S04_overdue_soft", "--contact", str(tmp_path / "binary.yaml")]) == 1


def test_what_nobody_can_press_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "S04_overdue_soft", "--contact", JAN, "--keys", "1,zz"]) == 1
    assert capsys.readouterr().err.startswith("'zz' is no answer: keys (0123456789*#), - for silence, x to leave")

    assert main(["play", "S04_overdue_soft", "--contact", JAN], io.StringIO("zz\n9\n")) == 0
    told = capsys.readouterr().out
    assert "'zz' is no answer" in told
    assert "Przepraszamy za pomyłkę." in told
