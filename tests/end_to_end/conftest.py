"""The whole engine (`dzwonek up`) against a real Asterisk: each test has an engine and a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.laboratory import Laboratory
from tests.support.calling import SETTINGS, Calling, calling_with


@pytest.fixture(scope="session")
def engine_in(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Engine]:
    """An engine with that folder; all begin with the same key, for to make one takes as long as many a test."""
    unused = Engine(laboratory, tmp_path_factory.mktemp("unused"))

    def made(folder: Path) -> Engine:
        engine = Engine(laboratory, folder, dict(SETTINGS))
        engine.begin_like(unused)
        return engine

    return made


@pytest.fixture
def engine(engine_in: Callable[[Path], Engine], tmp_path: Path) -> Engine:
    """Not started yet, so that a test may change its settings."""
    return engine_in(tmp_path / "engine")


@pytest.fixture
def calling(engine: Engine) -> Iterator[Calling]:
    with calling_with(engine) as calling:
        yield calling


@pytest.fixture(scope="module")
def lasting(engine_in: Callable[[Path], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calling]:
    """One for all tests of a module, which do not get into each other's way."""
    with calling_with(engine_in(tmp_path_factory.mktemp("lasting"))) as calling:
        yield calling
