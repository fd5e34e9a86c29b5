"""Did the engine keep its promises on a simulated day? The database's rows, held against the carrier's log."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from dialer.adapters.carrier import witness
from dialer.adapters.carrier.calllog import most_at_once, most_within
from dialer.adapters.carrier.script import Role
from dialer.adapters.carrier.witness import Attempt, Promise
from dialer.adapters.simulated.carried import Carried, CarrierLog
from dialer.adapters.simulated.kept import Contact, Day
from dialer.adapters.simulated.stories import STAYS
from dialer.core import windows
from dialer.core.calendar import call_days
from dialer.core.topic import TopicRules
from dialer.core.trunks import TrunkLimits
from dialer.model import Disposition, FinishReason, Lane

LONGEST_WAIT = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Waits(Protocol):
    """What a watch has seen."""

    @property
    def longest_wait(self) -> timedelta: ...
    @property
    def waited_in(self) -> str: ...
    @property
    def ended_at(self) -> datetime | None: ...


OF_ANSWERED = frozenset({Disposition.DELIVERED, Disposition.HUNG_UP, Disposition.MACHINE})  # as scripts have them
BY_AGENTS = frozenset({Disposition.CONNECTED, Disposition.ABANDONED, Disposition.HUNG_UP, Disposition.MACHINE})

Pair = tuple[Attempt, Carried]
Lanes = Mapping[int, Lane]
Plans = Mapping[str, TopicRules]


def promises(
    day: Day,
    lanes: Lanes,
    plans: Plans,
    log: CarrierLog,
    script: Sequence[Role] | None,
    limits: TrunkLimits,
    watch: Waits,
) -> list[Promise]:
    """Everything that the sides can be compared on; without a script, any end may be right.

    Args:
        plans: of each campaign, on which days it calls.
    """
    by_id = {call.attempt_id: call for call in log.calls}
    pairs = [(each, by_id[each.id]) for each in day.attempts if each.id in by_id]
    free = witness.free_tries(witness.were_placed(day.attempts))
    reached = [(each, call) for each, call in pairs if each.id not in free]
    for_agents = {lane.id for lane in lanes.values() if lane.are_calls_for_agents}
    messages = [(each, call) for each, call in pairs if day.lane_of[each.id] not in for_agents]
    others = [(each, call) for each, call in pairs if day.lane_of[each.id] in for_agents]
    scripted = [] if script is None else [_as_scripted(messages, script, watch, log)]
    if script is not None and others:
        scripted.append(_reached_as_scripted(others, script, watch))
    return [
        witness.one_disposition_each(day.attempts),
        _same_calls(day.attempts, by_id, log),
        *scripted,
        _not_too_often(day, reached, lanes, plans),
        witness.spaced(pairs, lambda attempt: _spacing(attempt, lanes[day.lane_of[attempt.id]])),
        _within_hours(day, pairs, lanes),
        _within_budgets(day, reached, lanes),
        witness.within("calls in any second", most_within(log.calls, SECOND), limits.calls_per_second),
        witness.within("calls at once", most_at_once(log.calls), limits.concurrent_calls),
        _all_attempts_made(day, reached, lanes),
        *([_nobody_waited(watch)] if len(for_agents) < len(lanes) else []),
    ]


def _same_calls(attempts: Sequence[Attempt], calls: Mapping[str, Carried], log: CarrierLog) -> Promise:
    placed = {each.id for each in witness.were_placed(attempts)}
    differing = placed ^ calls.keys()
    return Promise(
        "the carrier saw every call that we placed, once, and no other",
        not differing and not log.placed_twice and log.placed == len(calls),
        f"{len(placed)} placed, {log.placed} seen, {len(differing)} differ, {len(log.placed_twice)} twice",
    )


def _as_scripted(pairs: Sequence[Pair], script: Sequence[Role], watch: Waits, log: CarrierLog) -> Promise:
    rang_for = {call.attempt_id: call.ring_time for _, call in pairs}
    broken_off = {call.attempt_id for _, call in pairs if watch.ended_at and call.ended >= watch.ended_at}
    return witness.as_scripted(pairs, script, broken_off, lambda attempt: rang_for[attempt.id], log.machines)


def _reached_as_scripted(pairs: Sequence[Pair], script: Sequence[Role], watch: Waits) -> Promise:
    """Of calls for agents: whom they find, or not, is not the carrier's; ringing ones may be given up."""
    roles = {role.number: role for role in script}
    wrong = []
    for each, call in pairs:
        role = roles.get(each.number)
        behaviour = role.on_attempt(call.attempt) if role else STAYS
        expected = witness.implied(behaviour, call.ring_time)
        was_answered = call.answered is not None
        is_right = expected in OF_ANSWERED if was_answered else each.disposition in (expected, Disposition.CANCELLED)
        is_known = not was_answered or each.disposition in BY_AGENTS
        broken_off = watch.ended_at is not None and call.ended >= watch.ended_at
        if not broken_off and not (is_right and is_known):
            wrong.append(f"{each.disposition} instead of {expected}")
    return Promise(
        "every call for agents was answered, or not, as the carrier's script implies",
        not wrong,
        f"{len(pairs) - len(wrong)} of {len(pairs)}" + (f"; {wrong[0]}" if wrong else ""),
    )


