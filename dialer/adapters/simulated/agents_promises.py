"""Did nobody answer into silence, and was nobody's agent given away? Telephones held against the database's rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt

from dialer.adapters.carrier.witness import Promise
from dialer.adapters.simulated.kept import Day
from dialer.adapters.simulated.meetings import Meeting
from dialer.core.dispositions import SILENCE
from dialer.model import Disposition, Lane

MANY = 1_000  # live answers, from which on a campaign's share is held against its limit without allowance
BETWEEN = timedelta(milliseconds=50)  # two processors, two clocks


def promises(
    day: Day, lanes: Mapping[int, Lane], meetings: Collection[Meeting], still_in: Sequence[str]
) -> list[Promise]:
    """
    Args:
        still_in: agents who could not log out.
    """
    return [
        _nobody_in_silence(meetings),
        _one_at_a_time(meetings),
        _told_alike(day, meetings),
        _within_limits(day, lanes, meetings),
        Promise("every agent goes home after the last talk", not still_in, f"{len(still_in)} could not"),
    ]


def live_answers(day: Day, meetings: Collection[Meeting]) -> list[tuple[Meeting, bool]]:
    """Each with whether it was abandoned, as the ledger has it; machines that were recognised are none."""
    became = {each.id: each.disposition for each in day.attempts}
    return [
        (met, became[met.attempt_id] == Disposition.ABANDONED)
        for met in meetings
        if became[met.attempt_id] != Disposition.MACHINE
    ]


def _nobody_in_silence(meetings: Collection[Meeting]) -> Promise:
    longest = max((met.silence for met in meetings), default=timedelta())
    return Promise(
        "whoever answers hears an agent, or that nobody is free, within two seconds",
        longest <= SILENCE,
        f"{len(meetings)} answered, silence of {longest.total_seconds():.2f} s at most",
    )


def _one_at_a_time(meetings: Collection[Meeting]) -> Promise:
    by_leg: dict[str, list[Meeting]] = defaultdict(list)
    for met in meetings:
        if met.leg_id is not None and met.joined_at is not None:
            by_leg[met.leg_id].append(met)
    twice = 0
    for theirs in by_leg.values():
        busy_until: datetime | None = None
        for met in sorted(theirs, key=lambda met: met.joined_at or met.answered_at):
            twice += busy_until is not None and met.joined_at is not None and met.joined_at < busy_until
            busy_until = met.ended_at
    return Promise("no agent has two callers at once", not twice, f"{sum(map(len, by_leg.values()))} talks, {twice} so")


def _told_alike(day: Day, meetings: Collection[Meeting]) -> Promise:
    """Who heard no agent: by the telephones, and by the ledger."""
    alone = {
        met.attempt_id
        for met, _ in live_answers(day, meetings)
        if met.joined_at is None and (met.announced_at is not None or met.silence >= SILENCE - BETWEEN)
    }
    ledger = {each.id for each in day.attempts if each.disposition == Disposition.ABANDONED}
    return Promise(
        "the ledger's abandoned calls are those whose callees heard no agent",
        alone == ledger,
        f"{len(ledger)} abandoned, {len(alone ^ ledger)} differ",
    )


def _within_limits(day: Day, lanes: Mapping[int, Lane], meetings: Collection[Meeting]) -> Promise:
    """Of fewer than a thousand live answers the limit holds in expectation: up to three standard deviations more."""
    limits = {lane.campaign_id: lane.agents.abandonment_limit for lane in lanes.values() if lane.agents}
    counted: dict[str, list[bool]] = defaultdict(list)
    for met, is_abandoned in live_answers(day, meetings):
        counted[met.campaign_id].append(is_abandoned)
    broken, told = False, []
    for campaign, each in sorted(counted.items()):
        permitted = limits[campaign] * len(each)
        allowance = 0.0 if len(each) >= MANY else 1 + 3 * sqrt(permitted)
        broken |= sum(each) > permitted + allowance
        told.append(f"{campaign} {sum(each)} of {len(each)} ({sum(each) / len(each):.1%})")
    return Promise("abandoned calls stay within the limit", not broken, "; ".join(told) or "nobody answered")
