"""⑥ What is played to an answered call? The flow behind FastAGI, joined to the call it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePath

import structlog

import ivr.answers
from audio.grammar import Language
from audio.message import ASK_FOR_AGENT, CUT_OFF, GOODBYE, HOLD, NO_AGENT, NO_MORE_CALLS, PAID, RECORDED_TALK, greeting
from audio.naming import language_of
from audio.phrases import Phrase, Phrases
from audio.storage import StorageFailed
from dialer.adapters.campaign_words import MachinePhrases
from dialer.adapters.meetings import AgentFlows, MeetingWords
from dialer.adapters.prepared import Prepared, Ready
from dialer.core.answers import Answers, Reply
from dialer.core.farewell import Words, words_said
from dialer.lanes import Lanes
from dialer.model import Attempt
from dialer.ports import Clock
from dialer.track import Tracker
from ivr.flow.nodes import Identity
from ivr.flow.session import FlowScript, FlowSession
from ivr.joining import Meeting
from ivr.message import Message
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Clip, EndedBy, How, Outcome, Script, Session
from ivr.transfer import Offer

SAID = {Words.NEUTRAL: GOODBYE, Words.PAID: PAID}

log = structlog.get_logger(__name__)


class MessageFlows:
    """Finds the message of an answered call, and its farewell; tells the tracker how much of the message was heard."""

    def __init__(
        self,
        tracker: Tracker,
        lanes: Lanes,
        phrases: Phrases,
        standing: Callable[[str | None, Language | None], Mapping[str, Phrase]],
        clock: Clock,
        path: Callable[[Phrase], str],
        prepared: Prepared,
        agents: AgentFlows | None = None,
        for_machines: Callable[[str, Language | None], MachinePhrases | None] = lambda *_: None,
    ) -> None:
        """``standing``: a campaign's phrases by their words, in a language; ``path`` names an audio file as the switch
        sees it.

        ``for_machines``: what a campaign plays where machines are told from people.
        """
        self._tracker = tracker
        self._lanes = lanes
        self._phrases = phrases
        self._clock = clock
        self._path = path
        self._agents = agents
        self._standing = standing
        self._prepared = prepared
        self._for_machines = for_machines
        self._begun: dict[str, Ready] = {}  # flows that are under way, by attempt
        self._left_with: set[str] = set()  # machines that the limited message plays to

    def find(self, request: Request) -> Script | None:
        """The greeting by the callee's clock, then the message; None for a call that is not ours, or called off."""
        attempt = self._tracker.to_be_played(request.uniqueid)
        if attempt is None:
            return None
        is_for_agent = self._agents is not None and self._agents.is_for_agent(attempt.id)
        if not is_for_agent:
            self._tracker.on_message_started(attempt.id)
        script = self._script(attempt, is_for_agent=is_for_agent)
        if script is None:  # it was there when the call was placed
            log.error("message_gone", attempt=attempt.id)
            if is_for_agent:
                self._tracker.on_waiting(attempt.id)
            self._tracker.on_message_ended(attempt.id, timedelta(), whole=False, failed=True)
        return script

    def farewell(self, attempt_id: str, playing: str, words: Words, session: Session | None) -> Clip:
        """What is said in place of the rest of the message; ``playing`` is the path of the clip that it breaks off."""
        attempt = self._tracker.attempt(attempt_id)
        standing = self._standing(*_spoken(attempt)) if attempt else self._standing(None, None)
        body_begun = all(playing != self._path(phrase) for phrase in standing.values())
        may_tell = attempt is not None and self._lanes.rules(attempt.lane_id).may_tell_of_debt
        if isinstance(session, FlowSession):
            may_tell = session.may_be_told
        said = SAID[words_said(words, body_begun=body_begun, may_tell_of_debt=may_tell)]
        return self._clip(standing[said])

    def voicemail(self, attempt_id: str, *, is_to_be_left: bool) -> tuple[Clip, ...]:
        """What is left with a machine, or said until it listens; nothing where that is not ready."""
        attempt = self._tracker.attempt(attempt_id)
        ready = self._for_machines(*_spoken(attempt)) if attempt else None
        if attempt is None or ready is None:
            return ()
        hello = self._standing(*_spoken(attempt))[greeting(self._local_time(attempt.lane_id).time())]
        said = self._clip(hello), self._clip(ready.voicemail)
        if not is_to_be_left:
            self._left_with.discard(attempt_id)
            return *said, self._clip(ready.silence)
        self._left_with.add(attempt_id)
        return said

    def report(self, request: Request, outcome: Outcome) -> None:
        """How it went, exactly once for every message begun."""
        attempt = self._tracker.attempt(request.uniqueid)
        begun = self._begun.pop(request.uniqueid, None)
        self._tracker.on_message_ended(
            request.uniqueid,
            outcome.heard,
            whole=outcome.how is How.WHOLE,
            failed=outcome.ended_by is EndedBy.FAILURE,
            broken_off=outcome.ended_by is EndedBy.BREAK_OFF,
            unidentified=begun is not None and _asked_in_vain(begun.script, outcome),
            answers=told(outcome.answers),
            flow=begun.label if begun else None,
            is_left=request.uniqueid in self._left_with and outcome.instead is How.WHOLE,
        )
        self._left_with.discard(request.uniqueid)
        if self._agents is not None and attempt is not None:
            self._agents.reported(attempt, outcome)

    def _script(self, attempt: Attempt, *, is_for_agent: bool) -> Script | None:
        standing = self._standing(*_spoken(attempt))
        hello = standing[greeting(self._local_time(attempt.lane_id).time())]
        body = self._body(attempt)
        if self._agents is not None and is_for_agent:
            has_words = body is not None and self._lanes.rules(attempt.lane_id).are_calls_for_agents
            said = (hello, body) if body is not None and has_words else (standing[NO_AGENT],)
            words = self._meeting_words(standing, Message(tuple(map(self._clip, said))))
            return self._agents.meeting(attempt, words, self._greeting(attempt, hello))
        if body is None:
            return self._flow(attempt, hello)
        message = Message((self._clip(hello), self._clip(body)))
        if (meeting := self._transfer(attempt)) is None:
            return message
        offering = Message((self._clip(standing[ASK_FOR_AGENT]), self._clip(standing[GOODBYE])))
        return Offer(message, offering, meeting)

    def _transfer(self, attempt: Attempt) -> Meeting | None:
        """How a callee who asks for an agent gets to one."""
        if self._agents is None:
            return None
        standing = self._standing(*_spoken(attempt))
        sorry = Message((self._clip(standing[NO_AGENT]),))
        return self._agents.transfer(attempt, self._meeting_words(standing, sorry), self._clip(standing[HOLD]))

    def _meeting_words(self, standing: Mapping[str, Phrase], announcement: Message) -> MeetingWords:
        cut_off, no_more = (Message((self._clip(standing[said]),)) for said in (CUT_OFF, NO_MORE_CALLS))
        return MeetingWords(announcement, cut_off, no_more, self._clip(standing[RECORDED_TALK]))

    def _greeting(self, attempt: Attempt, hello: Phrase) -> tuple[Clip, ...]:
        """What is heard while a machine would be found out; nothing where nobody asks."""
        ready = self._for_machines(*_spoken(attempt))
        if ready is None or self._lanes.rules(attempt.lane_id).voicemail is None:
            return ()
        return self._clip(hello), self._clip(ready.greeting)

    def _body(self, attempt: Attempt) -> Phrase | None:
        try:
            return self._phrases.find(attempt.message_key)
        except StorageFailed:
            return None

    def _flow(self, attempt: Attempt, hello: Phrase) -> Script | None:
        ready = self._prepared.find(attempt.message_key, hello)
        if ready is None:
            return None
        self._begun[attempt.id] = ready
        tape = self._agents.tape(attempt) if self._agents else None
        return replace(ready.script, meeting=self._transfer(attempt), recording=tape)

    def _clip(self, phrase: Phrase) -> Clip:
        return Clip(self._path(phrase), phrase.duration)

    def _local_time(self, lane_id: int) -> datetime:
        return self._clock.now().astimezone(self._lanes.rules(lane_id).hours.timezone)


