"""What does the engine talk about? The nouns: one vocabulary for database, API, events and logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class CampaignState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Mode(StrEnum):
    """What an answered call of a campaign gets, and how many are placed."""

    MESSAGE = "message"  # agentless: the answered call hears its message
    PREVIEW = "preview"  # an agent is shown each contact first, and decides whether it is called
    PROGRESSIVE = "progressive"  # one call for each free agent
    PREDICTIVE = "predictive"  # as many as will be free in time


class Voicemail(StrEnum):
    """What a machine gets that has answered."""

    HANG_UP = "hang_up"
    MESSAGE = "message"  # the limited one, after its beep
    RETRY = "retry"  # nothing; its number is called again by a rule of its own


class LegKind(StrEnum):
    """How an agent's telephone gets its callers."""

    NAILED_UP = "nailed_up"  # called once, it stays on the line
    RING = "ring"  # called for each caller


class ContactState(StrEnum):
    WAITING = "waiting"  # due_at lies ahead, or its message is not rendered yet
    READY = "ready"  # due, and its message can be played
    DIALING = "dialing"  # an attempt is open
    FINISHED = "finished"


class Disposition(StrEnum):
    """The one word for how an attempt ended."""

    DELIVERED = "delivered"  # the whole message was played to whoever answered
    CONNECTED = "connected"  # spoke with an agent
    MACHINE = "machine"  # answered by a machine: hung up on, or told the limited message
    ABANDONED = "abandoned"  # answered, and for seconds nothing was heard, or no agent was free: our fault
    HUNG_UP = "hung_up"  # answered, but left before the message ended
    REPLIED = "replied"  # answered, and said with a key what follows before the message ended
    WRONG_NUMBER = "wrong_number"  # answered, and said that it is not the telephone of the person meant
    UNSERVED = "unserved"  # answered, heard us, asked for an agent, and none was free in time
    UNIDENTIFIED = "unidentified"  # answered, and nobody was, or would be, the person meant
    BROKEN_OFF = "broken_off"  # answered, but we ended the message with a farewell: it must not go on
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNAVAILABLE = "unavailable"  # switched off or out of reach
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    CONGESTION = "congestion"  # the network had no room
    NO_REPLY = "no_reply"  # the trunk gave no sign of life within the ring time
    NOT_PLACED = "not_placed"  # the call never left our switch
    FAILED = "failed"  # our fault or unknown: the message could not be played, an odd cause
    LOST = "lost"  # outcome unknown: the engine or the switch went away in the middle
    CANCELLED = "cancelled"  # we hung up before it was answered
    WITHDRAWN = "withdrawn"  # saved, then refused right before it was to be placed


class FinishReason(StrEnum):
    """Why a contact is not called any more."""

    DELIVERED = "delivered"
    REPLIED = "replied"  # with a key: what follows is said by the reply
    HANDLED = "handled"  # by an agent: nothing is left to call about
    EXHAUSTED = "exhausted"  # the plan allows no other attempt
    NO_NUMBER = "no_number"  # every number proved invalid
    DO_NOT_CALL = "do_not_call"  # somebody asked for it: the debtor, the client, or the law
    REPLACED = "replaced"  # a newer batch left it out
    BLOCKED = "blocked"  # none of its cases may be called any more
    SETTLED = "settled"  # the last of its cases that it was called about is paid
    ERASED = "erased"  # nothing is known of the debtor any more
    EXPIRED = "expired"  # no calling window is left before not_after


class NumberType(StrEnum):
    MOBILE = "mobile"
    FIXED = "fixed"
    VOIP = "voip"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock hours [opens, closes) at the callee; closes 00:00 means the end of the day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class CallingHours:
    """When calls may be placed: windows per ISO weekday (1 = Monday), never on holidays, within a span."""

    windows: Mapping[int, tuple[Window, ...]]
    timezone: ZoneInfo
    holidays: str | None = None  # the country whose public holidays are closed, e.g. "PL"
    not_before: datetime | None = None
    not_after: datetime | None = None
    also_in: Sequence[ZoneInfo] = ()  # where the callee may be instead: calls must be permitted there too


class Turns(StrEnum):
    """Which of a contact's numbers is called next."""

    IN_TURN = "in_turn"  # the least tried
    ONE_BY_ONE = "one_by_one"  # the first until its attempts are used up, then the next


