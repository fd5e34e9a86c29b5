"""What is told to the world of what happened to a case?

The words are the events' vocabulary: the same in the database, in the feed and in webhooks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

ENGINE = "engine"  # the actor of what nobody ordered
CALLEE = "callee"


class EventType(StrEnum):
    ATTEMPT_FINISHED = "attempt.finished"  # with its disposition; one for each case the call was about
    CALL_CONNECTED = "call.connected"  # it was with an agent
    CALL_WRAPPED_UP = "call.wrapped_up"  # what the agent says came of it
    MESSAGE_DELIVERED = "message.delivered"
    IDENTITY_CONFIRMED = "identity.confirmed"  # by a key; one for each case the call was about, as all that follow
    INBOUND_CALL = "inbound.call"  # somebody called us; without a case: it is not known which is meant
    PROMISE_MADE = "promise.made"  # to pay by a day
    PROMISE_KEPT = "promise.kept"  # the balance has fallen by what was promised
    PROMISE_BROKEN = "promise.broken"  # the day and its grace have passed without that
    PAID_CLAIMED = "paid_claimed"  # the callee says that it is paid already
    AGENT_WANTED = "agent.wanted"  # the callee asked for somebody to talk to
    WRONG_NUMBER = "wrong_number"
    OPT_OUT = "opt_out"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_CHANGED = "dispute.changed"
    BALANCE_CHANGED = "balance.changed"
    CASE_SETTLED = "case.settled"
    CASE_REOPENED = "case.reopened"
    CASE_BLOCKED = "case.blocked"
    CASE_UNBLOCKED = "case.unblocked"
    CASE_CLOSED = "case.closed"
    CASE_CHANGED = "case.changed"  # its flags or its stage
    CASE_PAUSED = "case.paused"  # by its client; nobody is called about it
    CASE_RESUMED = "case.resumed"
    CASE_STOPPED = "case.stopped"  # for good
    CASE_ERASED = "case.erased"  # its debtor was: who it was is not known here any more
    CONTACT_FINISHED = "contact.finished"
    CONTACT_REOPENED = "contact.reopened"  # its plan, which was over, allows more since it was edited
    BATCH_FINISHED = "batch.finished"
    SUPPRESSION_ADDED = "suppression.added"
    SUPPRESSION_LIFTED = "suppression.lifted"
    ENGINE_STOPPED = "engine.stopped"
    ENGINE_RESUMED = "engine.resumed"


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that happened; its place in the order is given when it is kept."""

    type: EventType
    at: datetime
    client_id: str  # "": of the installation as a whole
    case_id: str | None = None
    actor: str = ENGINE  # or "key:…", "cli", "callee"
    campaign_id: str | None = None
    contact_id: int | None = None
    attempt_id: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


def shown(seq: int, previous: int, event: FeedEvent) -> dict[str, Any]:
    """The event as everybody is told of it, in values that JSON knows.

    Args:
        previous: the number of the event before it that this reader may see; 0: there is none.
    """
    return {
        "seq": seq,
        "previous": previous,
        "type": event.type.value,
        "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "client_id": event.client_id or None,
        "case_id": event.case_id,
        "actor": event.actor,
        "campaign_id": event.campaign_id,
        "contact_id": event.contact_id,
        "attempt_id": event.attempt_id,
        "data": dict(event.body),
    }
