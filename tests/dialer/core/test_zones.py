from zoneinfo import ZoneInfo

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.core.cases import CaseRow
from dialer.core.numbers import Number
from dialer.core.zones import zone_of, zones_named
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


def test_a_number_of_no_known_kind_is_called_by_all_the_clocks_of_its_country() -> None:
    assert zone_of(case(), [foreign("+12000000000")], WARSAW) == "+1"


def test_a_number_from_nowhere_is_called_by_the_campaigns_clock() -> None:
    assert zone_of(case(), [foreign("+8835100000001")], WARSAW) == WARSAW


@pytest.mark.parametrize(
    ("number", "name", "first", "count"),
    [
        ("+19072345678", "America/Adak|America/Anchorage", "America/Adak", 2),
        ("+447700900001", "Europe/Guernsey|Europe/Isle_of_Man|Europe/London", "Europe/Guernsey", 3),
        ("+61491570156", "+61", "Australia/Adelaide", 8),
    ],
)
def test_a_number_that_may_be_in_several_zones_is_called_by_all_of_them(
    number: str, name: str, first: str, count: int
) -> None:
    assert zone_of(case(), [foreign(number)], WARSAW) == name
    zones = zones_named(name)
    assert (zones[0], len(zones)) == (ZoneInfo(first), count)


def test_one_zone_is_just_that() -> None:
    assert zones_named(WARSAW) == (ZoneInfo(WARSAW),)


def test_every_zone_of_the_library_is_known_here() -> None:
    for prefix, zones in TIMEZONE_DATA.items():
        assert all(map(ZoneInfo, zones)), prefix


@pytest.mark.parametrize("prefix", [prefix for prefix, zones in TIMEZONE_DATA.items() if len("|".join(zones)) > 64])
def test_zones_with_too_long_a_name_are_those_of_a_calling_code(prefix: str) -> None:
    assert zones_named(f"+{prefix}") == tuple(map(ZoneInfo, TIMEZONE_DATA[prefix]))
