"""How are a row's texts turned into values, noting on the way what is wrong with them?"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from dialer.core.cases import Currency
from dialer.core.codes import Code

LONGEST_CASE_ID = 40

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


def present(raw: Mapping[str, str | None]) -> dict[str, str]:
    """The row's values that are there: None, blank and absent are the same."""
    return {name: text for name, sent in raw.items() if sent and (text := sent.strip())}


class Reading:
    """A row's values, and what was noticed while reading them.

    It asks for the exact type, as nothing is derived from an enumeration: ``isinstance`` takes five times as long,
    twenty times for each row.
    """

    __slots__ = ("codes", "values")

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.codes: list[Code] = []

    def required(self, name: str, parse: Callable[[str], T | Code]) -> T | None:
        text = self.values.get(name)
        parsed = Code.E_REQUIRED if text is None else parse(text)
        if type(parsed) is Code:
            self.codes.append(parsed)
            return None
        return parsed

    def required_text(self, name: str) -> str | None:
        text = self.values.get(name)
        if text is None:
            self.codes.append(Code.E_REQUIRED)
        return text

    def optional(self, name: str, parse: Callable[[str], T | Code]) -> T | None:
        text = self.values.get(name)
        if text is None:
            return None
        parsed = parse(text)
        if type(parsed) is Code:
            self.codes.append(parsed)
            return None
        return parsed


def one_of(choices: type[Choice], refusal: Code) -> Callable[[str], Choice | Code]:
    by_value = {choice.value: choice for choice in choices}
    return lambda text: by_value.get(text, refusal)


def matching(pattern: str, refusal: Code) -> Callable[[str], str | Code]:
    compiled = re.compile(pattern)
    return lambda text: text if compiled.fullmatch(text) else refusal


parse_currency = one_of(Currency, Code.E_CURRENCY)
parse_case_id = matching(rf"[A-Za-z0-9/_.\-]{{1,{LONGEST_CASE_ID}}}", Code.E_CASE_ID_FORMAT)
parse_version = matching(r"[0-9]{1,18}", Code.E_VERSION_FORMAT)
