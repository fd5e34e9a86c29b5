"""Which flows are shipped, and how is one read from files?"""

from collections.abc import Mapping
from pathlib import Path

from ivr.flow.checks import checked
from ivr.flow.nodes import Flow
from ivr.flow.reading import parsed

FOLDER = Path(__file__).parents[1] / "flows"


def names() -> list[str]:
    """Of the flows that are shipped."""
    return sorted(path.stem for path in FOLDER.glob("S[0-9][0-9]_*.yaml"))


def shared() -> dict[str, str]:
    """The files that a flow may use: their texts by name."""
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("[a-z]*.yaml"))}


def source(name: str) -> str:
    """What a shipped flow's own file says; KeyError if there is none."""
    if name not in names():
        raise KeyError(f"no flow {name!r} is shipped; there are: {', '.join(names())}")
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def flow(text: str, file: str, used: Mapping[str, str] | None = None) -> Flow:
    """The checked flow that a text describes; ``used``: other files in place of the shipped ones.

    Raises:
        InvalidFlow: with every problem, by file and line.
    """
    return checked(parsed(file, {**(shared() if used is None else used), file: text}))


def load(name: str) -> Flow:
    """A shipped flow by its name, or one of a file."""
    path = Path(name)
    if path.suffix != ".yaml":
        return flow(source(name), f"{name}.yaml")
    beside = {each.name: each.read_text("utf-8") for each in path.parent.glob("*.yaml")}
    return flow(path.read_text("utf-8"), path.name, {**shared(), **beside})
