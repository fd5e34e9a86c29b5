"""What if the link between engine and switch is cut, or only seems to stand? Nothing is ever asked for twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lab.engine import Engine
from lab.process import wait_until
from tests.support.calling import LOOK, SOON, Calling, Debtor
from tests.support.cuttable import CuttableLink, cuttable_link

pytestmark = pytest.mark.lab

NOTICED_WITHIN = timedelta(seconds=12)  # a ping every 5 s, 5 s for its answer
GOES_ON_WITHIN = timedelta(seconds=10)
PEOPLE = [("human/3/",), ("busy/3/", "human/1/"), ("noanswer/30/", "human/1/")]
DEBTORS = [Debtor(number, PEOPLE[number % len(PEOPLE)]) for number in range(1, 26)]


@pytest.fixture
def link(engine: Engine) -> Iterator[CuttableLink]:
    """The engine reaches the switch through it."""
    with cuttable_link(engine.laboratory.settings.pbx.ami) as link:
        engine.settings |= {"ami": str(link.endpoint), "calls_per_second": "5"}
        yield link


def until_calls_are_live(calling: Calling) -> None:
    assert wait_until(lambda: len(calling.channels()) >= 3, SOON, LOOK)


def ends_well(calling: Calling, link: CuttableLink) -> None:
    """Calls go on, everybody is called as promised, and no call was asked for twice."""
    calling.engine.await_switch(GOES_ON_WITHIN)
    calling.finish()
    assert calling.broken_promises() == []
    assert set(link.originates.values()) == {1}
    assert len(link.originates) >= len(calling.calls())


def test_a_link_that_is_cut_is_made_again(link: CuttableLink, calling: Calling) -> None:
    calling.begin(DEBTORS)
    until_calls_are_live(calling)
    with calling.interrupted():
        is_cut_for_a_while(calling, link)
    until_calls_are_live(calling)
    with calling.interrupted():
        link.silence_answers()  # what is asked for now is done, and nobody hears of it
        before = len(link.originates)
        assert wait_until(lambda: len(link.originates) > before, SOON), "no call was asked for meanwhile"
        is_cut_for_a_while(calling, link)
    ends_well(calling, link)


def is_cut_for_a_while(calling: Calling, link: CuttableLink) -> None:
    link.cut()
    assert wait_until(lambda: calling.engine.health()["switch"] == "away", SOON)
    link.mend()
    calling.engine.await_switch(GOES_ON_WITHIN)


def test_a_link_that_only_seems_to_stand_is_noticed(link: CuttableLink, calling: Calling) -> None:
    calling.begin(DEBTORS)
    until_calls_are_live(calling)
    with calling.interrupted():
        link.fall_silent()
        assert wait_until(lambda: calling.engine.health()["switch"] == "away", NOTICED_WITHIN, LOOK)
        is_cut_for_a_while(calling, link)
    ends_well(calling, link)
