"""Which verdicts on who answered were made in a campaign, and what did agents say of the calls that they took?"""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.core.machines import AnsweredBy
from dialer.core.mistaken import Mistaken, Share
from dialer.core.wrap_up import TalkOutcome

_BY = attempts.c.detection["answered_by"].as_string()


def mistaken(connection: sa.Connection, campaign_id: str) -> Mistaken:
    query: sa.Select[Any] = (
        sa.select(_BY, attempts.c.outcome, sa.func.count())
        .where(attempts.c.campaign_id == campaign_id, attempts.c.detection.is_not(None))
        .group_by(_BY, attempts.c.outcome)
    )
    verdicts: Counter[str] = Counter()
    spoken_of: Counter[tuple[str, bool]] = Counter()
    for answered_by, outcome, count in connection.execute(query):
        verdicts[answered_by] += count
        if outcome not in (None, TalkOutcome.UNFINISHED):  # which nobody may have said
            spoken_of[answered_by, outcome == TalkOutcome.MACHINE] += count

    def share(answered_by: AnsweredBy, *, was_machine: bool) -> Share:
        wrong = spoken_of[answered_by, was_machine]
        return Share(wrong, wrong + spoken_of[answered_by, not was_machine])

    return Mistaken(
        dict(verdicts), share(AnsweredBy.PERSON, was_machine=True), share(AnsweredBy.MACHINE, was_machine=False)
    )
