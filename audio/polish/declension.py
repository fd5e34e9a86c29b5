"""What are the genitive and the instrumental of a Polish first name or surname? None where the rules are not certain.

Rules after the Polish Language Council's advice on declining names. What has two accepted forms (Gołąb: Gołębia,
Gołąba; Bruno: Brunona, Bruna), looks foreign, or cannot be told apart by its ending is refused.
"""

import re
from dataclasses import dataclass
from typing import Final

from audio.polish import known_names
from audio.values import Sex


@dataclass(frozen=True, slots=True)
class Forms:
    """A name in the two cases that the messages need."""

    genitive: str
    instrumental: str


_POLISH_NAME = re.compile(r"[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+")
_VOWELS: Final = "aeiouyąęó"
_PLAIN_MASCULINE_END = re.compile(r"i?[aiyuo](ch|cz|sz|rz|[bdfgjklmnprstwzż])|i?[aiyu][cł]|ąk")
_ADJECTIVE_ENDS: Final = ("ski", "cki", "dzki")
_HARD_ADJECTIVE_ENDS: Final = ("ny", "ły", "chy", "wy")
_FEMININE_ADJECTIVE = re.compile(r".*[wńlrmjpbntłgdz]ska|...+[aeiouyąę](cka|dzka)")


def first_name_forms(name: str, sex: Sex) -> Forms | None:
    """Men's names from a list (vowels come and go: Marek, Marka; Marcel, Marcela), women's by their ending."""
    if not _POLISH_NAME.fullmatch(name):
        return None
    if sex is Sex.MALE:
        return _masculine_first_name(name)
    if name in known_names.MEN:
        return None  # the feed contradicts itself
    return _feminine_first_name(name)


def surname_forms(name: str, sex: Sex) -> Forms | None:
    """One part of a surname; the parts of a double surname are declined one by one."""
    if not _POLISH_NAME.fullmatch(name):
        return None
    return _masculine_surname(name) if sex is Sex.MALE else _feminine_surname(name)


def _masculine_first_name(name: str) -> Forms | None:
    if name not in known_names.MEN:
        return None
    if name[-1] == "a":
        return _noun_in_a(name)
    if name[-1] in "iy":
        return _masculine_adjective(name)
    return _masculine_noun(known_names.STEMS.get(name) or _without_fleeting_vowel(name))


def _feminine_first_name(name: str) -> Forms | None:
    if name[-1] != "a":
        return _unchanged(name)  # Karmen, Noemi, Beatrycze
    return _noun_in_a(name)


def _masculine_surname(name: str) -> Forms | None:
    if _is_feminine_adjective(name):
        return None  # the feed contradicts itself
    if name.endswith(_ADJECTIVE_ENDS + _HARD_ADJECTIVE_ENDS) or name in known_names.ADJECTIVAL_SURNAMES:
        return _masculine_adjective(name)
    if name.endswith(("a", "jko", "czko", "szko", "enko", "Fredro")):
        return _noun_in_a(name[:-1] + "a")  # Matejko declines like a noun in -a: Matejki, Matejką
    if stem := known_names.STEMS.get(name):
        return _masculine_noun(stem)
    if name.endswith("iek"):
        return None  # Boniek: Bońka, Lubiek: Lubka
    if name.endswith("ek") and _syllables(name) > 1:
        return _masculine_noun(_without_fleeting_vowel(name))
    return _masculine_noun(name) if _is_plain_masculine(name) else None


def _feminine_surname(name: str) -> Forms | None:
    if name.endswith(_ADJECTIVE_ENDS):
        return None  # a man's form: the feed contradicts itself
    if name[-1] != "a":
        return _unchanged(name)  # Nowak, Batory, Matejko: a woman's surname not in -a does not change
    if _is_feminine_adjective(name):
        return _feminine_adjective(name)
    # Zięba is a noun and Jasna an adjective: the ending does not tell them apart.
    return _noun_in_a(name) if name in known_names.NOUN_SURNAMES_IN_A else None


def _is_feminine_adjective(name: str) -> bool:
    in_a_list = name[-1] == "a" and name in known_names.ADJECTIVAL_SURNAMES
    return in_a_list or _FEMININE_ADJECTIVE.fullmatch(name) is not None


def _unchanged(name: str) -> Forms:
    return Forms(name, name)


def _masculine_adjective(name: str) -> Forms:
    """Kowalski → Kowalskiego, Kowalskim; Jasny → Jasnego, Jasnym."""
    stem = name if name[-1] == "i" else name[:-1]
    return Forms(stem + "ego", name + "m")


def _feminine_adjective(name: str) -> Forms:
    """Kowalska → Kowalskiej, Kowalską; Jasna → Jasnej, Jasną."""
    stem = name[:-1]
    return Forms(stem + ("iej" if stem[-1] in "kg" else "ej"), stem + "ą")


def _masculine_noun(stem: str) -> Forms:
    """Nowak → Nowaka, Nowakiem; Lis → Lisa, Lisem; softened stems end in -i: Stępni- → Stępnia, Stępniem."""
    return Forms(stem + "a", stem + ("iem" if stem[-1] in "kg" else "em"))


def _noun_in_a(name: str) -> Forms | None:
    """Zięba → Zięby, Ziębą; Duda → Dudy; Kukułka → Kukułki; Kaja → Kai; Maria → Marii; Kasia → Kasi."""
    stem = name[:-1]
    genitive = _genitive_in_i(name, stem) if stem[-1] in "ij" else _genitive_after_consonant(stem)
    return Forms(genitive, stem + "ą") if genitive else None


def _genitive_after_consonant(stem: str) -> str | None:
    if stem[-1] in _VOWELS + "ńśźć":
        return None
    return stem + ("i" if stem[-1] in "kgl" else "y")


def _genitive_in_i(name: str, stem: str) -> str | None:
    if stem[-1] == "j":
        return (stem[:-1] if stem[-2] in _VOWELS else stem) + "i"
    # After r, l, d, t a word in -ia is a borrowed one and doubles its i; after others only the list tells.
    if name.endswith(("ria", "lia", "dia", "tia")) or name in known_names.WOMEN_IN_II:
        return stem + "i"
    return stem if name.endswith(("sia", "zia")) or name in known_names.WOMEN_IN_I else None


def _without_fleeting_vowel(name: str) -> str:
    """Marek → Mark-, Kaczmarek → Kaczmark-; other names are their own stem."""
    return name[:-2] + "k" if name.endswith("ek") else name


def _is_plain_masculine(name: str) -> bool:
    """Whether the stem surely stays as it is: its last vowel can neither fall out (e) nor change (ó)."""
    ending = re.search(r"[aeiouyąęó]+[^aeiouyąęó]+$", name)
    return ending is not None and _PLAIN_MASCULINE_END.fullmatch(ending[0]) is not None


def _syllables(name: str) -> int:
    return len(re.findall(r"[aeouyąęó]|i(?![aeouyąęó])", name.lower()))
