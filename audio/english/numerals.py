"""How is a number said in English: as a count, as an ordinal, as a year? British, with "and" after the hundreds."""

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("thousand", "million", "billion")
_LIMIT = 1000 ** (len(_SCALES) + 1)
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def cardinal(number: int) -> str:
    """Below a thousand billions: 153 → one hundred and fifty-three; 1005 → one thousand and five."""
    if not 0 <= number < _LIMIT:
        raise ValueError(f"a count from 0 to {_LIMIT - 1} can be said, not {number}")
    words = [
        f"{_below_thousand(group)} {_SCALES[power - 1]}"
        for power in range(len(_SCALES), 0, -1)
        if (group := number // 1000**power % 1000)
    ]
    rest = number % 1000
    if words and 0 < rest < 100:
        words.append("and")
    if rest or not words:
        words.append(_below_thousand(rest))
    return " ".join(words)


def counted(number: int, one: str, many: str) -> str:
    """one day, two days."""
    return f"{cardinal(number)} {one if number == 1 else many}"


def ordinal(number: int) -> str:
    """Of a day in a month: 21 → twenty-first."""
    leading, dash, last = cardinal(number).rpartition("-")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{leading}{dash}{_ORDINALS.get(last, regular)}"


def year(number: int) -> str:
    """2026 → twenty twenty-six; 2005 → two thousand and five; 1905 → nineteen oh five; 1900 → nineteen hundred."""
    if not 1000 <= number <= 9999:
        raise ValueError(f"a year from 1000 to 9999 can be said, not {number}")
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds and rest:
        return f"{_UNITS[hundreds]} hundred and {_below_hundred(rest)}"
    return f"{_UNITS[hundreds]} hundred" if hundreds else _below_hundred(rest)


def _below_hundred(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    tens, units = divmod(number, 10)
    return f"{_TENS[tens]}-{_UNITS[units]}" if units else _TENS[tens]
