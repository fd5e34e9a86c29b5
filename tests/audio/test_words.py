import json
from pathlib import Path

import pytest

from audio.grammar import Language
from audio.words import SPOKEN, NotSpoken, spoken

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "audio" / "spoken_pl.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [(kind, value, words) for kind, vectors in VECTORS.items() for value, words in vectors.items()],
)
def test_every_value_is_spoken_word_for_word(kind: str, value: str, words: str) -> None:
    assert spoken(kind, value) == words


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("date_until_weekday", "2026-11-27", "piątku, dwudziestego siódmego listopada"),
        ("hours", "08:00-18:00", "w dni robocze od godziny ósmej do godziny osiemnastej"),
        ("case_number", "004512", "zero zero cztery, pięć jeden dwa"),
        ("greeting", "17:59", "Dzień dobry"),
        ("greeting", "18:00", "Dobry wieczór"),
        ("company", "Wzór Hurt Sp. z o.o.", "Wzór Hurt spółka z o o"),
        ("name_nominative", "Jan Gołąb", "Jan Gołąb"),
        ("name_genitive", "Jan Kowalski:M", "pana Jana Kowalskiego"),
        ("name_instrumental", "Anna Nowak:F", "panią Anną Nowak"),
        ("name_genitive", "Anna Maria Nowak:F", "pani Anny Marii Nowak"),
        ("name_genitive", "Jan Nowak - Kowalski:M", "pana Jana Nowaka-Kowalskiego"),
    ],
)
def test_what_the_vectors_leave_out_is_spoken_too(kind: str, value: str, words: str) -> None:
    assert spoken(kind, value) == words


@pytest.mark.parametrize(
    ("kind", "values"),
    {
        "amount_PLN": [
            "1_000",
            "1e5",
            "1e999999",
            "1e-3",
            "153,20",
            "1\u00a0234.50",
            "５",
            "+5",
            "",
            "NaN",
            "-0.01",
            "9" * 99,
        ],
        "cardinal": ["1_000", "1e3", "١٢", "-1", "9" * 99],
        "days": ["1.5", "-3", "99999999999999"],
        "date_genitive": ["2026-02-29", "20260301", "2026-W10-1", "2026-03-01T10:00"],
        "clock_genitive": ["24:00", "0800", "08:00:30", "08:00+02:00"],
        "hours": ["8-18", "08:00-25:00"],
        "document_number": ["FV²/1", "FV(1)", "Ж12"],
    }.items(),
)
def test_what_is_written_otherwise_is_refused(kind: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(NotSpoken, match=f"not spoken as {kind}"):
            spoken(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("amount_PLN", "0.01", "jeden grosz"),
        ("amount_PLN", "0", "zero złotych"),
        ("amount_PLN", "\u00a05.00 ", "pięć złotych"),
        ("date_genitive", "2028-02-29", "dwudziestego dziewiątego lutego"),
        ("clock_genitive", "8:05", "ósmej zero pięć"),
    ],
)
def test_odd_values_are_spoken(kind: str, value: str, words: str) -> None:
    assert spoken(kind, value) == words


@pytest.mark.parametrize("kind", SPOKEN)
def test_nonsense_is_refused_by_every_kind(kind: str) -> None:
    with pytest.raises(NotSpoken, match=f"not spoken as {kind}"):
        spoken(kind, "?")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("amount_PLN", "1.01", "one zloty and one grosz"),
        ("date_on_weekday", "2026-12-01", "on Tuesday, the first of December"),
        ("date_genitive_year", "2030-01-01", "the first of January twenty thirty"),
        ("hours", "08:00-18:00", "on working days from eight in the morning to six in the evening"),
        ("document_number", "FV/1/2026", "F V slash one slash two zero two six"),
        ("name_genitive", "Jan Kowalski:M", "Mister Jan Kowalski"),
    ],
)
def test_the_same_kinds_are_spoken_in_english(kind: str, value: str, words: str) -> None:
    assert spoken(kind, value, Language.ENGLISH) == words


@pytest.mark.parametrize("kind", ["name_genitive", "name_instrumental"])
@pytest.mark.parametrize("value", ["Jan Gołąb:M", "Jan Kowalski", "Kowalski:M", "Jan Kowalski:X"])
def test_a_name_that_is_not_certain_is_not_said(kind: str, value: str) -> None:
    with pytest.raises(NotSpoken, match="not spoken as name_"):
        spoken(kind, value)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(NotSpoken, match="amount_PLN"):
        spoken("amount_XXX", "1.00")
