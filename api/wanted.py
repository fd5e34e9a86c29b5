"""What does a text look like that would have been taken?

Pydantic names the pattern that a text does not match; people mend what they sent by an example.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

_PATTERN = re.compile(r"String should match pattern '(?P<pattern>.*)'")
_ONE_LINE = re.compile(r"\^\[\^\\x00-\\x1f\\x7f\]\{(?P<least>\d+),(?P<most>\d+)\}\$")
_VALUE_ERROR = "Value error, "  # pydantic's, before words of our own


def told(message: str, model: type[BaseModel]) -> str:
    """What is wrong with a field, in words for people.

    Args:
        message: pydantic's.
        model: whose field it is, or of a model within it.
    """
    if found := _PATTERN.fullmatch(message):
        return _like(found["pattern"], model)
    return message.removeprefix(_VALUE_ERROR)


def _like(pattern: str, model: type[BaseModel]) -> str:
    if line := _ONE_LINE.fullmatch(pattern):
        return f"should be one line of {line['least']} to {line['most']} characters, without control characters"
    if (example := _examples(model).get(pattern)) is not None:
        return f"should be like {example!r} (it has to match {pattern})"
    return f"should match {pattern}"


@cache
def _examples(model: type[BaseModel]) -> Mapping[str, Any]:
    """The first example of every pattern."""
    return {node["pattern"]: node["examples"][0] for node in _nodes(model.model_json_schema()) if "examples" in node}


def _nodes(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Those that have a pattern."""
    if isinstance(schema, dict):
        if "pattern" in schema:
            yield schema
        for each in schema.values():
            yield from _nodes(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _nodes(each)
