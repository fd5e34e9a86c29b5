"""What is played to whoever calls us? The brand's flow behind FastAGI."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from audio.grammar import Language
from audio.message import HOLD, NO_AGENT, RECORDED_TALK, greeting
from audio.naming import language_of
from audio.phrases import Phrase
from dialer.adapters.flows import told
from dialer.adapters.prepared import Prepared
from dialer.adapters.voices import to_brand
from dialer.agents.inbound_talks import InboundTalks
from dialer.core.inbound import InboundCall, Line
from dialer.inbound import Inbound
from dialer.recorded_talks import ENDING
from ivr.agent_acts import StartRecording, WaitForAgent, Wanted
from ivr.answering import Answering
from ivr.joining import Meeting, Recording
from ivr.message import Message
from ivr.request import Request
from ivr.session import Act, Clip, Hold, Notice, Outcome, Play, Record, Script

log = structlog.get_logger(__name__)


class InboundFlows:
    """Finds the flow of a call to us, and tells what came of it."""

    def __init__(
        self,
        inbound: Inbound,
        talks: InboundTalks,
        standing: Callable[[str | None, Language | None], Mapping[str, Phrase]],
        prepared: Prepared,
        path: Callable[[Phrase], str],
        tape: Callable[[str], str],
    ) -> None:
        """``path`` names an audio file as the switch sees it, ``tape`` a call's recording, with its ending."""
        self._inbound = inbound
        self._standing = standing
        self._prepared = prepared
        self._path = path
        self._tape = tape
        self._talks = talks
        self._labels: dict[str, str] = {}  # of the flows under way, by call
        self._lines: dict[str, tuple[Line, ZoneInfo]] = {}

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
        self._talks.may_want_agent(call, line)
        self._labels[call.id] = ready.label
        self._lines[call.id] = line, ZoneInfo(str(clock.tzinfo))
        return Answering(
            replace(
                ready.script,
                meeting=self._meeting(call, line, standing),
                recording=self._tape(call.id).removesuffix(ENDING) if line.is_recorded else None,
                is_withheld=call.caller is None,
            )
        )

    def acted(self, request: Request, act: Act) -> None:
        """What the session has begun."""
        match act:
            case WaitForAgent(why=why):
                if why is Wanted.NOT_JOINED:
                    self._talks.could_not_join(request.uniqueid)
                line, zone = self._lines[request.uniqueid]
                self._talks.wants_agent(request.uniqueid, line, zone)
            case Hold() | Notice():
                return  # the caller waits on
            case StartRecording() | Record():
                self._inbound.recording(request.uniqueid)
            case Play():  # nobody was free: the flow goes on
                self._talks.waits_no_more(request.uniqueid)

    def _meeting(self, call: InboundCall, line: Line, standing: Mapping[str, Phrase]) -> Meeting | None:
        """How the caller gets to an agent; where nobody is free, the flow says so."""
        if line.transfer_wait is None:
            return None
        sorry, hold, notice = (
            Clip(self._path(standing[said]), standing[said].duration) for said in (NO_AGENT, HOLD, RECORDED_TALK)
        )
        none = Message((sorry,))
        recording = Recording(notice, self._tape(call.id)) if line.is_recorded else None
        return Meeting(line.transfer_wait, none, none, none, hold, recording=recording, leads_back=True)

    def report(self, request: Request, outcome: Outcome) -> None:
        label = self._labels.pop(request.uniqueid, "")
        self._lines.pop(request.uniqueid, None)
        self._talks.over(request.uniqueid)
        self._inbound.over(request.uniqueid, max(outcome.heard, timedelta()), label, told(outcome.answers))
