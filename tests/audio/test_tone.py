import json
import re
from pathlib import Path
from typing import Any

import pytest

from audio.grammar import Language
from audio.tone import Fault, Found, faults

SCRIPTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "audio" / "scripts.json").read_text(encoding="utf-8")
)
FORBIDDEN = [(pattern, Fault.HARSH) for pattern in SCRIPTS["forbidden_patterns"]]
MARKETING = [(pattern, Fault.MARKETING) for pattern in SCRIPTS["marketing_patterns"]]


def example(pattern: str) -> str:
    """A word of that pattern: its first alternatives, grown by a letter where a word may go on."""
    word = re.sub(r"\(\?:([^|)]*)[^)]*\)\??", r"\1", pattern).replace(r"\b", "")
    return word if pattern.endswith(r"\b") else f"{word}a"


@pytest.mark.parametrize(("pattern", "fault"), FORBIDDEN + MARKETING)
def test_every_pattern_is_caught(pattern: str, fault: Fault) -> None:
    word = example(pattern)
    assert re.search(pattern, word)

    assert faults(f"Informujemy, {word.upper()} czeka.") == [Found(word, fault)]


@pytest.mark.parametrize(("pattern", "fault"), FORBIDDEN + MARKETING)
def test_no_pattern_hides_behind_missing_diacritics(pattern: str, fault: Fault) -> None:
    word = example(pattern).translate(str.maketrans("ąćęłńóśźż", "acelnoszz"))

    assert [each.fault for each in faults(f"Informujemy, {word} czeka.")] == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "Przepraszamy, w tej chwili wszyscy konsultanci są zajęci.",
        "Przepraszamy, w tej chwili wszyscy konsultanci sa zajeci.",
        "Prosimy o osąd. Rozsądny termin. Bezpośrednio.",
        "Wystawiliśmy fakturę za sądeckie jabłka.",
        "Wpłata pozwoli tego uniknąć i pozwala zapłacić później. Sądzimy, że to pomyłka.",
        "Faktura za sad i sadzonki w sadach została wysłana w roku przestępnym.",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "w sądzie", "postępowaniem sądowym", "kosztami sądowymi", "przed sądami", "złożymy pozwy", "został pan pozwany",
        "pozwiemy pana", "wyegzekwujemy to", "przestępca", "oszukał pan nas", "sąsiedzi", "zlicytujemy dom",
    ],
)  # fmt: skip
def test_no_inflected_form_is_gentler(text: str) -> None:
    assert [each.fault for each in faults(f"Zażółć gęślą jaźń, {text}.")] == [Fault.HARSH]


@pytest.mark.parametrize("text", ["oferujemy więcej", "nowe produkty", "nowego produktu", "dwie pożyczki", "pożyczek"])
def test_no_inflected_form_sells_less(text: str) -> None:
    assert [each.fault for each in faults(text)] == [Fault.MARKETING]


@pytest.mark.parametrize(
    "text",
    [
        "KOMORNIK", "kom\u00adornik", "ko\u200bmornik", "k-o-m-o-r-n-i-k", "k o m o r n i k", "komor.nik", "komor'nik",
        "ｋｏｍｏｒｎｉｋ", "wie\u0328zienie", "wiezienie grozi", "pod\u00a0rygorem",
    ],
)  # fmt: skip
def test_no_way_of_writing_hides_a_word(text: str) -> None:
    assert [each.fault for each in faults(f"Zażółć gęślą jaźń: {text}!")] == [Fault.HARSH]


@pytest.mark.parametrize("script", [*SCRIPTS["blocks"].values(), *SCRIPTS["scripts"]], ids=lambda each: each["pl"][:30])
def test_the_shipped_texts_are_gentle_in_both_languages(script: dict[str, str]) -> None:
    assert faults(script["pl"]) == []
    assert faults(script["en"], Language.ENGLISH) == []


@pytest.mark.parametrize("text", ["We will inform the police.", "The court decides.", "A new loan for you."])
def test_english_is_listened_to_as_well(text: str) -> None:
    assert len(faults(text, Language.ENGLISH)) == 1


def test_words_that_somebody_approved_pass_and_no_others() -> None:
    text = "Komornik i sąd, sąd i komornik."

    assert [found.word for found in faults(text)] == ["komornik", "sąd"]
    assert [found.word for found in faults(text, approved=["SĄD"])] == ["komornik"]
    assert [found.word for found in faults("Komornik-sądowy, p-o-l-i-c-j-a.", approved=["komornik"])] == [
        "sądowy", "policja",
    ]  # fmt: skip


def test_a_fault_says_what_is_wrong() -> None:
    assert [str(found) for found in faults("Komornik ma rabat.")] == [
        "'komornik' frightens, shames or threatens",
        "'rabat' sells something",
    ]
