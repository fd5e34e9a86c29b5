from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.choice import SUPPRESSED
from dialer.core.codes import Code
from dialer.core.retry import Number
from dialer.core.suppressions import EVERY_CLIENT, SuppressionReason, Wish, codes_for, longer, nobody_left, refusals
from dialer.model import NumberType

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MOBILE = "+48280000001"


def number(retired: str | None = None) -> Number:
    return Number(MOBILE, 1, 0, NumberType.MOBILE, retired)


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        (Wish("C-1", MOBILE, None, SuppressionReason.OPT_OUT), []),
        (Wish("C-1", None, None, SuppressionReason.DO_NOT_CALL), []),
        (Wish(EVERY_CLIENT, MOBILE, None, SuppressionReason.DO_NOT_CALL, until=LATER), []),
        (Wish("C-1", MOBILE, "D1", SuppressionReason.WRONG_NUMBER), []),
        (Wish(EVERY_CLIENT, None, None, SuppressionReason.DO_NOT_CALL), ["number"]),
        (Wish(EVERY_CLIENT, MOBILE, "D1", SuppressionReason.OPT_OUT), ["debtor_id"]),
        (Wish("C-1", MOBILE, None, SuppressionReason.WRONG_NUMBER), ["reason"]),
        (Wish("C-1", None, "D1", SuppressionReason.WRONG_NUMBER), ["reason"]),
        (Wish("C-1", MOBILE, None, SuppressionReason.OPT_OUT, until=NOW), ["until"]),
    ],
)
def test_a_wish_says_whom_it_means(wish: Wish, wrong: list[str]) -> None:
    assert [field for field, _ in refusals(wish, NOW)] == wrong


def test_the_longer_of_two_times_holds() -> None:
    assert [longer(NOW, LATER), longer(LATER, NOW), longer(None, NOW), longer(NOW, None)] == [LATER, LATER, None, None]


def test_nobody_is_left_when_a_wish_took_the_last_number() -> None:
    assert nobody_left([number(SUPPRESSED), number("invalid_number")])
    assert not nobody_left([number(SUPPRESSED), number()])
    assert not nobody_left([number("invalid_number")])  # by no wish
    assert not nobody_left([])


def test_a_lists_sender_is_told_of_wishes() -> None:
    assert codes_for(["a", "b"], [], is_debtor_suppressed=False) == ()
    assert codes_for(["a", "b"], ["a"], is_debtor_suppressed=False) == (Code.W_PHONE_DO_NOT_CALL,)
    assert codes_for(["a", "b"], ["a", "b"], is_debtor_suppressed=False) == (Code.B_DO_NOT_CALL,)
    assert codes_for(["a"], [], is_debtor_suppressed=True) == (Code.B_DO_NOT_CALL,)
