"""What does `dzwonek check` say of a real Asterisk: of one that is as it should be, and of ones that are not?"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lab.engine import Engine

pytestmark = pytest.mark.lab

MODULE = "bridge_native_rtp.so"


def check(engine: Engine) -> tuple[int, str]:
    """Its exit code, and what it prints."""
    done = engine.try_to_run("check")
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def with_native_bridges(engine: Engine) -> Iterator[Engine]:
    laboratory = engine.laboratory
    laboratory.cli("pbx", f"module load {MODULE}")
    yield engine
    laboratory.cli("pbx", f"module unload {MODULE}")


def test_nothing_is_missing_in_the_laboratory(engine: Engine) -> None:
    code, said = check(engine)
    assert "MISSING" not in said
    for subject in ("Asterisk", "rights", "trunk", "dialplan", "bridging", "modules", "database", "sounds", "voice"):
        assert f"ok      {subject}" in said
    assert code == 0


def test_a_module_by_which_callees_may_hear_nothing_is_named(with_native_bridges: Engine) -> None:
    code, said = check(with_native_bridges)
    assert f"MISSING bridging: bridge_native_rtp is loaded\n        → noload = {MODULE}" in said
    assert (code, said.count("MISSING")) == (1, 1)


def test_a_module_that_we_use_is_named_with_what_it_is_for(engine: Engine) -> None:
    laboratory = engine.laboratory
    laboratory.cli("pbx", "module unload app_chanspy.so")
    try:
        code, said = check(engine)
    finally:
        laboratory.cli("pbx", "module load app_chanspy.so")
    assert "MISSING modules: app_chanspy is not loaded: needed for supervisors who listen, whisper and barge in" in said
    assert "→ load = app_chanspy.so in modules.conf" in said
    assert (code, said.count("MISSING")) == (1, 1)


@pytest.mark.parametrize(
    ("setting", "value", "subject"),
    [("trunk", "nobody", "trunk"), ("ami_secret", "wrong", "Asterisk"), ("agi_listen", "127.0.0.1:4999", "dialplan")],
)
def test_what_does_not_fit_asterisk_is_named(engine: Engine, setting: str, value: str, subject: str) -> None:
    engine.settings |= {setting: value}
    code, said = check(engine)
    assert f"MISSING {subject}: " in said
    assert (code, said.count("MISSING")) == (1, 1)


def test_a_voice_that_cannot_speak_is_named_with_what_it_lacks(engine: Engine) -> None:
    engine.folder.mkdir(parents=True, exist_ok=True)
    voices = engine.folder / "voices.json"
    model = engine.folder / "pl_PL-nobody.onnx"
    nobody = {"engine": "piper", "language": "pl", "model": str(model), "command": "/nowhere/piper"}
    voices.write_text(json.dumps({"pl-voice-a": nobody}), "utf-8")
    engine.settings |= {"voices": str(voices)}

    code, said = check(engine)

    assert "MISSING voice pl-voice-a: cannot speak, used by campaigns that name none\n        → " in said
    assert "/nowhere/piper" in said or model.name in said
    assert (code, said.count("MISSING")) == (1, 1)
