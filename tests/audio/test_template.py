import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import texts
from audio.grammar import Language
from audio.template import LONGEST_TEXT, InvalidTemplate, Template, UnspeakableValue
from audio.values import Currency, Money, OpeningHours, Person, PhoneKind, PhoneNumber, Sex
from audio.variables import VARIABLES

SCRIPTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "audio" / "scripts.json").read_text(encoding="utf-8")
)
TODAY = date(2026, 11, 23)
JAN = Person("Jan", "Kowalski", Sex.MALE)
PERSONS = {
    "Jan Kowalski": JAN,
    "Anna Nowak": Person("Anna", "Nowak", Sex.FEMALE),
    "Kuba Zięba": Person("Kuba", "Zięba", Sex.MALE),
    "Noemi Cicha": Person("Noemi", "Cicha", Sex.FEMALE),
}


def values(person: Person = JAN, **others: object) -> Mapping[str, object]:
    named = dict.fromkeys(["name", "name_gen", "name_instr", "honor_gen", "honor_instr"], person)
    return {
        **named,
        "brand": "Energia Przykładowa",
        "brand_neutral": "Energia Przykładowa",
        "creditor": "Energia Przykładowa",
        "company": "Wzór Hurt",
        "callback": PhoneNumber("+48380000052", PhoneKind.FIXED),
        "hours": OpeningHours(frozenset({1, 2, 3, 4, 5}), time(8), time(18)),
        "case": "004512",
        "amount": Money(Decimal("153.20"), Currency.PLN),
        "invoice": "FV/123/11/2026",
        "acc4": "1207",
        "issue_date": date(2026, 11, 16),
        "due_date": date(2026, 11, 30),
        "due_on": date(2026, 11, 30),
        "overdue_days": timedelta(days=24),
        "as_of_date": TODAY,
        "deadline": date(2026, 12, 4),
        "block_date": date(2026, 12, 7),
        "block_subject": "świadczenie usług",
        "registry": "Biuro Przykładowe",
        "letter_date": date(2026, 10, 12),
        "promise_date": date(2026, 11, 27),
        "promise_on": date(2026, 11, 27),
        "promise_d1": date(2026, 11, 27),
        "promise_d2": date(2026, 11, 30),
        **others,
    }


GREETINGS = {Language.POLISH: "Dzień dobry. ", Language.ENGLISH: "Good morning. "}


def heard(text: str, said: Mapping[str, object], language: Language = Language.POLISH) -> str:
    """As the callee hears it in the morning: with the greeting in its place."""
    template = Template.parse(text, language)
    return (GREETINGS[language] if template.greets else "") + template.render(said, today=TODAY)


@pytest.mark.parametrize("block", SCRIPTS["blocks"].values(), ids=SCRIPTS["blocks"].keys())
def test_every_shared_block_is_spoken_word_for_word(block: dict[str, str]) -> None:
    assert heard(block["pl"], values()) == block["pl_rendered"]


@pytest.mark.parametrize(
    ("script", "sample"),
    [(script, sample) for script in SCRIPTS["scripts"] for sample in script["rendered"]],
    ids=lambda part: part.get("id") or part["person"],
)
def test_every_script_is_spoken_word_for_word(script: dict[str, str], sample: dict[str, str]) -> None:
    overdue = {"invoice": "FV/123/10/2026", "due_date": date(2026, 10, 30)} if script["stage"] == "overdue" else {}

    assert heard(script["pl"], values(PERSONS[sample["person"]], **overdue)) == sample["pl"]


@pytest.mark.parametrize("block", SCRIPTS["blocks"].values(), ids=SCRIPTS["blocks"].keys())
def test_every_shared_block_is_spoken_word_for_word_in_english(block: dict[str, str]) -> None:
    assert heard(block["en"], values(), Language.ENGLISH) == block["en_rendered"]


@pytest.mark.parametrize(
    ("script", "sample"),
    [(script, sample) for script in SCRIPTS["scripts"] for sample in script["rendered"]],
    ids=lambda part: part.get("id") or part["person"],
)
def test_every_script_is_spoken_word_for_word_in_english(script: dict[str, str], sample: dict[str, str]) -> None:
    overdue = {"invoice": "FV/123/10/2026", "due_date": date(2026, 10, 30)} if script["stage"] == "overdue" else {}
    said = values(PERSONS[sample["person"]], block_subject="the service", **overdue)

    assert heard(script["en"], said, Language.ENGLISH) == sample["en"]


def test_what_differs_between_debtors_is_marked_personal() -> None:
    common = {name for name, variable in VARIABLES.items() if not variable.is_personal}

    assert common == {"brand", "brand_neutral", "callback", "hours"}
    assert Template.parse("{brand}. Sprawa {case}. Kwota: {amount}.").personal == {"case", "amount"}


@pytest.mark.parametrize("script", SCRIPTS["scripts"], ids=lambda script: str(script["id"]))
def test_a_script_names_its_variables(script: dict[str, Any]) -> None:
    template = Template.parse(script["pl"])

    assert template.variables | ({"greeting"} if template.greets else set()) == set(script["variables"])


def test_what_discloses_the_debt_is_marked_sensitive() -> None:
    assert {name for name, variable in VARIABLES.items() if variable.is_sensitive} == set(
        SCRIPTS["sensitive_variables"]
    )


@pytest.mark.parametrize(
    "sign", ["\u043e", "\u03bf", "\u200b", "\u00ad", "\ufeff", "ｋ"]
)  # о, ο, nothing, nothing, nothing, ｋ
def test_a_letter_that_only_looks_like_one_is_refused(sign: str) -> None:
    with pytest.raises(InvalidTemplate, match="at 2 is no Latin letter"):
        Template.parse(f"k{sign}mornik")


