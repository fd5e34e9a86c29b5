"""⑥ What is played to an answered call? The flow behind FastAGI, joined to the call it belongs to."""

from collections.abc import Callable, Mapping
from datetime import datetime

from audio.message import greeting
from audio.phrases import Phrase, Phrases
from dialer.lanes import Lanes
from dialer.ports import Clock
from dialer.track import Tracker
from ivr.request import Request
from ivr.session import Clip, EndedBy, How, Message, Outcome, Script


class MessageFlows:
    """Finds the message of an answered call, and tells the tracker how much of it was heard."""

    def __init__(
        self,
        tracker: Tracker,
        lanes: Lanes,
        phrases: Phrases,
        greetings: Mapping[str, Phrase],
        clock: Clock,
        path: Callable[[Phrase], str],
    ) -> None:
        """``path`` names an audio file as the switch sees it, without its ending."""
        self._tracker = tracker
        self._lanes = lanes
        self._phrases = phrases
        self._clock = clock
        self._path = path
        self._greetings = {words: self._clip(phrase) for words, phrase in greetings.items()}

    def find(self, request: Request) -> Script | None:
        """The greeting by the callee's clock, then the message; None for a call that we do not know."""
        attempt = self._tracker.attempt(request.uniqueid)
        body = self._phrases.find(attempt.message_key) if attempt else None
        if attempt is None or body is None:
            return None
        local = self._local_time(attempt.lane_id)
        self._tracker.on_message_started(attempt.id)
        return Message((self._greetings[greeting(local.time())], self._clip(body)))

    def report(self, request: Request, outcome: Outcome) -> None:
        """How it went, exactly once for every message begun."""
        self._tracker.on_message_ended(
            request.uniqueid,
            outcome.heard,
            whole=outcome.how is How.WHOLE,
            failed=outcome.ended_by is EndedBy.FAILURE,
        )

    def _clip(self, phrase: Phrase) -> Clip:
        return Clip(self._path(phrase), phrase.duration)

    def _local_time(self, lane_id: int) -> datetime:
        return self._clock.now().astimezone(self._lanes.rules(lane_id).hours.timezone)
