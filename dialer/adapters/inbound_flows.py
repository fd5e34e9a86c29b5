"""What is played to whoever calls us? The brand's flow behind FastAGI."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from audio.grammar import Language
from audio.message import greeting
from audio.naming import language_of
from audio.phrases import Phrase
from dialer.adapters.flows import told
from dialer.adapters.prepared import Prepared
from dialer.adapters.voices import to_brand
from dialer.inbound import Inbound
from ivr.answering import Answering
from ivr.request import Request
from ivr.session import Outcome, Script

log = structlog.get_logger(__name__)


class InboundFlows:
    """Finds the flow of a call to us, and tells what came of it."""

    def __init__(
        self,
        inbound: Inbound,
        standing: Callable[[str | None, Language | None], Mapping[str, Phrase]],
        prepared: Prepared,
    ) -> None:
        self._inbound = inbound
        self._standing = standing
        self._prepared = prepared
        self._labels: dict[str, str] = {}  # of the flows under way, by call

    def find(self, request: Request) -> Script | None:
        """None for a number that nobody answers; the dialplan refuses it."""
        begun = self._inbound.begin(request.uniqueid, request.dialled, request.caller)
        if begun is None:
            return None
        call, line, clock = begun
        standing = self._standing(to_brand(line.brand_id), language_of(line.message_key))
        ready = self._prepared.find(line.message_key, standing[greeting(clock.time())])
        if ready is None:
            log.error("inbound_flow_gone", call=call.id, brand=line.brand_id)
            self._inbound.give_up(call.id)
            return None
        self._labels[call.id] = ready.label
        return Answering(ready.script)

    def report(self, request: Request, outcome: Outcome) -> None:
        label = self._labels.pop(request.uniqueid, "")
        self._inbound.over(request.uniqueid, max(outcome.heard, timedelta()), label, told(outcome.answers))
