"""What is said to a callee whose message plays over FastAGI?"""

from pathlib import Path

import pytest

import ivr.answers
from audio.message import GOODBYE, GREETINGS, PAID
from dialer.adapters.flows import told
from dialer.ports import Words
from tests.support.clock import MS, SECOND
from tests.support.playing import CALL, TEXT, spoken

HELLO = GREETINGS[0]  # in the morning
IN_THE_GREETING, IN_THE_BODY = 100 * MS, 2 * SECOND


async def test_the_greeting_by_the_callees_clock_comes_first(tmp_path: Path) -> None:
    async with spoken(tmp_path) as playing:
        await playing.over()
        assert playing.said == [HELLO, TEXT]


def test_what_a_callee_recorded_is_named_after_the_attempt_and_no_path_is_told() -> None:
    assert told(ivr.answers.Answers(recording="/srv/recordings/ab12")).recording == "ab12"
    assert told(ivr.answers.Answers()).recording is None


def test_it_is_told_whether_the_opening_was_heard() -> None:
    assert told(ivr.answers.Answers(is_announced=True)).is_announced
    assert not told(ivr.answers.Answers()).is_announced


async def test_nothing_of_the_message_is_said_after_a_greeting_that_is_broken_off(tmp_path: Path) -> None:
    async with spoken(tmp_path, may_tell_of_debt=True) as playing:
        await playing.listen(IN_THE_GREETING)
        playing.farewell.break_off(CALL, Words.PAID)
        await playing.over()
        assert playing.said == [HELLO, GOODBYE]


@pytest.mark.parametrize(("may_tell_of_debt", "farewell"), [(True, PAID), (False, GOODBYE)])
async def test_of_a_payment_hears_only_who_may_hear_of_the_debt(
    tmp_path: Path, may_tell_of_debt: bool, farewell: str
) -> None:
    async with spoken(tmp_path, may_tell_of_debt=may_tell_of_debt) as playing:
        await playing.listen(IN_THE_BODY)
        playing.farewell.break_off(CALL, Words.PAID)
        await playing.over()
        assert playing.said == [HELLO, TEXT, farewell]


async def test_a_farewell_for_other_reasons_speaks_of_no_payment(tmp_path: Path) -> None:
    async with spoken(tmp_path, may_tell_of_debt=True) as playing:
        await playing.listen(IN_THE_BODY)
        playing.farewell.break_off(CALL, Words.NEUTRAL)
        await playing.over()
        assert playing.said == [HELLO, TEXT, GOODBYE]
