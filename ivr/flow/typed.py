"""Which day is meant by digits that a callee typed?"""

from datetime import date


def typed_date(digits: str, today: date, last: date) -> date | None:
    """The day that four digits, day and month, mean: the next such day, if it is not after ``last``."""
    day, month = int(digits[:2]), int(digits[2:])
    for year in (today.year, today.year + 1):
        try:
            meant = date(year, month, day)
        except ValueError:  # 31 February; of 29 February the other year may know
            continue
        if today <= meant <= last:
            return meant
    return None
