"""Which languages are there?"""

from collections.abc import Mapping
from types import MappingProxyType

from audio.english.grammar import English
from audio.grammar import Grammar, Language
from audio.polish.grammar import Polish

GRAMMARS: Mapping[Language, Grammar] = MappingProxyType(
    {grammar.language: grammar for grammar in (Polish(), English())}
)
