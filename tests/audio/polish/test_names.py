import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.polish.declension import surname_forms
from audio.polish.names import (
    honorific_genitive,
    honorific_instrumental,
    is_addressed_surely,
    name_genitive,
    name_instrumental,
    name_nominative,
)
from audio.values import Person, Sex

FIXTURES = Path(__file__).parents[2] / "fixtures" / "audio"


def cases(file: str) -> list[tuple[str, str, str, str]]:
    with (FIXTURES / file).open(encoding="utf-8") as lines:
        return [(row["sex"], row["nominative"], row["genitive"], row["instrumental"]) for row in csv.DictReader(lines)]


def person(name: str, sex: str | None) -> Person:
    first, last = name.split(" ", 1)
    return Person(first, last, Sex(sex) if sex else None)


@pytest.mark.parametrize(
    ("sex", "nominative", "genitive", "instrumental"), cases("name_cases.csv") + cases("name_cases_men.csv")
)
def test_a_name_is_declined_as_people_decline_it(sex: str, nominative: str, genitive: str, instrumental: str) -> None:
    named = person(nominative, sex)

    assert (name_genitive(named), name_instrumental(named)) == (genitive, instrumental)


@pytest.mark.parametrize(
    ("sex", "name"),
    [
        ("M", "Jan Gołąb"),  # Gołębia or Gołąba
        ("M", "Jan Marzec"),
        ("M", "Jan Mróz"),
        ("M", "Jan Kozioł"),
        ("M", "Jan Kennedy"),
        ("M", "Jan Goya"),
        ("M", "Bruno Nowak"),  # Brunona or Bruna
        ("M", "Dżordż Nowak"),
        ("M", "Jan Boniek"),  # Bońka: the consonant before it softens
        ("M", "Jan Boy-Żeleński"),  # the byname stays as it is
        ("F", "Sonia Nowak"),  # Soni or Sonii
        ("F", "Anna Gruba"),  # Grubej or Gruby
        ("F", "Anna Trzaska"),  # a noun, though it ends like an adjective
        ("F", "Anna Kania"),
        ("F", "Renée Nowak"),
        ("F", "Jan Nowak"),  # the feed contradicts itself
        ("F", "Anna Kowalski"),
        ("M", "Jan Kowalska"),
        ("M", "Jan Jasna"),
        ("M", "Anna Nowak"),
        (None, "Jan Kowalski"),
    ],
)
def test_what_is_not_certain_is_not_declined(sex: str | None, name: str) -> None:
    named = person(name, sex)

    assert (name_genitive(named), name_instrumental(named)) == (None, None)
    assert not is_addressed_surely(named)


def test_the_forms_that_the_client_gives_come_first() -> None:
    named = Person("Jan", "Gołąb", Sex.MALE, genitive="Jana Gołębia", instrumental="Janem Gołębiem")

    assert (name_genitive(named), name_instrumental(named)) == ("Jana Gołębia", "Janem Gołębiem")
    assert is_addressed_surely(named)


def test_without_the_sex_nobody_is_called_sir_or_madam() -> None:
    named = Person("Jan", "Gołąb", None, genitive="Jana Gołębia", instrumental="Janem Gołębiem")

    assert (honorific_genitive(named), honorific_instrumental(named)) == (None, None)
    assert not is_addressed_surely(named)


def test_a_name_in_capitals_is_the_same_name() -> None:
    shouted = Person("ANNA MARIA", "KOWALSKA-ŻAK", Sex.FEMALE)

    assert name_nominative(shouted) == "Anna Maria Kowalska-Żak"
    assert name_genitive(shouted) == "Anny Marii Kowalskiej-Żak"


@pytest.mark.parametrize(
    ("surname", "genitive", "instrumental"),
    [
        ("Stępień", "Stępnia", "Stępniem"),
        ("Wilk", "Wilka", "Wilkiem"),
        ("Bednarz", "Bednarza", "Bednarzem"),
        ("Szewczenko", "Szewczenki", "Szewczenką"),
        ("Wałęsa", "Wałęsy", "Wałęsą"),
        ("Soja", "Soi", "Soją"),
        ("Musiał", "Musiała", "Musiałem"),
        ("Konieczny", "Koniecznego", "Koniecznym"),
    ],
)
def test_surnames_of_men_follow_the_rule_for_their_ending(surname: str, genitive: str, instrumental: str) -> None:
    forms = surname_forms(surname, Sex.MALE)

    assert forms is not None
    assert (forms.genitive, forms.instrumental) == (genitive, instrumental)


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from([*Sex, None]))
def test_any_text_for_a_name_is_declined_or_refused_but_never_breaks(first: str, last: str, sex: Sex | None) -> None:
    named = Person(first, last, sex)

    assert (name_genitive(named) is None) == (name_instrumental(named) is None)
