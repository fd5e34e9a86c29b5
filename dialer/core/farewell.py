"""What is said to a callee whose message must not go on?"""

from enum import StrEnum


class Words(StrEnum):
    """What the callee hears in place of the rest of the message, before we hang up."""

    NEUTRAL = "neutral"  # thanks and good-bye: fit for whoever listens
    PAID = "paid"  # the payment has arrived


def words_said(asked: Words, *, body_begun: bool, may_tell_of_debt: bool) -> Words:
    """The words asked for, unless they would tell of a debt that the message did not speak of (decision 0006)."""
    return asked if body_begun and may_tell_of_debt else Words.NEUTRAL
