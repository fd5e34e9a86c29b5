"""How does English answer what every language is asked? Polish names and numbers, spoken to a foreigner."""

import re
from datetime import date, time, timedelta

from audio.digits import document_parts, is_digits, national_groups, only_digits, threes
from audio.english import dates, numerals
from audio.grammar import Language, NameForm
from audio.names import in_title_case
from audio.values import Currency, Money, OpeningHours, Person, PhoneKind, PhoneNumber, Sex

_UNITS = {
    Currency.PLN: (("zloty", "zlotys"), ("grosz", "groszy")),
    Currency.EUR: (("euro", "euros"), ("cent", "cents")),
    Currency.CZK: (("Czech crown", "Czech crowns"), ("heller", "hellers")),
    Currency.USD: (("US dollar", "US dollars"), ("cent", "cents")),
    Currency.GBP: (("British pound", "British pounds"), ("penny", "pence")),
}
_SIGNS = {"/": "slash", "\\": "slash", "-": "dash", ".": "dot", "_": "underscore", "#": "number"}
_LEGAL_FORMS = (
    (re.compile(r"\bsp\.?\s*z\s*o\.?\s?o\b\.?", re.I), "limited"),
    (re.compile(r"\bs\.\s?a\.", re.I), "S A"),
    (re.compile(r"\bsp\.\s*[jkp]\b\.?|\bs\.\s?c\.", re.I), "partnership"),
)
_UNSPEAKABLE = re.compile(r"[^\w ,'&+-]|_")


class English:
    """Names stay as they are: English has no cases to get wrong."""

    language = Language.ENGLISH

    def cardinal(self, number: int) -> str:
        return numerals.cardinal(number)

    def amount(self, money: Money) -> str:
        """153.20 PLN → one hundred and fifty-three zlotys and twenty groszy; an empty part is not said."""
        whole, hundredths = money.parts()
        unit, subunit = _UNITS[money.currency]
        words = [numerals.counted(whole, *unit)] if whole or not hundredths else []
        if hundredths:
            words.append(numerals.counted(hundredths, *subunit))
        return " and ".join(words)

    def delay(self, days: timedelta) -> str:
        if days < timedelta(0) or days % timedelta(days=1):
            raise ValueError(f"a delay is a whole number of days, not {days}")
        return numerals.counted(days.days, "day", "days")

    def day(self, day: date) -> str:
        return dates.day(day)

    def day_and_year(self, day: date) -> str:
        return dates.day_and_year(day)

    def on_weekday(self, day: date, spoken_date: str) -> str:
        return f"on {dates.weekday(day)}, {spoken_date}"

    def until_weekday(self, day: date, spoken_date: str) -> str:
        return f"{dates.weekday(day)}, {spoken_date}"

    def clock(self, clock: time) -> str:
        return dates.clock(clock)

    def opening_hours(self, hours: OpeningHours) -> str:
        return dates.opening_hours(hours)

    def greeting(self, clock: time) -> str:
        return dates.greeting(clock)

    def digits(self, text: str) -> str:
        return " ".join(numerals.cardinal(int(digit)) for digit in only_digits(text))

    def case_number(self, text: str) -> str:
        return ", ".join(map(self.digits, threes(text))) if is_digits(text) else self.document_number(text)

    def document_number(self, text: str) -> str:
        """FV/123 → F V slash one two three: digits one by one, whatever they count."""
        return " ".join(
            self.digits(part) if part.isdigit() else _SIGNS.get(part, part) for part in document_parts(text)
        )

    def phone(self, number: PhoneNumber) -> str:
        if number.kind is PhoneKind.FOREIGN:
            return f"plus {self.digits(number.e164[1:])}"
        return ", ".join(map(self.digits, national_groups(number)))

    def company(self, name: str) -> str:
        for legal_form, words in _LEGAL_FORMS:
            name = legal_form.sub(words, name)
        return " ".join(_UNSPEAKABLE.sub(" ", name.replace("&", " and ")).split())

    def person(self, person: Person, form: NameForm) -> str | None:
        return self.company(in_title_case(f"{person.first_name} {person.last_name}"))

    def honorific(self, person: Person, form: NameForm) -> str | None:
        return {Sex.MALE: "Mister", Sex.FEMALE: "Ms", None: None}[person.sex]
