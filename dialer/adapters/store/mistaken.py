"""Which verdicts on who answered were made in a campaign, and what did agents and supervisors say of the calls?"""

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import campaigns
from dialer.core.audit import Action, Change
from dialer.core.machines import AnsweredBy
from dialer.core.mistaken import Mistaken, Share
from dialer.core.wrap_up import TalkOutcome
from dialer.ports.store import Conflict

_BY = attempts.c.detection["answered_by"].as_string()
_CORRECTED = attempts.c.detection["corrected"].as_string()
_DETECTION = (
    sa.select(attempts.c.detection, campaigns.c.client_id)
    .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
    .where(attempts.c.id == sa.bindparam("attempt"))
    .with_for_update(of=attempts)
)


def mistaken(connection: sa.Connection, campaign_id: str) -> Mistaken:
    query: sa.Select[Any] = (
        sa.select(_BY, attempts.c.outcome, _CORRECTED, sa.func.count())
        .where(attempts.c.campaign_id == campaign_id, attempts.c.detection.is_not(None))
        .group_by(_BY, attempts.c.outcome, _CORRECTED)
    )
    verdicts: Counter[str] = Counter()
    spoken_of: Counter[tuple[str, bool]] = Counter()
    for answered_by, outcome, corrected, count in connection.execute(query):
        verdicts[answered_by] += count
        if corrected is not None:
            spoken_of[answered_by, corrected == AnsweredBy.MACHINE] += count
        elif outcome not in (None, TalkOutcome.UNFINISHED):  # which nobody may have said
            spoken_of[answered_by, outcome == TalkOutcome.MACHINE] += count

    def share(answered_by: AnsweredBy, *, was_machine: bool) -> Share:
        wrong = spoken_of[answered_by, was_machine]
        return Share(wrong, wrong + spoken_of[answered_by, not was_machine])

    return Mistaken(
        dict(verdicts), share(AnsweredBy.PERSON, was_machine=True), share(AnsweredBy.MACHINE, was_machine=False)
    )


def correct(connection: sa.Connection, attempt_id: str, answered_by: AnsweredBy, now: datetime, actor: str) -> None:
    found = connection.execute(_DETECTION, {"attempt": attempt_id}).one_or_none()
    if found is None or found.detection is None:
        raise Conflict(f"of attempt {attempt_id} nobody asked whether a machine had answered")
    before = found.detection.get("corrected")
    kept = {**found.detection, "corrected": answered_by}
    connection.execute(attempts.update().where(attempts.c.id == attempt_id).values(detection=kept))
    was, said = {"answered_by": before or found.detection["answered_by"]}, {"answered_by": str(answered_by)}
    note(connection, Change(Action.ATTEMPT_CORRECTED, now, actor, found.client_id, attempt_id, was, said))
