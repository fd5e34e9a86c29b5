"""Does the witness notice every way of breaking a promise?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.adapters.carrier.calllog import Call
from dialer.adapters.carrier.script import role
from dialer.adapters.carrier.witness import Attempt, Interruption, Promise, paired, promises

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPACING = timedelta(seconds=60)
ANNA, PIOTR = "+48280000001", "+48280000002"
SCRIPT = [role(ANNA, "busy/1/", "human/1/"), role(PIOTR, "human/1/hangup@2s")]
ONE_DISPOSITION = "every attempt has one disposition"
SAME_CALLS = "the carrier saw every call that we placed, and no other"
AS_SCRIPTED = "every attempt ended as the carrier's script implies"
NOT_TOO_OFTEN = "no number is called more often than allowed"
SPACED = "a contact's calls are spaced as set"
RATE = "calls in any second, at the carrier, stay within the limit"
AT_ONCE = "calls at once, at the carrier, stay within the limit"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def attempt(begun: float, number: str = ANNA, disposition: str | None = "busy", contact: int = 1) -> Attempt:
    name = f"{number}-{begun}"
    return Attempt(name, contact, number, disposition, at(begun), at(begun + 0.01), at(begun + 5))


def call(begun: float, number: str = ANNA, ordinal: int = 1, lasts: float = 5) -> Call:
    return Call(number, ordinal, "busy", at(begun + 0.02), None, at(begun + lasts))


GOOD_ATTEMPTS = [
    attempt(0),
    attempt(60, disposition="delivered"),
    attempt(1, PIOTR, "hung_up", contact=2),
]
GOOD_CALLS = [call(0), call(60, ordinal=2), call(1, PIOTR)]


def judged(
    attempts: list[Attempt] = GOOD_ATTEMPTS, calls: list[Call] = GOOD_CALLS, *interruptions: Interruption
) -> list[Promise]:
    return promises(
        attempts,
        calls,
        SCRIPT,
        attempts_per_number=2,
        spacing=SPACING,
        calls_per_second=2,
        concurrent_calls=2,
        interruptions=interruptions,
    )


def broken(
    attempts: list[Attempt] = GOOD_ATTEMPTS, calls: list[Call] = GOOD_CALLS, *interruptions: Interruption
) -> list[str]:
    return [each.what for each in judged(attempts, calls, *interruptions) if not each.is_kept]


def test_a_good_campaign_keeps_every_promise() -> None:
    assert broken() == []
    assert len({each.what for each in judged()}) == 7


def test_a_network_without_room_costs_neither_an_attempt_nor_spacing_five_times_in_a_row() -> None:
    def tried(times: int) -> list[str]:
        attempts = [attempt(100 + n, disposition="congestion") for n in range(times)]
        return broken([*attempts, attempt(0)], [call(100 + n) for n in range(times)] + [call(0)])

    assert {NOT_TOO_OFTEN, SPACED}.isdisjoint(tried(5))
    assert {NOT_TOO_OFTEN, SPACED}.isdisjoint(tried(6))
    assert {NOT_TOO_OFTEN, SPACED} <= set(tried(7))


def test_a_try_too_soon_after_a_call_that_reached_somebody() -> None:
    attempts = [attempt(0), attempt(30, disposition="congestion")]
    assert SPACED in broken(attempts, [call(0), call(30)])


def test_no_attempts_at_all_prove_nothing() -> None:
    assert ONE_DISPOSITION in broken([], [])


def test_an_attempt_that_stays_open() -> None:
    attempts = [*GOOD_ATTEMPTS[:2], attempt(1, PIOTR, None, contact=2)]
    assert ONE_DISPOSITION in broken(attempts)


def test_a_call_that_nobody_placed() -> None:
    stranger = "+48280000099"
    assert broken(GOOD_ATTEMPTS, [*GOOD_CALLS, call(30, stranger)]) == [SAME_CALLS]


def test_a_call_placed_twice() -> None:
    assert SAME_CALLS in broken(GOOD_ATTEMPTS, [*GOOD_CALLS, call(61, ordinal=3)])


def test_a_call_that_the_carrier_never_saw() -> None:
    assert broken(GOOD_ATTEMPTS, GOOD_CALLS[:2]) == [SAME_CALLS]


@pytest.mark.parametrize("disposition", ["withdrawn", "not_placed"])
def test_a_call_of_an_attempt_that_is_said_never_to_have_left(disposition: str) -> None:
    attempts = [replace(GOOD_ATTEMPTS[0], disposition=disposition), *GOOD_ATTEMPTS[1:]]
    assert SAME_CALLS in broken(attempts)


@pytest.mark.parametrize("disposition", ["busy", "lost", "hung_up"])
def test_a_disposition_that_the_script_does_not_imply(disposition: str) -> None:
    attempts = [GOOD_ATTEMPTS[0], replace(GOOD_ATTEMPTS[1], disposition=disposition), GOOD_ATTEMPTS[2]]
    assert broken(attempts) == [AS_SCRIPTED]


def test_a_number_called_once_too_often() -> None:
    attempts = [*GOOD_ATTEMPTS, attempt(120, disposition="delivered")]
    assert broken(attempts, [*GOOD_CALLS, call(120, ordinal=3)]) == [NOT_TOO_OFTEN]


def test_a_number_that_two_share_may_be_called_for_each() -> None:
    attempts = [attempt(0), attempt(60, disposition="delivered"), attempt(120, disposition="delivered", contact=2)]
    calls = [call(0), call(60, ordinal=2), call(120, ordinal=3)]
    assert broken(attempts, calls) == []


def test_two_calls_of_a_contact_too_close_together() -> None:
    attempts = [GOOD_ATTEMPTS[0], attempt(59, disposition="delivered"), GOOD_ATTEMPTS[2]]
    assert broken(attempts, [call(0), call(59, ordinal=2), call(1, PIOTR)]) == [SPACED]


def test_too_close_together_on_two_numbers_of_one_contact() -> None:
    attempts = [*GOOD_ATTEMPTS[:2], attempt(1, PIOTR, "hung_up", contact=1)]
    assert broken(attempts) == [SPACED]


def test_too_many_calls_in_a_second() -> None:
    attempts = [attempt(begun, PIOTR, "hung_up", contact=int(begun * 10)) for begun in (0, 0.4, 0.8)]
    assert broken(attempts, [call(begun, PIOTR, lasts=0.1) for begun in (0, 0.4, 0.8)]) == [RATE]


@pytest.mark.parametrize(("apart", "expected"), [(0.94, [RATE]), (0.96, [])])
def test_a_second_is_shorter_only_by_what_calls_may_shift_on_their_way(apart: float, expected: list[str]) -> None:
    begins = (0, 0.4, apart)
    attempts = [attempt(begun, PIOTR, "hung_up", contact=number) for number, begun in enumerate(begins)]
    assert broken(attempts, [call(begun, PIOTR, lasts=0.1) for begun in begins]) == expected


@pytest.mark.parametrize(("apart", "expected"), [(59.94, [SPACED]), (59.96, [])])
def test_a_spacing_is_shorter_only_by_what_calls_may_shift_on_their_way(apart: float, expected: list[str]) -> None:
    attempts = [GOOD_ATTEMPTS[0], attempt(apart, disposition="delivered"), GOOD_ATTEMPTS[2]]
    assert broken(attempts, [call(0), call(apart, ordinal=2), call(1, PIOTR)]) == expected


def test_too_many_calls_at_once() -> None:
    attempts = [attempt(begun, PIOTR, "hung_up", contact=int(begun)) for begun in (0, 2, 4)]
    assert broken(attempts, [call(begun, PIOTR) for begun in (0, 2, 4)]) == [AT_ONCE]


CRASH = Interruption(at(2), at(4))


def test_a_call_in_an_interruption_may_be_lost() -> None:
    attempts = [replace(GOOD_ATTEMPTS[0], disposition="lost"), *GOOD_ATTEMPTS[1:]]
    assert AS_SCRIPTED in broken(attempts)
    assert broken(attempts, GOOD_CALLS, CRASH) == []


def test_a_call_in_an_interruption_may_never_have_left() -> None:
    attempts = [replace(GOOD_ATTEMPTS[0], disposition="lost"), replace(GOOD_ATTEMPTS[1], disposition="busy")]
    assert broken([*attempts, GOOD_ATTEMPTS[2]], [call(60, ordinal=1), call(1, PIOTR)], CRASH) == []


def test_an_interruption_excuses_no_call_after_it() -> None:
    attempts = [GOOD_ATTEMPTS[0], replace(GOOD_ATTEMPTS[1], disposition="lost"), GOOD_ATTEMPTS[2]]
    assert broken(attempts, GOOD_CALLS, CRASH) == [AS_SCRIPTED]


def test_an_interruption_excuses_no_wrong_word() -> None:
    attempts = [replace(GOOD_ATTEMPTS[0], disposition="delivered"), *GOOD_ATTEMPTS[1:]]
    assert broken(attempts, GOOD_CALLS, CRASH) == [AS_SCRIPTED]


def test_an_interruption_excuses_no_second_call() -> None:
    attempts = [replace(GOOD_ATTEMPTS[0], disposition="lost"), *GOOD_ATTEMPTS[1:]]
    calls = [call(0), call(3, ordinal=2), call(60, ordinal=3), call(1, PIOTR)]
    assert {SAME_CALLS, NOT_TOO_OFTEN} <= set(broken(attempts, calls, CRASH))


def test_each_attempt_is_paired_with_its_own_call() -> None:
    first, second = attempt(0, disposition="lost"), attempt(60)
    assert paired([second, first], [call(60)]) == [(second, call(60))]
    assert len(paired([first, second], [call(60), call(0)])) == 2
