"""What do Asterisk's configuration files say?

Enough of the format for tests: categories with templates and additions, settings in their order, extensions of a
dialplan. Comments go; #include is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Category:
    """One `[name](templates)`; a template itself is marked `(!)`."""

    name: str
    is_template: bool
    templates: tuple[str, ...]
    settings: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """All values of a setting, in their order."""
        return [value for key, value in self.settings if key == name]


@dataclass(frozen=True, slots=True)
class Step:
    """One priority of an extension: `message`, `ask`, `AGI(agi://…)`."""

    extension: str
    label: str | None
    application: str


HEADING = re.compile(r"\[(?P<name>[^]]+)\](?:\((?P<marks>[^)]*)\))?")
SETTING = re.compile(r"(?P<name>[^=]*?)\s*=>?\s*(?P<value>.*)")


def parse(text: str) -> list[Category]:
    """The categories of a file."""
    categories: list[Category] = []
    for line in _meaningful(text):
        if heading := HEADING.fullmatch(line):
            marks = [mark.strip() for mark in (heading["marks"] or "").split(",") if mark.strip()]
            templates = tuple(mark for mark in marks if mark not in "!+")
            categories.append(Category(heading["name"], "!" in marks, templates))
        elif setting := _setting(line):
            categories[-1].settings.append(setting)
    return categories


def category(text: str, name: str) -> Category:
    """The one category of that name; ValueError when there is none or more."""
    (found,) = (each for each in parse(text) if each.name == name)
    return found


def steps(context: Category) -> list[Step]:
    """The dialplan of a context; `same` belongs to the extension before it."""
    found: list[Step] = []
    for key, value in context.settings:
        if key == "exten":
            extension, priority, application = value.split(",", 2)
        elif key == "same":
            extension = found[-1].extension
            priority, application = value.split(",", 1)
        else:
            continue
        label = re.search(r"\((.*)\)", priority)
        found.append(Step(extension, label[1] if label else None, application))
    return found


def _setting(line: str) -> tuple[str, str] | None:
    # The name of an event filter holds brackets and commas, but no equals sign.
    found = SETTING.fullmatch(line)
    return (found["name"], found["value"]) if found else None


def _meaningful(text: str) -> Iterator[str]:
    for raw in text.splitlines():
        line = raw.partition(";")[0].strip()
        if line and not line.startswith("#"):
            yield line
