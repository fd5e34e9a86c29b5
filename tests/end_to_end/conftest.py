"""The whole engine (`dzwonek up`) against a real Asterisk: each test has an engine and a database of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.laboratory import Laboratory
from tests.support.calling import SETTINGS, Calling, calling_with

NUMBER = re.compile(r"\+?48(?:28|38)[0-9]{7}")


@pytest.fixture
def engine(laboratory: Laboratory, tmp_path: Path) -> Engine:
    """Not started yet, so that a test may change its settings."""
    return Engine(laboratory, tmp_path / "engine", dict(SETTINGS))


@pytest.fixture
def calling(engine: Engine) -> Iterator[Calling]:
    """Whatever a test does: the engine's log tells nobody's number and no error that nobody expected."""
    with calling_with(engine) as calling:
        yield calling
    written = engine.log.read_text("utf-8") if engine.log.exists() else ""
    assert not NUMBER.search(written)
    assert "Traceback" not in written, written[-3000:]
