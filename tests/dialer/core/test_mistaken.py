"""Is the estimate of an error as sure as it says?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.mistaken import Share


def test_of_what_nobody_has_seen_everything_is_possible() -> None:
    assert Share().interval() == (0.0, 1.0)


def test_the_interval_is_wilsons() -> None:
    assert Share(2, 40).interval() == pytest.approx((0.0138, 0.1650), abs=1e-4)
    assert Share(0, 30).interval() == pytest.approx((0.0, 0.1135), abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_share_lies_in_its_interval(mistaken: int, more: int) -> None:
    share = Share(mistaken, mistaken + more)
    low, high = share.interval()
    assert 0 <= low <= share.mistaken / share.of <= high <= 1
