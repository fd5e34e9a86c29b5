"""How is a person named in the middle of a Polish sentence: "dla pana Jana Kowalskiego", "z panią Anną Nowak"?

Forms that the client's feed gives come first, then the rules of declension.py. None means: not certain, use the neutral
frame ("Wiadomość jest przeznaczona dla osoby: Jan Kowalski"). A wrong form is worse than a stiff sentence.
"""

from audio.names import in_title_case
from audio.polish.declension import Forms, first_name_forms, surname_forms
from audio.values import Person, Sex

_HONORIFICS = {Sex.MALE: Forms("pana", "panem"), Sex.FEMALE: Forms("pani", "panią")}


def name_nominative(person: Person) -> str:
    """Jan Kowalski, however the feed writes its capitals."""
    return in_title_case(f"{person.first_name} {person.last_name}")


def name_genitive(person: Person) -> str | None:
    """Jana Kowalskiego, or None if not certain."""
    if person.genitive:
        return person.genitive
    forms = _declined(person)
    return forms.genitive if forms else None


def name_instrumental(person: Person) -> str | None:
    """Janem Kowalskim, or None if not certain."""
    if person.instrumental:
        return person.instrumental
    forms = _declined(person)
    return forms.instrumental if forms else None


def honorific_genitive(person: Person) -> str | None:
    """pana or pani; None if the sex is not known."""
    return _HONORIFICS[person.sex].genitive if person.sex else None


def honorific_instrumental(person: Person) -> str | None:
    """panem or panią; None if the sex is not known."""
    return _HONORIFICS[person.sex].instrumental if person.sex else None


def is_addressed_surely(person: Person) -> bool:
    """Whether honorific and name are certain in both cases, so that no neutral frame is needed."""
    return person.sex is not None and None not in (name_genitive(person), name_instrumental(person))


def _declined(person: Person) -> Forms | None:
    first, last = person.first_name.split(), person.last_name.split("-")
    if person.sex is None or not first or not person.last_name.strip():
        return None
    first_forms = _joined(" ", [first_name_forms(in_title_case(name), person.sex) for name in first])
    last_forms = _joined("-", [surname_forms(in_title_case(name.strip()), person.sex) for name in last])
    return _joined(" ", [first_forms, last_forms])


def _joined(separator: str, parts: list[Forms | None]) -> Forms | None:
    certain = [part for part in parts if part is not None]
    if len(certain) < len(parts):
        return None
    return Forms(
        separator.join(part.genitive for part in certain), separator.join(part.instrumental for part in certain)
    )
