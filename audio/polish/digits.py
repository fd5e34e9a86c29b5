"""How are numbers that identify something (telephone, account, case, invoice) said in Polish?

Digit by digit, a comma where the listener needs a pause to write it down.
"""

from audio.digits import document_parts, is_digits, national_groups, only_digits, threes
from audio.polish.numerals import cardinal
from audio.values import PhoneKind, PhoneNumber

_LETTERS = {
    "A": "a", "Ą": "ą", "B": "be", "C": "ce", "Ć": "cie", "D": "de", "E": "e", "Ę": "ę", "F": "ef", "G": "gie",
    "H": "ha", "I": "i", "J": "jot", "K": "ka", "L": "el", "Ł": "eł", "M": "em", "N": "en", "Ń": "eń", "O": "o",
    "Ó": "u kreskowane", "P": "pe", "Q": "ku", "R": "er", "S": "es", "Ś": "eś", "T": "te", "U": "u", "V": "fał",
    "W": "wu", "X": "iks", "Y": "igrek", "Z": "zet", "Ź": "ziet", "Ż": "żet",
}  # fmt: skip
_SIGNS = {"/": "łamane przez", "\\": "łamane przez", "-": "myślnik", ".": "kropka", "_": "podkreślenie", "#": "numer"}


def digits(text: str) -> str:
    """1207 → jeden dwa zero siedem."""
    return " ".join(cardinal(int(digit)) for digit in only_digits(text))


def case_number(text: str) -> str:
    """Digits in groups of three with a pause; anything else is said like a document number."""
    return ", ".join(map(digits, threes(text))) if is_digits(text) else document_number(text)


def phone(number: PhoneNumber) -> str:
    """Without +48: mobile in groups 3-3-3, fixed 2-3-2-2; a foreign number whole, with its plus."""
    if number.kind is PhoneKind.FOREIGN:
        return f"plus {digits(number.e164[1:])}"
    return ", ".join(map(digits, national_groups(number)))


def document_number(text: str) -> str:
    """FV/123/10/2026 → ef fał łamane przez sto dwadzieścia trzy łamane przez dziesięć łamane przez dwa tysiące …

    Letters by name; up to four digits without a leading zero as a number, others one by one.
    """
    return " ".join(map(_document_part, document_parts(text)))


def spelled(letters: str) -> str:
    """Letters by name: SA → es a."""
    return " ".join(_LETTERS[letter] for letter in letters.upper())


def _document_part(part: str) -> str:
    if part.isdecimal():
        return cardinal(int(part)) if len(part) <= 4 and part[0] != "0" else digits(part)
    word = _LETTERS.get(part) or _SIGNS.get(part)
    if word is None:
        raise ValueError(f"a document number has Polish letters only, not {part!r}")
    return word
