"""Where may the engine call now, whatever the hour is here?"""

from datetime import datetime


def where_it_is_noon(now: datetime) -> str:
    """A time zone in which no day ends meanwhile: messages are of a day, and budgets are counted by days."""
    return f"Etc/GMT{now.hour - 12:+d}"
