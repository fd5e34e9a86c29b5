from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialer.core.answers import Answers, Reply
from dialer.core.inbound import InboundCall, is_refused, number_of, wish
from dialer.core.numbers import NumberingPlan

CALLER, OTHER = "+48280000001", "+48280000002"
CALL = InboundCall("1.1", "energia", "CL", "+48380000051", CALLER, datetime(2026, 11, 23, 10, tzinfo=UTC))
OPTS_OUT = replace(CALL, answers=Answers(replies=(Reply.OPT_OUT,)))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+48280000001", CALLER),
        ("280000001", CALLER),
        ("0048280000001", CALLER),
        ("unknown", None),
        ("anonymous", None),
        ("", None),
        ("112", None),
    ],
)
def test_a_caller_is_known_however_the_network_writes_the_number(written: str, number: str | None) -> None:
    assert number_of(written, NumberingPlan.TEST) == number


def test_a_flood_of_calls_takes_no_more_lines_than_there_are() -> None:
    under_way = [replace(CALL, id=f"1.{n}", caller=None) for n in range(20)]

    assert is_refused(OTHER, under_way, most=20)
    assert not is_refused(OTHER, under_way[1:], most=20)


def test_one_caller_alone_takes_two_lines_at_most() -> None:
    assert not is_refused(CALLER, [CALL], most=20)
    assert is_refused(CALLER, [CALL, CALL], most=20)
    assert not is_refused(OTHER, [CALL, CALL], most=20)
    assert not is_refused(None, [replace(CALL, caller=None)] * 5, most=20), "those who withhold theirs are many"


def test_no_more_calls_are_for_the_debtor_who_is_known_and_else_for_the_number() -> None:
    known, unknown = wish(OPTS_OUT, "D1"), wish(OPTS_OUT, None)

    assert known is not None
    assert (known.number, known.debtor_ref) == (None, "D1")
    assert unknown is not None
    assert (unknown.number, unknown.debtor_ref) == (CALLER, None)
    assert wish(replace(OPTS_OUT, caller=None), None) is None
    assert wish(CALL, "D1") is None
