from datetime import timedelta

from dialer.core import why
from dialer.core.numbers import NumberingPlan
from dialer.core.rules import Refusal, Rule
from dialer.core.why import Next, Reason
from tests.dialer.core.test_choice import MOBILE, MONDAY, contact, lane

TEST = NumberingPlan.TEST
TOMORROW = MONDAY + timedelta(days=1)


def reasons(put_off: Refusal | None) -> list[Reason]:
    return why.reasons(
        contact(MOBILE), lane(), TEST, MONDAY, put_off=put_off, is_stopped=False, is_running=True, has_message=True
    )


def test_a_contact_that_is_due_has_nothing_against_its_call() -> None:
    assert reasons(why.put_off(MONDAY, None, MONDAY)) == []
    assert why.next_possible(contact(MOBILE), lane(), TEST, MONDAY) == Next(MONDAY, None)


def test_whoever_waits_for_the_next_reminder_is_not_called_before_it_though_no_other_rule_holds() -> None:
    waits = why.put_off(TOMORROW, Rule.NEXT_ROUND, MONDAY)

    assert reasons(waits) == [Reason(Rule.NEXT_ROUND, TOMORROW)]
    assert why.next_possible(contact(MOBILE), lane(), TEST, MONDAY, waits) == Next(TOMORROW, Rule.NEXT_ROUND)


def test_a_debtor_who_asked_for_it_is_not_said_to_have_had_every_attempt() -> None:
    suppressed = contact(MOBILE, is_suppressed=True)

    assert why.next_possible(suppressed, lane(), TEST, MONDAY) == Next(None, Rule.DO_NOT_CALL)


def test_a_contact_without_a_good_number_is_told_apart_from_one_that_had_every_attempt() -> None:
    assert why.next_possible(contact(), lane(), TEST, MONDAY) == Next(None, Rule.NUMBER_RETIRED)
