"""Did this list name the same case before?"""

from dialer.core.codes import Code
from dialer.core.rows.repeats import Repeats
from dialer.core.rows.verdicts import Status
from tests.support.calllists import judge_row


def test_the_same_case_written_differently_is_the_same() -> None:
    repeats = Repeats()
    assert repeats.judge(judge_row()).status is Status.ACCEPTED
    repeat = repeats.judge(judge_row(amount_due="153,20", phone_1="+48 280 900 100", due_date="29.10.2026"))
    assert (repeat.status, repeat.codes, repeat.case) == (Status.DUPLICATE, (Code.D_IDENTICAL,), None)


def test_the_first_row_wins_over_one_that_contradicts_it() -> None:
    repeats = Repeats()
    repeats.judge(judge_row())
    repeat = repeats.judge(judge_row(amount_due="163.20"))
    assert (repeat.status, repeat.codes, repeat.numbers) == (Status.REJECTED, (Code.E_DUPLICATE_CONFLICT,), ())
    assert repeats.judge(judge_row()).status is Status.DUPLICATE


def test_another_telephone_number_contradicts() -> None:
    repeats = Repeats()
    repeats.judge(judge_row())
    assert repeats.judge(judge_row(phone_2="280900101")).codes == (Code.E_DUPLICATE_CONFLICT,)


def test_a_refused_row_claims_nothing() -> None:
    repeats = Repeats()
    assert repeats.judge(judge_row(amount_due="sto")).status is Status.REJECTED
    assert repeats.judge(judge_row()).status is Status.ACCEPTED


def test_two_clients_may_use_the_same_case_number() -> None:
    repeats = Repeats()
    repeats.judge(judge_row())
    other = repeats.judge(judge_row(client_id="CL-TELKO", campaign_id="TK-OVERDUE"))
    assert other.status is Status.ACCEPTED