class Then(StrEnum):
    """Where the next attempt goes."""

    AGAIN = "again"  # to the number whose turn it is
    NEXT_NUMBER = "next_number"  # to another number, if one is left
    STOP = "stop"  # nowhere: the contact is finished


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What follows an attempt that ended in a certain way."""

    wait: timedelta | None = None  # instead of the plan's spacing
    at_most: int | None = None  # as often may a contact's attempts end so; then it is finished
    then: Then = Then.AGAIN


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """How often, how far apart, in which order, how long it may ring."""

    per_number: int
    spacing: timedelta  # between the starts of two attempts of a contact
    ring_time: timedelta
    ring_time_by_type: Mapping[NumberType, timedelta] = field(default_factory=dict)  # where it differs
    order: Sequence[NumberType] = ()  # these first; then, and among equals, as listed
    turns: Turns = Turns.IN_TURN
    retry: Mapping[Disposition, RetryRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a debtor and a telephone are called, over all campaigns of a client; what is left out has no limit."""

    per_debtor_day: int | None = None
    per_debtor_7_days: int | None = None
    per_number_day: int | None = None  # whichever of its debtors is called
    per_number_7_days: int | None = None
    gap: timedelta = timedelta()  # the least between the starts of two calls to a debtor
    answered_per_day: int | None = None
    rest_after_conversation: timedelta = timedelta()
    rest_after_abandoned: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """What follows when a callee promises to pay, or says that it is paid; grace and pause are working days."""

    promise_within: timedelta = timedelta(days=14)  # the last day that may be promised
    promise_grace: int = 2  # in which a promised payment is posted
    paid_pause: int = 3


@dataclass(frozen=True, slots=True)
class AgentRules:
    """Whom answered calls are for, how long they wait, and how long an agent may take afterwards.

    In mode ``message`` only those calls whose callees ask for an agent, and they wait from then on.
    """

    mode: Mode
    skills: frozenset[str]  # that an agent needs for them
    answer_wait: timedelta  # from the answer to the announcement at the latest
    wrap_up: timedelta
    abandonment_limit: float = 0.03  # of live answers, the share that may find nobody
    shortest_ring: timedelta = timedelta(seconds=15)  # before it no ringing call is given up
    own_call_back_wait: timedelta = timedelta(minutes=15)  # for the agent who agreed on it; then anybody's
    preview_time: timedelta = timedelta(minutes=1)  # in which an agent decides, in mode preview
    needs_delay_reason: bool = False  # what an agent says of a talk about the debt tells why it is not paid

    @property
    def are_called_for(self) -> bool:
        """Whether calls are placed for agents, and not only handed to them on demand."""
        return self.mode is not Mode.MESSAGE


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """Who an agent is."""

    id: str
    name: str
    phone: str  # the switch's name for the agent's telephone
    skills: frozenset[str] = frozenset()
    leg: LegKind = LegKind.NAILED_UP


@dataclass(frozen=True, slots=True)
class Lane:
    """The contacts of a campaign that share rules and a time zone: what is picked from as one queue."""

    id: int
    campaign_id: str
    batch_id: str | None
    hours: CallingHours
    rules: AttemptRules
    caller_number: str
    priority: int
    budget: Budget = Budget()
    may_tell_of_debt: bool = False  # to whoever answers
    replies: ReplyRules = ReplyRules()
    agents: AgentRules | None = None  # None: messages only
    voicemail: Voicemail | None = None  # None: nobody asks whether a machine has answered
    is_recorded: bool = False  # talks and the reasons of disputes, unless the callee refuses when told so

    @property
    def are_calls_for_agents(self) -> bool:
        """Whether its calls are placed for agents; otherwise they play messages, and may be handed over on demand."""
        return self.agents is not None and self.agents.are_called_for


@dataclass(frozen=True, slots=True)
class Record:
    """What past calls to a number came to."""

    calls: int = 0
    answers: int = 0
    calls_about_now: int = 0  # of these, at about the hour of the next one
    answers_about_now: int = 0


UNCALLED = Record()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One planned call to one number of a contact, saved before it is placed."""

    id: str
    contact_id: int
    campaign_id: str
    lane_id: int
    ordinal: int  # 1 for the contact's first attempt
    number: str  # E.164 with the plus
    message_key: str  # names the rendered body of the message
    started_at: datetime
    record: Record = UNCALLED  # of the number, when this was decided; not kept
    agent_id: str | None = None  # who is kept free for it; None: whoever is free when it is answered


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """What a switch needs to place one call."""

    attempt_id: str
    number: str  # E.164 with the plus
    caller_number: str  # E.164 with the plus
    ring_time: timedelta
    trunk: str  # its name in the switch
    tells_of_talking: bool = False  # whether the switch is to say when the callee talks
