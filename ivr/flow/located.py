"""Where in a YAML file does a value stand?

Values are read as they are written: ``1``, ``no`` and ``0512`` are texts. PyYAML composes and constructs nothing, so no
tag of a file can make anything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import yaml

LONGEST_FILE = 64 * 1024  # characters; the largest that is shipped has 4000
_SPAN = re.compile(r"([0-9]{1,4})(ms|s|min)")
_UNITS = {"ms": timedelta(milliseconds=1), "s": timedelta(seconds=1), "min": timedelta(minutes=1)}


class InvalidFlow(ValueError):
    """A flow that cannot be used; each of the ``problems`` begins with file and line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a file. What is wrong with it is noted in ``problems``, which all values of a flow share."""

    node: yaml.Node
    file: str
    problems: list[str] = field(compare=False)

    @property
    def place(self) -> Place:
        return Place(self.file, self.node.start_mark.line + 1)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def complain(self, what: str) -> None:
        self.problems.append(f"{self.place}: {what}")

    def text(self) -> str:
        """Of a scalar; empty, with a complaint, if it is none."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            self.complain("a text is expected here")
            return ""
        return str(self.node.value).strip()

    def entries(self) -> "dict[str, Located]":
        """Of a mapping; those that come twice are complained of."""
        if not isinstance(self.node, yaml.MappingNode):
            self.complain("a mapping (name: value) is expected here")
            return {}
        found: dict[str, Located] = {}
        for key, value in self.node.value:
            name = self._beside(key).text()
            if name in found:
                self._beside(key).complain(f"{name!r} comes twice")
            found[name] = self._beside(value)
        return found

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> "dict[str, Located]":
        """Of a mapping with these fields only; fewer than ``required`` is complained of."""
        found = self.entries()
        for name, value in found.items():
            if name not in (*required, *optional):
                value.complain(f"there is no field {name!r} here; there are: {', '.join((*required, *optional))}")
        missing = [name for name in required if name not in found]
        if missing and self.is_mapping:
            self.complain(f"missing: {', '.join(missing)}")
        return found

    def listed(self) -> "list[Located]":
        """The items of a list; a single value is a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [self._beside(item) for item in self.node.value]
        return [self]

    def one_of(self, names: Iterable[str]) -> str:
        text, known = self.text(), list(names)
        if text and text not in known:
            self.complain(f"{text!r} is none of: {', '.join(known)}")
        return text

    def span(self) -> timedelta:
        """A time such as 6s, 500ms, 2min."""
        found = _SPAN.fullmatch(self.text())
        if found is None or not int(found[1]):
            self.complain("a time such as 6s or 500ms is expected here")
            return timedelta(seconds=1)
        return int(found[1]) * _UNITS[found[2]]

    def count(self, most: int) -> int:
        text = self.text()
        if not text.isdecimal() or not 1 <= int(text) <= most:
            self.complain(f"a number from 1 to {most} is expected here")
            return 1
        return int(text)

    def _beside(self, node: yaml.Node) -> "Located":
        return Located(node, self.file, self.problems)


def located(file: str, source: str, problems: list[str]) -> Located:
    """The document in a file; InvalidFlow if it is no YAML."""
    if len(source) > LONGEST_FILE:
        raise InvalidFlow([f"{file}:1: {len(source)} characters, {LONGEST_FILE} are allowed"])
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise InvalidFlow([f"{file}:{line}: {getattr(error, 'problem', None) or error}"]) from error
    except RecursionError as error:
        raise InvalidFlow([f"{file}:1: nested too deeply"]) from error
    if node is None:
        raise InvalidFlow([f"{file}:1: the file is empty"])
    return Located(node, file, problems)
