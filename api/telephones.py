"""Which telephone is meant? A number as people write it."""

from typing import Annotated

from pydantic import Field

from api.problems import FieldError
from dialer.core.numbers import NumberingPlan, NumberRefusal, normalise

Number = Annotated[
    str, Field(max_length=40, description="in any form that a call list may have", examples=["+48 280 000 001"])
]


def normalised(text: str | None, plan: NumberingPlan, errors: list[FieldError], **where: str) -> str | None:
    """E.164 with the plus; None if nothing is said, or if it is no number: then ``errors`` has one more."""
    if text is None:
        return None
    number = normalise(text, plan)
    if isinstance(number, NumberRefusal):
        errors.append(FieldError(**where, detail=f"{number.code}: {number.code.meaning}"))
        return None
    return number.e164
