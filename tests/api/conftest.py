import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import Api, api_on
from tests.support.tenants import World, world


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_on(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """Two clients with something of every kind, and where it lies: made once."""
    folder = tmp_path_factory.mktemp("tenants")
    return folder, asyncio.run(world(folder))


@pytest.fixture
def two(kept: tuple[Path, World]) -> World:
    return kept[1]


@pytest.fixture
async def inhabited(kept: tuple[Path, World], tmp_path: Path) -> AsyncIterator[Api]:
    """An API with the two in it, which a test may change."""
    folder, two = kept
    async with two.running(folder, tmp_path) as running:
        yield running
