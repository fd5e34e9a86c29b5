"""Who was reminded often enough that a demand may be made?"""

import pytest

from dialer.core.reminders import NOT_REMINDED, AfterReminder, Reminded, lacking

HEARD, MISSED_TWICE = Reminded(heard=1, tried=4), Reminded(heard=0, tried=2)


@pytest.mark.parametrize(
    ("reminded", "asked"),
    [
        (NOT_REMINDED, None),
        (HEARD, AfterReminder()),
        (HEARD, AfterReminder(tried=9)),
        (MISSED_TWICE, AfterReminder(tried=2)),
    ],
)
def test_a_demand_may_be_made(reminded: Reminded, asked: AfterReminder | None) -> None:
    assert lacking(reminded, asked) is None


@pytest.mark.parametrize(
    ("reminded", "asked", "why"),
    [
        (NOT_REMINDED, AfterReminder(), "no reminder of another campaign was heard yet"),
        (MISSED_TWICE, AfterReminder(), "no reminder of another campaign was heard yet"),
        (MISSED_TWICE, AfterReminder(tried=3), "2 of 3 calls were tried"),
    ],
)
def test_it_waits_for_a_reminder_and_says_so(reminded: Reminded, asked: AfterReminder, why: str) -> None:
    assert (lacking(reminded, asked) or "").endswith(why)
