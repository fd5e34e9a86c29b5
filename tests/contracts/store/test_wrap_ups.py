"""Does a contact wait for the wrap-up of its talk, and does what was said there follow, once?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.agents import Agent, AgentState
from dialer.core.feed import EventType
from dialer.core.machines import AnsweredBy, Because, Detection
from dialer.core.mistaken import Mistaken, Share
from dialer.core.retry import Again, Done, Stand
from dialer.core.rules import Rule
from dialer.core.wrap_up import TalkOutcome, WrapUp
from dialer.model import AgentProfile, Attempt, Disposition, FinishReason
from dialer.ports.store import Concluded, Conclusion, Conflict
from tests.support.stores import NOW, conclusion, contact_of, lease, ready_all, row, settings, take

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANNA = AgentProfile("anna", "Anna", "phone-1")


def held(each: Conclusion, before: Stand) -> Concluded:
    return Concluded(before, Again(NOW + DAY), NOW, counted=True, waits_for=Rule.WRAP_UP)


def finished(*_: object) -> Done:
    return Done(FinishReason.HANDLED)


@pytest.fixture
async def talk(store: SqlStore) -> Attempt:
    """A talk that is over, and not wrapped up."""
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await ready_all(store)
    [attempt] = await lease(store)
    await store.conclude([conclusion(attempt, Disposition.CONNECTED)], held)
    return attempt


def said(talk: Attempt, outcome: TalkOutcome = TalkOutcome.INFORMED, **more: object) -> WrapUp:
    return WrapUp(talk.id, outcome, NOW + HOUR, "anna", **more)  # type: ignore[arg-type]


async def told(store: SqlStore, type_: EventType) -> list[dict[str, object]]:
    return [dict(entry.event.body) for entry in await store.events(0, 100, types=[type_])]


async def test_a_talk_alone_finishes_nothing(store: SqlStore, talk: Attempt) -> None:
    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", NOW + DAY)
    assert await store.talks_to_wrap_up(NOW + DAY) == [talk.id]
    assert len(await told(store, EventType.CALL_CONNECTED)) == 1


async def test_what_an_agent_says_ends_the_calls(store: SqlStore, talk: Attempt) -> None:
    await store.wrap_up(said(talk, note="zadzwoni sam"), finished)
    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", "handled")
    assert await store.talks_to_wrap_up(NOW + DAY) == []
    assert await told(store, EventType.CALL_WRAPPED_UP) == [
        {"outcome": "informed", "agent": "anna", "note": "zadzwoni sam"}
    ]
    assert await told(store, EventType.CONTACT_FINISHED) == [{"reason": "handled"}]
    assert [each.outcome for each in await store.attempts_of(contact.id)] == ["informed"]


async def test_an_appointment_makes_the_contact_due_then(store: SqlStore, talk: Attempt) -> None:
    moment = NOW + 3 * HOUR
    agreed = said(talk, TalkOutcome.CALL_BACK, call_back_at=moment)
    await store.wrap_up(agreed, lambda *_: Again(moment))
    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", moment)
    known = await store.known(contact.id, moment, DAY)
    assert known is not None
    assert (known.candidate.appointment_at, known.waits_for) == (moment, None)


async def test_a_call_back_is_whose_it_was_agreed_to_be_until_an_attempt_counts(store: SqlStore, talk: Attempt) -> None:
    moment = NOW + 3 * HOUR
    agreed = said(talk, TalkOutcome.CALL_BACK, call_back_at=moment, is_own=True)
    await store.wrap_up(agreed, lambda *_: Again(moment))
    contact = await contact_of(store)

    async def whose() -> tuple[object, object]:
        known = await store.known(contact.id, moment, DAY)
        assert known is not None
        return known.candidate.appointment_at, known.candidate.appointment_agent

    def again(*, counted: bool) -> Callable[[Conclusion, Stand], Concluded]:
        return lambda _, before: Concluded(before, Again(moment), NOW, counted=counted)

    assert await whose() == (moment, "anna")
    [first] = await lease(store, moment)
    await store.conclude([conclusion(first, Disposition.WITHDRAWN)], again(counted=False))
    assert await whose() == (moment, "anna"), "nobody was called"
    [second] = await lease(store, moment)
    await store.conclude([conclusion(second, Disposition.NO_ANSWER)], again(counted=True))
    assert await whose() == (None, None)
    assert (await told(store, EventType.CALL_WRAPPED_UP))[0]["own"] is True


async def test_whoever_agreed_to_be_called_comes_before_all_others(store: SqlStore, talk: Attempt) -> None:
    moment = NOW + 3 * HOUR
    await store.wrap_up(said(talk, TalkOutcome.CALL_BACK, call_back_at=moment), lambda *_: Again(moment))
    await take(store, "B-2", row("D2"), row("D1"))
    [first] = await lease(store, moment, limit=1)
    assert first.contact_id == talk.contact_id


async def test_a_talk_is_wrapped_up_once(store: SqlStore, talk: Attempt) -> None:
    await store.wrap_up(said(talk), finished)
    with pytest.raises(Conflict, match="already"):
        await store.wrap_up(said(talk, TalkOutcome.REFUSED), finished)
    assert len(await told(store, EventType.CALL_WRAPPED_UP)) == 1


async def test_what_was_no_talk_is_not_wrapped_up(store: SqlStore) -> None:
    with pytest.raises(Conflict, match="no talk"):
        await store.wrap_up(WrapUp("f" * 32, TalkOutcome.INFORMED, NOW), finished)


async def test_what_is_disputed_blocks_the_case(store: SqlStore, talk: Attempt) -> None:
    await store.wrap_up(said(talk, TalkOutcome.DISPUTED), lambda *_: Again(NOW + DAY))
    assert len(await told(store, EventType.DISPUTE_OPENED)) == 1
    assert (await contact_of(store)).finished == "blocked"


async def test_who_wants_no_more_calls_is_called_no_more(store: SqlStore, talk: Attempt) -> None:
    await store.wrap_up(said(talk, TalkOutcome.OPT_OUT), lambda *_: Again(NOW + DAY))
    assert (await contact_of(store)).finished == "do_not_call"


def verdict(answered_by: AnsweredBy) -> Detection:
    nothing = timedelta()
    return Detection(answered_by, Because.LONG_GREETING, 4 * nothing, nothing, nothing, 3, nothing)


async def test_what_agents_say_of_their_talks_corrects_the_verdicts(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", *(row(f"D{n}", numbers=[f"+4828000001{n}"]) for n in range(4)))
    await ready_all(store)
    attempts = await lease(store)
    person, machine = AnsweredBy.PERSON, AnsweredBy.MACHINE
    ended = [conclusion(each, Disposition.CONNECTED) for each in attempts]
    verdicts = (person, person, person, machine)
    ended = [
        replace(each, call=replace(each.call, detection=verdict(by))) for each, by in zip(ended, verdicts, strict=True)
    ]
    await store.conclude(ended, held)
    outcomes = (TalkOutcome.MACHINE, TalkOutcome.INFORMED, TalkOutcome.UNFINISHED, TalkOutcome.REFUSED)
    for attempt, outcome in zip(attempts, outcomes, strict=True):
        await store.wrap_up(said(attempt, outcome), finished)
    figures = await store.campaign_figures("RENT")
    assert figures.mistaken == Mistaken({"person": 3, "machine": 1}, Share(1, 2), Share(1, 1))
    for attempt, by in ((attempts[2], machine), (attempts[3], machine)):  # one unsaid, one that an agent said otherwise
        await store.correct_attempt(attempt.id, by, NOW, "key:boss")
    figures = await store.campaign_figures("RENT")
    assert figures.mistaken == Mistaken({"person": 3, "machine": 1}, Share(2, 3), Share(0, 1))
    with pytest.raises(Conflict, match="nobody asked"):
        await store.correct_attempt("f" * 32, machine, NOW, "key:boss")
    [shown] = await store.attempts_of(attempts[3].contact_id)
    assert shown.detection is not None
    assert Detection.from_json(shown.detection) == verdict(machine)


async def test_the_calls_of_agents_are_found_again_until_these_are_free(store: SqlStore, talk: Attempt) -> None:
    await store.put_agent(ANNA, NOW, "test")
    wraps_up = Agent("anna", NOW, AgentState.WRAP_UP, attempt_id=talk.id, has_line=True)
    await store.save_agents([wraps_up], [])
    assert [(each.id, each.contact_id, each.lane_id) for each in await store.calls_of_agents()] == [
        (talk.id, talk.contact_id, talk.lane_id)
    ]
    await store.save_agents([replace(wraps_up, state=AgentState.READY, attempt_id=None)], [])
    assert await store.calls_of_agents() == []
