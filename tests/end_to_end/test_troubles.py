"""What if something that calls need is missing while the engine runs? No call, a reason, and on when it is back."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lab.engine import Engine, Refused
from lab.process import wait_until
from tests.support.calling import ALWAYS, LOOK, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

WARSAW = ZoneInfo("Europe/Warsaw")
DEBTORS = [Debtor(number, ("human/1/",)) for number in range(1, 6)]


def is_held(calling: Calling) -> bool:
    """Whether every contact shows why it is not called."""
    return all(contact["held_because"] for contact in calling.contacts())


def soon() -> dict[str, list[list[str]]]:
    """Windows that open in a quarter of an hour: messages are made for them, nobody is called yet."""
    opens = datetime.now(WARSAW) + timedelta(minutes=15)
    return {str(opens.isoweekday()): [[f"{opens:%H:%M}", "00:00"]]}


def until_messages_are_ready(calling: Calling) -> list[Path]:
    """The files of everybody's message."""
    assert wait_until(lambda: all(contact["message_text"] for contact in calling.contacts()), SOON, LOOK)
    return [file for file in calling.engine.sounds.glob("??/*.alaw") if file.stat().st_size > 0]


def test_an_asterisk_that_is_not_there_is_waited_for(calling: Calling) -> None:
    laboratory = calling.engine.laboratory
    calling.people(DEBTORS)
    laboratory.kill_pbx()
    try:
        calling.engine.launch()
        with pytest.raises(Refused) as unwell:
            calling.engine.api.get("/health")
        assert unwell.value.status == 503
        assert unwell.value.problem["switch"] == "away"
        assert str(laboratory.settings.pbx.ami) in unwell.value.problem["troubles"]["switch"]
        calling.put()
        calling.send(DEBTORS)
        calling.command("start")
        until_messages_are_ready(calling)
        assert calling.shown() == []
    finally:
        laboratory.start_pbx()
    calling.finish()
    assert calling.dispositions() == {"delivered": len(DEBTORS)}
    assert calling.engine.health()["status"] == "well"


def test_an_asterisk_that_does_not_let_us_in_is_told(calling: Calling) -> None:
    calling.engine.settings |= {"ami_secret": "another"}
    calling.engine.launch()
    assert wait_until(lambda: calling.engine.health()["switch"] == "refused", SOON)
    told = calling.engine.health()
    assert told["status"] == "trouble"
    assert "DZWONEK_AMI_SECRET" in told["troubles"]["switch"]


@pytest.fixture
def failing_speech(engine: Engine, tmp_path: Path) -> Path:
    """While this file exists, the speech engine fails."""
    broken, folder = tmp_path / "broken", tmp_path / "bin"
    folder.mkdir()
    command = folder / "espeak-ng"
    command.write_text(
        f'#!/bin/sh\n[ -e {broken} ] && echo "no voice" >&2 && exit 1\nexec {shutil.which("espeak-ng")} "$@"\n'
    )
    command.chmod(0o755)
    engine.variables |= {"PATH": f"{folder}:{os.environ['PATH']}"}
    return broken


def test_a_speech_engine_that_fails_holds_the_contacts_until_it_speaks_again(
    failing_speech: Path, calling: Calling
) -> None:
    calling.engine.launch()
    failing_speech.touch()
    calling.begin(DEBTORS)
    assert wait_until(lambda: is_held(calling), SOON, LOOK)
    assert {contact["held_because"] for contact in calling.contacts()} == {
        "espeak-ng failed with code 1 (no voice); try: espeak-ng -v pl raz"
    }
    assert calling.figures()["held"] == len(DEBTORS)
    assert "espeak-ng failed" in calling.engine.health()["troubles"]["voice"]
    assert calling.shown() == []
    failing_speech.unlink()
    calling.finish()
    assert calling.dispositions() == {"delivered": len(DEBTORS)}
    assert calling.engine.health()["status"] == "well"


def test_a_disk_that_takes_no_more_holds_the_contacts_until_it_does(calling: Calling) -> None:
    calling.engine.launch()
    away = calling.engine.sounds.rename(calling.engine.folder / "away")
    calling.engine.sounds.touch()  # a file, where nobody can write, not even root
    calling.begin(DEBTORS, beside=[Debtor(50)])
    assert wait_until(lambda: is_held(calling), SOON, LOOK)
    assert all("check" in contact["held_because"] for contact in calling.contacts())
    assert calling.shown() == []
    calling.engine.sounds.unlink()
    away.rename(calling.engine.sounds)
    # Those that were held have their turn again after a while; another's message is made at once.
    calling.send([Debtor(50)])
    assert wait_until(lambda: calling.dispositions().get("delivered", 0) > 0, SOON, LOOK)


def test_messages_that_are_gone_or_spoilt_are_made_again_before_the_call(calling: Calling) -> None:
    calling.begin(DEBTORS, windows=soon())
    for place, file in enumerate(until_messages_are_ready(calling)):
        match place % 3:
            case 0:
                file.unlink()
            case 1:
                file.write_bytes(b"")  # what a loss of power leaves
            case _:
                file.write_bytes(b"?")
    calling.put(windows=ALWAYS)
    calling.finish()
    assert calling.dispositions() == {"delivered": len(DEBTORS)}


def test_a_message_that_vanishes_while_it_rings_was_not_delivered(calling: Calling) -> None:
    calling.begin([Debtor(1, ("human/30/",))], attempts=1)
    assert wait_until(lambda: [state for _, state in calling.channels()] == ["Ring"], SOON, LOOK)
    for file in calling.engine.sounds.glob("??/*.alaw"):
        file.unlink()
    calling.finish()
    assert calling.dispositions() == {"failed": 1}


def test_a_message_that_asterisk_cannot_read_was_not_delivered(calling: Calling, tmp_path: Path) -> None:
    calling.engine.settings |= {"sounds_in_asterisk": str(tmp_path / "elsewhere")}
    calling.begin(DEBTORS[:1], attempts=1)
    calling.finish()
    assert calling.dispositions() == {"failed": 1}
    assert [each["heard_seconds"] for each in calling.shown()] == [0.0]
