"""⑥ What is played to an answered call? The flow behind FastAGI, joined to the call it belongs to."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from audio.message import greeting
from audio.phrases import Phrase, Phrases, StorageFailed
from dialer.lanes import Lanes
from dialer.model import Attempt
from dialer.ports import Clock
from dialer.track import Tracker
from ivr.request import Request
from ivr.session import Clip, EndedBy, How, Message, Outcome, Script

log = structlog.get_logger(__name__)


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
        """The greeting by the callee's clock, then the message; None for a call that we do not know or cannot serve."""
        attempt = self._tracker.attempt(request.uniqueid)
        if attempt is None:
            return None
        self._tracker.on_message_started(attempt.id)
        body = self._body(attempt)
        if body is None:  # it was there when the call was placed
            log.error("message_gone", attempt=attempt.id)
            self._tracker.on_message_ended(attempt.id, timedelta(), whole=False, failed=True)
            return None
        local = self._local_time(attempt.lane_id)
        return Message((self._greetings[greeting(local.time())], self._clip(body)))

    def report(self, request: Request, outcome: Outcome) -> None:
        """How it went, exactly once for every message begun."""
        self._tracker.on_message_ended(
            request.uniqueid,
            outcome.heard,
            whole=outcome.how is How.WHOLE,
            failed=outcome.ended_by is EndedBy.FAILURE,
        )

    def _body(self, attempt: Attempt) -> Phrase | None:
        try:
            return self._phrases.find(attempt.message_key)
        except StorageFailed:
            return None

    def _clip(self, phrase: Phrase) -> Clip:
        return Clip(self._path(phrase), phrase.duration)

    def _local_time(self, lane_id: int) -> datetime:
        return self._clock.now().astimezone(self._lanes.rules(lane_id).hours.timezone)
