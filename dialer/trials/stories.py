"""What becomes of the engine's calls in a world of dice? Stories, drawn as the floor alone draws its calls."""

from collections.abc import Callable
from datetime import timedelta

from dialer.adapters.simulated.stories import MESSAGE, Greetings
from dialer.adapters.simulated.story import Listening, Story
from dialer.core.call import End
from dialer.model import OutgoingCall
from dialer.trials.dice import Chance, Number

SETUP = timedelta(milliseconds=60)


class DicedStories:
    """Every telephone is a number of the world's, with a chance of its own to be answered."""

    def __init__(self, chance: Chance, greets: Greetings, ring_limit: float, passed: Callable[[], float]) -> None:
        """
        Args:
            ring_limit: seconds after which a call that nobody answers is none but that.
            passed: seconds since the world began.
        """
        self._chance = chance
        self._greets = greets
        self._ring_limit = ring_limit
        self._passed = passed
        self._numbers: dict[str, Number] = {}

    def __call__(self, call: OutgoingCall) -> Story:
        now = self._passed()
        number = self._numbers.get(call.number)
        if number is None:
            number = self._numbers[call.number] = self._chance.number()
        fate = self._chance.call(number, now)
        number.past.append((self._chance.hour(now), fate.answered))
        rings = SETUP + timedelta(seconds=fate.rings)
        if fate.answered:
            heard = Listening(MESSAGE, whole=True)
            talks = self._greets(is_voicemail=fate.is_machine)
            return Story(End.NORMAL, rings + MESSAGE, SETUP / 2, SETUP, rings, heard, talks, fate.is_machine)
        if fate.rings < self._ring_limit:
            return Story(End.BUSY, rings, SETUP / 2)
        return Story(End.NO_ANSWER, timedelta.max, SETUP / 2, SETUP)
