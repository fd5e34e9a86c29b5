"""Which changes are written down for good, and what is told of each?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What was done. The first word is what it was done to."""

    CLIENT_CREATED = "client.created"
    CLIENT_CHANGED = "client.changed"
    CAMPAIGN_CREATED = "campaign.created"
    CAMPAIGN_CHANGED = "campaign.changed"
    CAMPAIGN_COMMANDED = "campaign.commanded"
    BATCH_BEGUN = "batch.begun"
    BATCH_TAKEN = "batch.taken"
    BALANCES_TAKEN = "balances.taken"
    CASE_CHANGED = "case.changed"
    SUPPRESSION_ADDED = "suppression.added"
    SUPPRESSION_PROLONGED = "suppression.prolonged"
    SUPPRESSION_LIFTED = "suppression.lifted"
    ERASURE_ORDERED = "erasure.ordered"
    ERASURE_CARRIED_OUT = "erasure.carried_out"
    RETENTION_CHANGED = "retention.changed"
    RETENTION_SWEPT = "retention.swept"
    AGENT_CREATED = "agent.created"
    AGENT_CHANGED = "agent.changed"
    AGENT_COMMANDED = "agent.commanded"  # logged in, paused …
    AGENT_LISTENED = "agent.listened"  # asked for, began, ended
    CALL_BACK_MADE = "call_back.made"  # by hand, to somebody who called us
    ENGINE_STOPPED = "engine.stopped"
    ENGINE_RESUMED = "engine.resumed"
    SCENARIO_DRAFTED = "scenario.drafted"
    SCENARIO_APPROVED = "scenario.approved"
    SCENARIO_RETIRED = "scenario.retired"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_PACED = "key.paced"
    KEY_REVOKED = "key.revoked"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_PASSWORD_SET = "user.password_set"  # noqa: S105 - an action
    USER_FACTOR_SET = "user.factor_set"
    USER_LOCKED = "user.locked"
    SESSION_BEGUN = "session.begun"
    SESSION_ENDED = "session.ended"
    CERTIFICATE_ADDED = "certificate.added"
    CERTIFICATE_REMOVED = "certificate.removed"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_REPLAYED = "webhook.replayed"
    WEBHOOK_REMOVED = "webhook.removed"
    BRAND_PUT = "brand.put"
    ATTEMPT_CORRECTED = "attempt.corrected"  # who had answered
    RECORDING_HEARD = "recording.heard"  # taken out by somebody
    RECORDING_REMOVED = "recording.removed"  # erased, or kept no longer
    PROMPT_PUT = "prompt.put"
    PROMPT_REMOVED = "prompt.removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A change, by whom, and how its subject was before and after it: only what differs, numbers masked."""

    action: Action
    at: datetime
    actor: str
    client_id: str  # whose it is; "": the installation's
    subject: str  # the id of what was changed
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both without what they share."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}
