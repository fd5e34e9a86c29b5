"""Which flows are shipped, and how is one read from files?"""

from collections.abc import Mapping
from pathlib import Path

from ivr.flow.checks import checked
from ivr.flow.located import InvalidFlow
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
        raise KeyError(f"no flow {name!r} is shipped (a file ends in .yaml); there are: {', '.join(names())}")
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def flow(text: str, file: str, used: Mapping[str, str] | None = None) -> Flow:
    """The checked flow that a text describes; ``used``: other files in place of the shipped ones.

    Raises:
        InvalidFlow: with every problem, by file and line.
    """
    return checked(parsed(file, {**(shared() if used is None else used), file: text}))


def load(name: str) -> Flow:
    """A shipped flow by its name, or one of a file, which may use others beside it.

    Raises:
        KeyError, OSError: there is none.
        InvalidFlow: with every problem, by file and line.
    """
    path = Path(name)
    if path.suffix != ".yaml":
        return flow(source(name), f"{name}.yaml")
    text = read(path)
    beside = {each.name: each.read_text("utf-8", "replace") for each in path.parent.glob("*.yaml")}
    return flow(text, path.name, {**shared(), **beside})


def read(path: Path) -> str:
    """A file's text; InvalidFlow if it is none."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidFlow([f"{path.name}: no text in UTF-8"]) from error
