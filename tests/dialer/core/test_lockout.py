from datetime import timedelta

from dialer.core.lockout import FREE, LONGEST, locked_for


def test_people_may_mistype() -> None:
    assert [locked_for(failures) for failures in range(FREE)] == [timedelta()] * FREE


def test_each_further_failure_locks_for_twice_as_long_up_to_a_bound() -> None:
    minutes = [locked_for(failures) / timedelta(minutes=1) for failures in range(FREE, FREE + 8)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert locked_for(10**9) == LONGEST
