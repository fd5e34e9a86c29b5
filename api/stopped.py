"""What went on no more when an order was carried out?"""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, Field

from dialer.calloff import Ending, Found
from dialer.model import Disposition


class CallShown(BaseModel):
    """An attempt that was open when its contact, or its message, was called off."""

    attempt_id: str
    contact_id: int
    found: Found = Field(
        description="`saved` but not placed, `ringing`, `playing` its message, or `ended` a moment before"
    )
    outcome: Disposition | None = Field(description="how it ended; null: it goes on")

    @classmethod
    def of(cls, ending: Ending) -> Self:
        named = ending.called_off
        return cls(attempt_id=named.attempt_id, contact_id=named.contact_id, found=ending.found, outcome=ending.outcome)


class CallsStopped(BaseModel):
    """Which calls go on no more."""

    attempts_withdrawn: int = Field(description="saved, and never placed")
    ringing_hung_up: int
    messages_broken_off: int = Field(description="with a farewell")
    still_up: int = Field(
        description="calls that had to end and whose end the switch has not told, as its link is down"
    )
    calls: list[CallShown] = Field(description="each of them, and those that had just ended")

    @classmethod
    def of_calls(cls, calls: Sequence[Ending]) -> Self:
        return cls(**_counted(calls))


class Stopped(CallsStopped):
    """Who is called no more, and which calls go on no more."""

    contacts: int = Field(description="called no more")

    @classmethod
    def of(cls, contacts: int, calls: Sequence[Ending]) -> Self:
        return cls(contacts=contacts, **_counted(calls))


def _counted(calls: Sequence[Ending]) -> dict[str, Any]:
    ended = [each for each in calls if each.found is not Found.ENDED and each.outcome is not None]
    found = [each.found for each in ended]
    return {
        "attempts_withdrawn": found.count(Found.SAVED),
        "ringing_hung_up": found.count(Found.RINGING),
        "messages_broken_off": found.count(Found.PLAYING),
        "still_up": sum(not each.is_done for each in calls),
        "calls": [CallShown.of(each) for each in calls],
    }