def _spoken(attempt: Attempt) -> tuple[str, Language | None]:
    """Of which campaign, and in which language its message is."""
    return attempt.campaign_id, language_of(attempt.message_key)


def _asked_in_vain(script: FlowScript, outcome: Outcome) -> bool:
    asks = script.flow.identity is Identity.REQUIRED and not script.terms.may_be_told
    return asks and outcome.ended_by is EndedBy.US and not outcome.answers.is_identified


def told(told: ivr.answers.Answers) -> Answers:
    """In the dialer's words: a recording is named after its attempt."""
    recording = told.recording and PurePath(told.recording).name
    return Answers(
        told.is_identified, tuple(map(Reply, told.replies)), told.promised, recording, told.keys, told.is_announced
    )


class SpokenFarewell:
    """The Farewell port (dialer/ports/farewell.py) on the messages that FastAGI plays."""

    def __init__(self, server: FastAGIServer, flows: MessageFlows) -> None:
        self._server = server
        self._flows = flows

    def break_off(self, attempt_id: str, words: Words) -> bool:
        playing = self._server.playing(attempt_id)
        if playing is None:
            return False
        log.info("message_broken_off", attempt=attempt_id, asked=words)
        session = self._server.session(attempt_id)
        return self._server.break_off(attempt_id, (self._flows.farewell(attempt_id, playing, words, session),))


class SpokenToMachines:
    """The Machine port (dialer/ports/machine.py) on the messages that FastAGI plays."""

    def __init__(self, server: FastAGIServer, flows: MessageFlows) -> None:
        self._server = server
        self._flows = flows

    def is_person(self, attempt_id: str) -> bool:
        session = self._server.session(attempt_id)
        return isinstance(session, FlowSession) and session.told.keys != ""

    def say_meanwhile(self, attempt_id: str) -> bool:
        return self._say(attempt_id, self._flows.voicemail(attempt_id, is_to_be_left=False))

    def leave_message(self, attempt_id: str) -> bool:
        return self._say(attempt_id, self._flows.voicemail(attempt_id, is_to_be_left=True))

    def _say(self, attempt_id: str, clips: tuple[Clip, ...]) -> bool:
        return bool(clips) and self._server.say_instead(attempt_id, clips)
