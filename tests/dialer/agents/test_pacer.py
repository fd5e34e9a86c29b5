import pytest

from dialer.agents.pacer import FORGOTTEN_AFTER, LEARNED_AFTER, Pacer
from dialer.core.abandonment import Tally
from dialer.core.chances import Traits
from dialer.core.pacing import Binding, PacingRules

NOTHING = [Tally()]


def test_the_first_calls_are_one_for_each_free_agent_or_a_few_more() -> None:
    pacer = Pacer(PacingRules())
    for agent in range(5):
        pacer.ready(agent, 0.0)

    assert 5 <= pacer.decide(0.0, NOTHING, 100).place <= 15


def test_a_call_that_rings_is_not_placed_again() -> None:
    pacer = Pacer(PacingRules())
    pacer.ready("agent", 0.0)
    first = pacer.decide(0.0, NOTHING, 100).place
    for call in range(first):
        pacer.placed(call, Traits(), 0.0)

    assert pacer.decide(0.0, NOTHING, 100).place == 0


def test_an_agent_who_leaves_is_not_dialled_for_within_the_same_second() -> None:
    pacer = Pacer(PacingRules())
    pacer.ready("agent", 0.0)
    pacer.left("agent", 1.0)

    decision = pacer.decide(1.0, NOTHING, 100)

    assert (decision.place, decision.binding) == (0, Binding.NO_AGENT)


def test_calls_to_give_up_are_named() -> None:
    pacer = Pacer(PacingRules())
    pacer.ready("agent", 0.0)
    for call in ("first", "second", "waiting", "taken"):
        pacer.placed(call, Traits(), 0.0)
    pacer.answered("taken", 20.0)
    pacer.talks("agent", "taken", 20.0)
    pacer.answered("waiting", 20.0)

    assert pacer.named(pacer.decide(20.5, NOTHING, 100)) == ("first", "second")


def test_answers_and_failures_are_learnt_at_the_same_age_of_a_call() -> None:
    """Else the first minute would consist of answers alone."""
    pacer = Pacer(PacingRules())
    before = pacer.learned.chances.of(Traits())
    for call in range(20):
        pacer.placed(call, Traits(), 0.0)
    for call in range(4):
        pacer.answered(call, 8.0)

    pacer.decide(10.0, NOTHING, 100)
    assert pacer.learned.chances.of(Traits()) == before
    for call in range(4, 20):
        pacer.unanswered(call, 25.0)
    pacer.decide(LEARNED_AFTER, NOTHING, 100)
    assert pacer.learned.chances.of(Traits()) < before


def test_a_call_given_up_teaches_the_little_chance_that_it_had_left() -> None:
    unanswered, given_up = Pacer(PacingRules()), Pacer(PacingRules())
    for pacer in (unanswered, given_up):
        pacer.decide(0.0, NOTHING, 100)
        for call in range(10):
            pacer.placed(call, Traits(), 0.0)
    for call in range(10):
        unanswered.unanswered(call, 16.0)
        given_up.given_up(call, 16.0)
    for pacer in (unanswered, given_up):
        pacer.decide(LEARNED_AFTER, NOTHING, 100)

    assert unanswered.learned.chances.of(Traits()) < given_up.learned.chances.of(Traits()) < 0.35


def test_calls_from_before_a_restart_are_waited_for_and_teach_nothing() -> None:
    pacer = Pacer(PacingRules())
    pacer.ready("agent", 0.0)
    pacer.answered("older", 1.0)
    pacer.unanswered("another", 1.0)
    pacer.given_up("a third", 1.0)

    assert pacer.learned.calls_ended == 0.0
    assert pacer.decide(1.0, NOTHING, 100).place == 0  # the only agent is for who waits
    pacer.gone("older")
    assert pacer.decide(1.0, NOTHING, 100).place >= 1


def test_a_talk_without_wrap_up_and_a_break_after_one_are_learnt() -> None:
    pacer = Pacer(PacingRules())
    for agent in ("quick", "tired"):
        pacer.ready(agent, 0.0)
        pacer.talks(agent, f"call of {agent}", 10.0)
    pacer.ready("quick", 50.0)
    pacer.wraps_up("tired", 50.0)
    pacer.left("tired", 60.0)

    assert pacer.learned.returned == 10.0
    assert pacer.learned.went == 2.0
    assert pacer.decide(60.0, NOTHING, 100).place >= 1


def test_no_call_is_placed_for_who_has_asked_to_go() -> None:
    staying, going = Pacer(PacingRules()), Pacer(PacingRules())
    for pacer in (staying, going):
        pacer.learned.calls_ended = 1_000.0
        for agent in range(30):
            pacer.ready(agent, 0.0)
            pacer.talks(agent, f"call of {agent}", 0.0)
            pacer.wraps_up(agent, 50.0)
    for agent in range(30):
        going.will_leave(agent)

    assert staying.decide(60.0, NOTHING, 100).place > 0
    assert going.decide(60.0, NOTHING, 100).place == 0
    for agent in range(30):
        going.left(agent, 61.0)
    assert going.learned.went == 1.0  # it says nothing of those who are not asked


def test_a_talk_lasts_from_the_reservation_on() -> None:
    pacer = Pacer(PacingRules())
    pacer.ready("agent", 0.0)
    for moment in (10.0, 11.0):
        pacer.talks("agent", "call", moment)
    before = pacer.learned.talks.exposure.sum()
    for moment in (70.0, 75.0):
        pacer.wraps_up("agent", moment)

    assert pacer.learned.talks.exposure.sum() - before == pytest.approx(60.0)


def test_calls_that_ring_for_longer_are_learnt_from_too() -> None:
    pacer = Pacer(PacingRules())
    pacer.placed("patient", Traits(), 0.0)
    pacer.placed("behind it", Traits(), 1.0)
    pacer.answered("behind it", 5.0)
    before = pacer.learned.chances.of(Traits())

    pacer.decide(50.0, NOTHING, 100)
    assert pacer.learned.chances.of(Traits()) == before
    pacer.unanswered("patient", 60.0)
    pacer.decide(61.0, NOTHING, 100)
    assert pacer.learned.chances.of(Traits()) != before


def test_a_call_whose_end_was_lost_holds_nobody_up() -> None:
    pacer = Pacer(PacingRules())
    pacer.placed("lost", Traits(), 0.0)
    pacer.placed("behind it", Traits(), 1.0)
    pacer.answered("behind it", 5.0)
    before = pacer.learned.chances.of(Traits())

    pacer.decide(FORGOTTEN_AFTER, NOTHING, 100)

    assert pacer.learned.chances.of(Traits()) > before


def test_a_call_given_up_before_the_first_decision_teaches_that_nobody_answered() -> None:
    pacer = Pacer(PacingRules())
    pacer.placed("call", Traits(), 0.0)
    pacer.given_up("call", 16.0)
    before = pacer.learned.chances.of(Traits())

    pacer.decide(LEARNED_AFTER, NOTHING, 100)

    assert pacer.learned.chances.of(Traits()) < before
