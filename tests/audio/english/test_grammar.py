from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.english.grammar import English
from audio.english.numerals import year
from audio.grammar import NameForm
from audio.values import OpeningHours, Person, PhoneKind, PhoneNumber, Sex

ENGLISH = English()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0), "midnight"),
        (time(0, 30), "twelve thirty at night"),
        (time(8), "eight in the morning"),
        (time(8, 5), "eight oh five in the morning"),
        (time(12), "noon"),
        (time(13, 45), "one forty-five in the afternoon"),
        (time(18), "six in the evening"),
        (time(22), "ten at night"),
    ],
)
def test_hours_are_said_by_the_twelve_of_the_clock(at: time, words: str) -> None:
    assert ENGLISH.clock(at) == words


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        ({1, 2, 3, 4, 5}, "on working days"),
        ({1, 2, 3, 4, 5, 6, 7}, "every day"),
        ({1, 2, 3}, "Monday to Wednesday"),
        ({2, 4}, "on Tuesday and on Thursday"),
        ({7}, "on Sunday"),
    ],
)
def test_opening_hours_name_their_days(weekdays: set[int], words: str) -> None:
    hours = OpeningHours(frozenset(weekdays), time(8), time(18))

    assert ENGLISH.opening_hours(hours) == f"{words} from eight in the morning to six in the evening"


def test_a_line_that_never_closes_is_open_around_the_clock() -> None:
    assert ENGLISH.opening_hours(OpeningHours(frozenset({6, 7}), time(0), time(0))) == (
        "on Saturday and on Sunday around the clock"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [(1905, "nineteen oh five"), (1900, "nineteen hundred"), (2000, "two thousand"), (2026, "twenty twenty-six")],
)
def test_a_year_is_said_in_pairs(number: int, words: str) -> None:
    assert year(number) == words


def test_a_year_beyond_the_words_is_refused() -> None:
    with pytest.raises(ValueError, match="999"):
        year(999)
    with pytest.raises(ValueError, match="-1"):
        ENGLISH.cardinal(-1)


def test_the_greeting_has_three_parts_of_the_day() -> None:
    assert [ENGLISH.greeting(time(hour)) for hour in (0, 11, 12, 17, 18)] == [
        "Good morning", "Good morning", "Good afternoon", "Good afternoon", "Good evening",
    ]  # fmt: skip


def test_a_promise_is_kept_until_a_weekday() -> None:
    friday = date(2026, 11, 27)

    assert ENGLISH.until_weekday(friday, ENGLISH.day(friday)) == "Friday, the twenty-seventh of November"


def test_names_stay_as_they_are_in_every_form() -> None:
    anna = Person("ANNA", "KOWALSKA-ŻAK", Sex.FEMALE)

    assert {ENGLISH.person(anna, form) for form in NameForm} == {"Anna Kowalska-Żak"}
    assert [ENGLISH.honorific(Person("A", "B", sex), NameForm.GENITIVE) for sex in (Sex.MALE, Sex.FEMALE, None)] == [
        "Mister", "Ms", None,
    ]  # fmt: skip


def test_numbers_that_identify_are_said_digit_by_digit() -> None:
    assert ENGLISH.phone(PhoneNumber("+447700900123", PhoneKind.FOREIGN)).startswith("plus four four seven seven")
    assert ENGLISH.case_number("FV-1#2") == "F V dash one number two"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Wzór Hurt Sp. z o.o.", "Wzór Hurt limited"),
        ("Atrapa Części S.A.", "Atrapa Części S A"),
        ("Fikcja Sp. j.", "Fikcja partnership"),
        ("Wzór & Syn", "Wzór and Syn"),
    ],
)
def test_a_companys_legal_form_is_said_in_words(name: str, words: str) -> None:
    assert ENGLISH.company(name) == words


@given(st.text())
def test_no_name_becomes_an_instruction_to_the_engine_or_ends_a_sentence(name: str) -> None:
    assert not set(ENGLISH.company(name)) & set("<>[]{}|\\/.!?\n\r\0")


def test_a_delay_is_whole_days() -> None:
    assert [ENGLISH.delay(timedelta(days=count)) for count in (1, 2)] == ["one day", "two days"]
    with pytest.raises(ValueError, match="whole number of days"):
        ENGLISH.delay(timedelta(hours=1))
