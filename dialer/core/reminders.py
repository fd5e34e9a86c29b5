"""Was a debtor reminded before a demand is made?"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dialer.model import Disposition

HEARD = frozenset({Disposition.DELIVERED, Disposition.REPLIED, Disposition.CONNECTED})


@dataclass(frozen=True, slots=True)
class Reminded:
    """What calls of other campaigns to the debtor came to."""

    heard: int = 0  # whole messages, replies and talks
    tried: int = 0  # calls that counted


NOT_REMINDED = Reminded()


class AfterReminder(BaseModel):
    """Only debtors to whom another campaign of the client has spoken are called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tried: (
        Annotated[int, Field(ge=1, le=50, description="so many of its calls do as well; left out: none do")] | None
    ) = None


def lacking(reminded: Reminded, asked: AfterReminder | None) -> str | None:
    """Why no demand is made yet, in words that a person can check; None if it may be."""
    if asked is None or reminded.heard:
        return None
    if asked.tried is None:
        return "no reminder of another campaign was heard yet"
    if reminded.tried >= asked.tried:
        return None
    return f"no reminder of another campaign was heard yet, and {reminded.tried} of {asked.tried} calls were tried"
