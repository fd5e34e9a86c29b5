"""Do the drawings and lists in docs/ still tell the truth?"""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dialer.config import PREFIX, Settings
from dialer.core.agents import AgentState
from dialer.core.call import TRANSITIONS, End, State
from dialer.core.feed import EventType
from dialer.core.legs import LegState
from dialer.core.rules import Rule
from dialer.model import CampaignState, ContactState, Disposition, FinishReason
from dialer.ports import Presence

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("asterisk_conf/*.md")]


def drawing() -> str:
    """The diagram of a call's life, from the table."""
    moves = {(before, event.__name__, after) for (before, event), after in TRANSITIONS.items() if before is not after}
    order = list(State)
    lines = ["stateDiagram-v2", "    [*] --> placed"]
    lines += [
        f"    {before} --> {after}: {event}"
        for before, event, after in sorted(
            moves, key=lambda move: (order.index(move[0]), order.index(move[2]), move[1])
        )
    ]
    return "\n".join([*lines, "    ended --> [*]"])


def test_the_drawing_of_a_calls_life_is_that_of_its_table() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    drawn = re.search(r"<!-- generated from .*? -->\n```mermaid\n(.*?)\n```\n<!-- end -->", page, re.DOTALL)
    assert drawn is not None
    assert drawn[1] == drawing()


def test_every_file_of_the_engine_has_its_place_in_the_layout() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    layout = page[page.index("## Layout") : page.index("## One attempt")]
    there = {path.name for part in (".", "agents", "cases", "lists") for path in (ROOT / "dialer" / part).glob("*.py")}
    assert there - set(re.findall(r"\w+\.py", layout)) - {"__init__.py"} == set()


@pytest.mark.parametrize(
    "words",
    [Disposition, ContactState, CampaignState, FinishReason, Rule, End, Presence, EventType, AgentState, LegState],
)
def test_every_word_of_the_vocabulary_is_in_the_glossary(words: type) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    assert [word for word in words if f"`{word}`" not in glossary] == []  # type: ignore[attr-defined]


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    explained = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", page)) - {"AMI_SECRET_FILE", "AGI"}
    assert explained == {field.name.upper() for field in fields(Settings)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    prose = re.sub(r"^ *```.*?^ *```", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "docs/architecture.md"], ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"(?<![\w/.])((?:core/|adapters/|ports/)?[a-z_]+\.py)", document.read_text("utf-8")))
    known = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts}
    assert [name for name in sorted(named) if not any(path.endswith(f"/{name}") for path in known)] == []


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
