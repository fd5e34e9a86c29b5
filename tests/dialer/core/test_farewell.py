from itertools import product

import pytest

from dialer.core.farewell import Words, words_said

EVERY_MOMENT = list(product((True, False), repeat=2))


@pytest.mark.parametrize(("begun", "may_tell"), EVERY_MOMENT)
def test_the_payment_is_told_only_where_the_message_had_begun_to_tell_of_the_debt(begun: bool, may_tell: bool) -> None:
    said = words_said(Words.PAID, body_begun=begun, may_tell_of_debt=may_tell)
    assert said is (Words.PAID if begun and may_tell else Words.NEUTRAL)


@pytest.mark.parametrize(("begun", "may_tell"), EVERY_MOMENT)
def test_neutral_words_are_said_to_anybody(begun: bool, may_tell: bool) -> None:
    assert words_said(Words.NEUTRAL, body_begun=begun, may_tell_of_debt=may_tell) is Words.NEUTRAL
