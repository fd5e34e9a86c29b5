"""How does Polish answer what every language is asked?"""

from datetime import date, time, timedelta

from audio.grammar import Language, NameForm
from audio.polish import amounts, brands, dates, digits, names, numerals
from audio.values import Money, OpeningHours, Person, PhoneNumber

_NAMES = {
    NameForm.NOMINATIVE: names.name_nominative,
    NameForm.GENITIVE: names.name_genitive,
    NameForm.INSTRUMENTAL: names.name_instrumental,
}
_HONORIFICS = {
    NameForm.GENITIVE: names.honorific_genitive,
    NameForm.INSTRUMENTAL: names.honorific_instrumental,
}


class Polish:
    """The grammar of this package."""

    language = Language.POLISH

    def cardinal(self, number: int) -> str:
        return numerals.cardinal(number)

    def amount(self, money: Money) -> str:
        return amounts.spoken_amount(money)

    def delay(self, days: timedelta) -> str:
        return dates.delay(days)

    def day(self, day: date) -> str:
        return dates.date_genitive(day)

    def day_and_year(self, day: date) -> str:
        return dates.date_genitive_year(day)

    def on_weekday(self, day: date, spoken_date: str) -> str:
        return dates.on_weekday(day, spoken_date)

    def until_weekday(self, day: date, spoken_date: str) -> str:
        return dates.until_weekday(day, spoken_date)

    def clock(self, clock: time) -> str:
        return dates.clock_genitive(clock)

    def opening_hours(self, hours: OpeningHours) -> str:
        return dates.opening_hours(hours)

    def greeting(self, clock: time) -> str:
        return dates.greeting(clock)

    def digits(self, text: str) -> str:
        return digits.digits(text)

    def case_number(self, text: str) -> str:
        return digits.case_number(text)

    def document_number(self, text: str) -> str:
        return digits.document_number(text)

    def phone(self, number: PhoneNumber) -> str:
        return digits.phone(number)

    def company(self, name: str) -> str:
        return brands.spoken_name(name)

    def person(self, person: Person, form: NameForm) -> str | None:
        spoken = _NAMES[form](person)
        return None if spoken is None else brands.spoken_name(spoken)

    def honorific(self, person: Person, form: NameForm) -> str | None:
        speak = _HONORIFICS.get(form)
        return None if speak is None else speak(person)