def _not_too_often(day: Day, pairs: Sequence[Pair], lanes: Lanes, plans: Plans) -> Promise:
    calls: dict[int, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: pair[1].started):
        calls[pair[0].contact].append(pair)
    most = broken = 0
    for number, made in calls.items():
        contact = day.contacts[number]
        lane = lanes[contact.lane_id]
        for round_ in _rounds(made, lane, _planned(contact, plans[lane.campaign_id])):
            times = max(Counter(each.number for each, _ in round_).values())
            most, broken = max(most, times), broken + (times > lane.rules.per_number)
    return Promise(
        "no contact's number is called more often than its campaign allows",
        not broken,
        f"at most {most}, {broken} too often",
    )


def _planned(contact: Contact, plan: TopicRules) -> set[date]:
    """The days on which attempts about its cases begin: of reminders, or the first after the due date."""
    return {
        day
        for stage, due in contact.cases
        for day in call_days(stage, due, plan.holidays, plan.posting_days, plan.pre_due_days)
    }


def _rounds(made: Sequence[Pair], lane: Lane, planned: Collection[date]) -> Iterator[list[Pair]]:
    """Attempts that are over begin anew on a day that is planned for it."""
    round_: list[Pair] = []
    for each, call in made:
        if (
            round_
            and _is_over(round_, lane)
            and any(_day(round_[0][1], lane) < day <= _day(call, lane) for day in planned)
        ):
            yield round_
            round_ = []
        round_.append((each, call))
    yield round_


def _is_over(round_: Sequence[Pair], lane: Lane) -> bool:
    times = Counter(each.number for each, _ in round_)
    return (
        round_[-1][0].disposition in (Disposition.DELIVERED, Disposition.REPLIED, Disposition.CONNECTED)
        or max(times.values()) >= lane.rules.per_number
    )


def _day(call: Carried, lane: Lane) -> date:
    return call.started.astimezone(lane.hours.timezone).date()


def _spacing(attempt: Attempt, lane: Lane) -> timedelta:
    rule = lane.rules.retry.get(Disposition(attempt.disposition)) if attempt.disposition else None
    return rule.wait if rule is not None and rule.wait is not None else lane.rules.spacing


def _within_hours(day: Day, pairs: Sequence[Pair], lanes: Lanes) -> Promise:
    outside = sum(not windows.is_open(lanes[day.lane_of[each.id]].hours, call.started) for each, call in pairs)
    return Promise("every call began within its calling hours", not outside, f"{outside} of {len(pairs)} outside")


def _within_budgets(day: Day, pairs: Sequence[Pair], lanes: Lanes) -> Promise:
    """Of debtors and of their telephones, on each day at the callee."""
    of_debtor: Counter[tuple[int, date]] = Counter()
    of_number: Counter[tuple[str, str, date]] = Counter()
    broken = 0
    for each, call in sorted(pairs, key=lambda pair: pair[1].started):
        lane, contact = lanes[day.lane_of[each.id]], day.contacts[each.contact]
        today = _day(call, lane)
        of_debtor[contact.debtor_id, today] += 1
        of_number[contact.client_id, each.number, today] += 1
        broken += _exceeds(of_debtor[contact.debtor_id, today], lane.budget.per_debtor_day)
        broken += _exceeds(of_number[contact.client_id, each.number, today], lane.budget.per_number_day)
    return Promise(
        "nobody is called more often in a day than the budgets allow",
        not broken,
        f"at most {max(of_debtor.values(), default=0)} calls to a debtor, "
        f"{max(of_number.values(), default=0)} to a telephone; {broken} too many",
    )


def _exceeds(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit


def _all_attempts_made(day: Day, pairs: Sequence[Pair], lanes: Lanes) -> Promise:
    """Budgets and windows may need further days: whoever is still to be called counts as neither."""
    calls: dict[int, list[Attempt]] = defaultdict(list)
    for each, _ in pairs:
        calls[each.contact].append(each)
    cut_short = [
        contact.id
        for contact in day.contacts.values()
        if not _has_got_all(contact, calls[contact.id], lanes[contact.lane_id])
    ]
    finished = sum(contact.finished is not None for contact in day.contacts.values())
    return Promise(
        "whoever is called no more heard the message or got every attempt",
        not cut_short,
        f"{finished} of {len(day.contacts)} contacts are finished, {len(cut_short)} too early",
    )


def _has_got_all(contact: Contact, made: Sequence[Attempt], lane: Lane) -> bool:
    match contact.finished:
        case FinishReason.DELIVERED:
            return any(each.disposition == Disposition.DELIVERED for each in made)
        case FinishReason.REPLIED:
            return any(each.disposition == Disposition.REPLIED for each in made)
        case FinishReason.EXHAUSTED:
            times = Counter(each.number for each in made)
            used_up = all(why or times[number] >= lane.rules.per_number for number, why in contact.numbers.items())
            return used_up or bool(lane.rules.retry)  # a rule of the plan may end it sooner
        case FinishReason.NO_NUMBER:
            return all(contact.numbers.values())
    return True


def _nobody_waited(watch: Waits) -> Promise:
    where = f" in {watch.waited_in}" if watch.waited_in else ""
    return Promise(
        "nobody past due waits over a minute while channels are free",
        watch.longest_wait <= LONGEST_WAIT,
        f"at most {watch.longest_wait.total_seconds():.0f} s{where}",
    )
