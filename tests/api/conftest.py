from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import Api, api_on


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_on(tmp_path) as running:
        yield running