def test_letters_in_two_parts_are_put_together() -> None:
    assert Template.parse("Dzie\u0144 i sie\u0328.") == Template.parse("Dzień i się.")


def test_a_text_tells_what_it_discloses() -> None:
    template = Template.parse("Sprawa {case}. Kwota do zapłaty: {amount}. Termin: {due_date}.")

    assert template.sensitive == {"amount", "due_date"}


def test_anybody_may_hear_the_shipped_message_to_a_person() -> None:
    assert not texts.CALL_BACK.sensitive
    assert not texts.CALL_BACK_NEUTRAL_FRAME.sensitive


def test_a_person_with_a_certain_name_is_addressed_by_it() -> None:
    text = texts.TEXTS[Language.POLISH].calls_back(JAN).render(values(JAN), today=TODAY)

    assert "Ta wiadomość jest przeznaczona dla pana Jana Kowalskiego." in text


def test_a_person_with_an_uncertain_name_gets_the_neutral_frame() -> None:
    uncertain = Person("Jan", "Gołąb", Sex.MALE)

    text = texts.TEXTS[Language.POLISH].calls_back(uncertain).render(values(uncertain), today=TODAY)

    assert "Wiadomość jest przeznaczona dla osoby: Jan Gołąb." in text


@pytest.mark.parametrize("name", [each.name for each in fields(texts.Texts)])
def test_a_shipped_text_tells_no_more_in_one_language_than_in_another(name: str) -> None:
    polish, english = (getattr(texts.TEXTS[language], name) for language in (Language.POLISH, Language.ENGLISH))

    assert english.language is Language.ENGLISH
    assert english.sensitive == polish.sensitive
    assert english.greets == polish.greets


def test_a_company_hears_what_it_owes_to_whom() -> None:
    text = texts.OVERDUE_COMPANY.render(values(company="Wzór Hurt Sp. z o.o."), today=TODAY)

    assert "dla firmy Wzór Hurt spółka z o o." in text
    assert "Dzwonimy w imieniu firmy Energia Przykładowa." in text
    assert "Kwota do zapłaty: sto pięćdziesiąt trzy złote dwadzieścia groszy." in text


@pytest.mark.parametrize("text", [texts.CALL_BACK, texts.CALL_BACK_NEUTRAL_FRAME, texts.OVERDUE_COMPANY])
def test_every_shipped_message_greets_and_calls_itself_automatic(text: Template) -> None:
    spoken = text.render(values(), today=TODAY)

    assert text.greets
    assert "wiadomość automatyczna, odczytywana głosem syntetycznym" in spoken


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "says nothing"),
        ("{greeting}. ", "says nothing"),
        ("Kwota: {amout}.", "unknown variable {amout} at 8"),
        ("Kwota: {amount.", "brace '{' at 8"),
        ("Kwota: amount}.", "brace '}' at 14"),
        ("Kwota: {{amount}}.", "brace '{' at 8"),
        ("Kwota: {amount.__class__}.", "brace '{' at 8"),
        ("Kwota: {amount:>10}.", "brace '{' at 8"),
        ("Kwota: {}.", "brace '{' at 8"),
        ("Mówimy: {greeting}.", "only possible as the first sentence"),
        ("Kwota: <break/> {amount}.", "character '<' at 8 is not allowed"),
        ("[[x]]", "character '[' at 1 is not allowed"),
        ("Raz\0dwa", "not allowed"),
        ("a" * (LONGEST_TEXT + 1), "2001 characters, 2000 are allowed"),
    ],
)
def test_a_text_that_could_not_be_spoken_is_refused_when_saved(text: str, problem: str) -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        Template.parse(text)
    assert problem in str(refusal.value)


def test_all_problems_of_a_text_are_told_at_once() -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        Template.parse("{one} {two} <b>")
    assert len(refusal.value.problems) == 4


@given(st.text("{}<[ab. \n{}", max_size=30))
def test_any_text_is_either_a_template_or_refused(text: str) -> None:
    try:
        template = Template.parse(text)
    except InvalidTemplate:
        assert set(text) & set("{}<[") or not text.strip()
    else:
        assert template.render({}, today=TODAY) == " ".join(text.split())


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("amount", "153.20", "a Money is needed, not a str"),
        ("due_date", datetime(2026, 11, 30, tzinfo=UTC), "a date is needed, not a datetime"),
        ("brand", "<>", "it is empty"),
        ("invoice", "FV*1", "a document number has"),
        ("name_gen", Person("Jan", "Gołąb", Sex.MALE), "use the text with the neutral frame"),
    ],
)
def test_a_value_that_cannot_be_said_stops_the_message(variable: str, value: object, reason: str) -> None:
    template = Template.parse(f"Mówimy: {{{variable}}}.")

    with pytest.raises(UnspeakableValue, match=reason) as failure:
        template.render({variable: value}, today=TODAY)
    assert failure.value.variable == variable


def test_a_missing_value_stops_the_message() -> None:
    with pytest.raises(UnspeakableValue, match=r"\{amount\} cannot be said: it has no value"):
        Template.parse("Kwota: {amount}.").render({}, today=TODAY)


def test_a_value_is_never_read_as_a_template() -> None:
    spoken = Template.parse("Firma {brand}.").render({"brand": "A {amount} B"}, today=TODAY)

    assert spoken == "Firma A amount B."
