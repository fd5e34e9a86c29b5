import re
from html.parser import HTMLParser

import pytest

from api.app import ROUTES
from tests.support.api import Api


class Loads(HTMLParser):
    """What a page would fetch or run by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed") or any(name == "src" for name, _ in attrs):
            self.found.append(tag)


async def test_every_address_is_explained_to_people(api: Api) -> None:
    page = await api.stranger().get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for route in ROUTES:
        assert f'id="{route.operation.name.replace(".", "_")}"' in page.text
        assert route.path in page.text


async def test_the_page_loads_nothing_from_anywhere(api: Api) -> None:
    page, loads = await api.stranger().get("/docs"), Loads()
    loads.feed(page.text)
    assert loads.found == []
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"@import|url\(", page.text)


@pytest.mark.parametrize("text", ["Idempotency-Key", "(needed)", "2026-11-23T09:00:00Z"])
async def test_parameters_and_examples_are_shown(api: Api, text: str) -> None:
    assert text in (await api.stranger().get("/docs")).text
