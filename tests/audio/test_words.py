import json
from pathlib import Path

import pytest

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
    ],
)
def test_what_the_vectors_leave_out_is_spoken_too(kind: str, value: str, words: str) -> None:
    assert spoken(kind, value) == words


@pytest.mark.parametrize("kind", SPOKEN)
def test_nonsense_is_refused_by_every_kind(kind: str) -> None:
    with pytest.raises(NotSpoken, match=f"not spoken as {kind}"):
        spoken(kind, "?")


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(NotSpoken, match="amount_PLN"):
        spoken("amount_XXX", "1.00")
