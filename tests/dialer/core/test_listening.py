"""Does every event find a supervisor's ear in a state that knows it?"""

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import pytest

from dialer.core import listening
from dialer.core.call import End
from dialer.core.legs import Down, Up
from dialer.core.listening import Attuned, Ear, EarState, ListenMode, step

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALLED = Ear("ear.anna.1", "anna", "boss", ListenMode.LISTEN, "key:a", NOW)


def test_every_event_has_a_row_in_every_state() -> None:
    assert listening.TRANSITIONS.keys() == set(product(EarState, get_args(listening.Event)))


def test_a_telephone_that_answers_hears_until_it_hangs_up() -> None:
    heard = step(CALLED, Up(CALLED.id, NOW))
    assert heard.state is EarState.LISTENING
    gone = step(heard, Down(CALLED.id, NOW, End.NORMAL))
    assert (gone.state, gone.why) == (EarState.ENDED, End.NORMAL)
    assert step(gone, Up(CALLED.id, NOW)) is gone
    assert step(gone, Attuned(NOW, ListenMode.BARGE)) is gone


@pytest.mark.parametrize("event", [Up("ear.anna.0", NOW), Down("ear.anna.0", NOW, End.LOST)])
def test_what_is_told_of_a_former_call_changes_nothing(event: Up | Down) -> None:
    assert step(CALLED, event) is CALLED


def test_the_mode_changes_while_it_rings_and_later() -> None:
    barging = step(CALLED, Attuned(NOW, ListenMode.BARGE))
    assert barging.mode is ListenMode.BARGE
    assert step(step(barging, Up(CALLED.id, NOW)), Attuned(NOW, ListenMode.LISTEN)).mode is ListenMode.LISTEN
