import pytest

from dialer.core.cases import CaseRow
from dialer.core.numbers import Number
from dialer.core.zones import zone_of
from dialer.model import NumberType
from tests.support.calllists import judge_row

WARSAW = "Europe/Warsaw"


def case(timezone: str | None = None) -> CaseRow:
    read = judge_row(timezone=timezone).case
    assert read is not None
    return read


def foreign(e164: str) -> Number:
    return Number(e164, NumberType.FOREIGN)


MOBILE = Number("+48280000001", NumberType.MOBILE)


def test_the_sender_knows_best() -> None:
    assert zone_of(case("America/New_York"), [MOBILE], WARSAW) == "America/New_York"


def test_polish_numbers_are_called_by_the_campaigns_clock() -> None:
    assert zone_of(case(), [MOBILE, foreign("+493023125001")], WARSAW) == WARSAW
    assert zone_of(case(), [], WARSAW) == WARSAW


@pytest.mark.parametrize(
    ("number", "zone"),
    [("+442079460001", "Europe/London"), ("+493023125001", "Europe/Berlin"), ("+12125550100", "America/New_York")],
)
def test_foreign_numbers_are_called_by_their_own_clock(number: str, zone: str) -> None:
    assert zone_of(case(), [foreign(number), MOBILE], WARSAW) == zone


def test_a_number_from_nowhere_is_called_by_the_campaigns_clock() -> None:
    assert zone_of(case(), [foreign("+12000000000")], WARSAW) == WARSAW
