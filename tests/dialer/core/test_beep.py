"""Does the message begin when the machine listens?"""

from datetime import timedelta

from dialer.core.beep import AwaitingBeep, BeepRules
from dialer.core.machines import TalkStarted, TalkStopped
from tests.support.clock import MONDAY, SECOND

RULES = BeepRules()
CALL = "a" * 32
BEEP = timedelta(milliseconds=400)


def test_it_begins_when_the_machine_has_been_silent_for_a_while() -> None:
    assert AwaitingBeep(MONDAY).speaks_at(RULES) == MONDAY + RULES.quiet


def test_it_does_not_begin_while_the_machine_talks() -> None:
    talking = AwaitingBeep(MONDAY).hear(TalkStarted(CALL, MONDAY + SECOND), RULES)
    assert talking.speaks_at(RULES) is None
    silent = talking.hear(TalkStopped(CALL, MONDAY + 2 * SECOND, SECOND), RULES)
    assert silent.speaks_at(RULES) == MONDAY + 2 * SECOND + RULES.quiet


def speaking() -> AwaitingBeep:
    return AwaitingBeep(MONDAY).speaking(MONDAY + 2 * SECOND)


def beeps(awaiting: AwaitingBeep, lasted: timedelta = BEEP) -> AwaitingBeep:
    ended = (awaiting.speaks_since or MONDAY) + SECOND
    return awaiting.hear(TalkStarted(CALL, ended - lasted), RULES).hear(TalkStopped(CALL, ended, lasted), RULES)


def test_what_plays_is_not_begun_twice() -> None:
    assert speaking().speaks_at(RULES) is None


def test_a_beep_that_comes_late_begins_it_anew() -> None:
    again = beeps(speaking())
    assert again.speaks_at(RULES) == MONDAY + 3 * SECOND + RULES.quiet


def test_a_click_does_not() -> None:
    assert beeps(speaking(), RULES.shortest_beep / 2).speaks_at(RULES) is None


def test_what_ended_with_our_beginning_is_no_beep() -> None:
    tail = speaking().hear(TalkStopped(CALL, MONDAY + 2 * SECOND + BEEP / 2, BEEP), RULES)
    assert tail.speaks_at(RULES) is None


def test_somebody_who_keeps_talking_hears_it_to_its_end_at_last() -> None:
    awaiting = AwaitingBeep(MONDAY)
    for _ in range(RULES.beginnings - 1):
        awaiting = beeps(awaiting.speaking(MONDAY + 2 * SECOND))
        assert awaiting.speaks_at(RULES) is not None
    assert beeps(awaiting.speaking(MONDAY + 2 * SECOND)).speaks_at(RULES) is None
