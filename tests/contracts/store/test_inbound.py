"""What is written down when somebody calls a brand, and what follows?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.answers import Answers, Reply
from dialer.core.budgets import of_debtor
from dialer.core.feed import FeedEvent
from dialer.core.inbound import InboundCall
from dialer.core.suppressions import SuppressionReason
from dialer.core.wrap_up import TalkOutcome, WrapUp
from dialer.model import Budget, Disposition
from dialer.ports.store import Conflict, SuppressionFilter
from tests.support.feed import whole_feed
from tests.support.stores import (
    FIXED,
    HORIZON,
    MOBILE,
    NOW,
    OTHER_MOBILE,
    WARSAW,
    conclusion,
    contact_of,
    follow,
    lease,
    ready_all,
    row,
    settings,
    take,
)

CALL = InboundCall("1795.1", "flats", "CL-CZYNSZ", "+48380000055", MOBILE, NOW, NOW + timedelta(seconds=40))
HOUR = timedelta(hours=1)
WARSAW_TIME = ZoneInfo(WARSAW)


@pytest.fixture(autouse=True)
async def campaigns(store: SqlStore) -> None:
    for campaign in ("RENT", "FLATS"):
        await store.put_campaign(campaign, settings(), NOW, None)
    await take(store, "B-1", row("D1", numbers=(MOBILE, FIXED)), row("D2", numbers=(FIXED,)))


def never(_: int) -> datetime | None:
    return None


def by_agents(_: int) -> bool:
    return True


def by_nobody(_: int) -> bool:
    return False


def telling(*replies: Reply, promised: date | None = None, caller: str | None = MOBILE) -> InboundCall:
    return replace(CALL, answers=Answers(replies=replies, promised=promised, keys="1"), caller=caller)


async def told(store: SqlStore) -> Sequence[FeedEvent]:
    return [each.event for each in await whole_feed(store) if each.event.actor == "callee"]


async def test_a_dispute_is_opened_for_the_debtor_whose_number_it_is(store: SqlStore) -> None:
    assert await store.take_inbound(telling(Reply.DISPUTE), never, by_agents) == 1

    case = await store.case("CL-CZYNSZ", "RENT/D1")
    assert case is not None
    assert (case.standing.dispute, case.standing.blocked) == ("open", ("B_DISPUTE",))
    assert (await contact_of(store)).finished == "blocked"
    assert [each.type for each in await told(store)] == [
        "inbound.call", "dispute.opened", "case.blocked", "contact.finished",
    ]  # fmt: skip


async def test_the_case_shows_that_somebody_called(store: SqlStore) -> None:
    await store.take_inbound(telling(), never, by_agents)

    [call] = await told(store)
    assert (call.case_id, call.attempt_id, call.at) == ("RENT/D1", None, NOW)
    assert call.body == {
        "brand_id": "flats", "number": "…001", "debtors": 1, "replies": [], "promised": None, "heard_ms": 0,
        "agent": None,
    }  # fmt: skip


@pytest.mark.parametrize(("caller", "debtors"), [(FIXED, 2), (OTHER_MOBILE, 0), (None, 0)])
async def test_what_is_told_from_a_number_of_several_or_of_nobody_changes_no_case(
    store: SqlStore, caller: str | None, debtors: int
) -> None:
    said = telling(Reply.DISPUTE, Reply.PROMISE, promised=date(2026, 12, 4), caller=caller)
    assert await store.take_inbound(said, never, by_agents) == debtors

    for debtor in ("D1", "D2"):
        case = await store.case("CL-CZYNSZ", f"RENT/{debtor}")
        assert case is not None
        assert (case.standing.dispute, case.promise) == (None, None)
    [call] = await told(store)
    assert (call.case_id, call.body["debtors"], call.body["replies"]) == (None, debtors, ["dispute", "promise"])


async def test_no_other_clients_debtor_is_found(store: SqlStore) -> None:
    assert await store.take_inbound(replace(telling(Reply.DISPUTE), client_id="CL-OTHER"), never, by_agents) == 0


async def test_an_agent_sees_what_the_one_debtor_with_the_number_owes_disputed_or_not(store: SqlStore) -> None:
    await store.take_inbound(telling(Reply.DISPUTE), never, by_agents)

    assert [each.case_id for each in await store.cases_of_caller("CL-CZYNSZ", MOBILE)] == ["RENT/D1"]
    for client, number in (("CL-CZYNSZ", FIXED), ("CL-CZYNSZ", OTHER_MOBILE), ("CL-OTHER", MOBILE)):
        assert await store.cases_of_caller(client, number) == []


TALK = replace(CALL, agent_id="anna", joined_at=NOW, answers=Answers(replies=(Reply.AGENT,)))
LATER = NOW + HOUR


def saying(outcome: TalkOutcome, promised: date | None = None, call_back_at: datetime | None = None) -> WrapUp:
    return WrapUp(CALL.id, outcome, LATER, "anna", promised=promised, call_back_at=call_back_at)


async def test_what_an_agent_says_of_the_talk_holds_for_the_debtor_whose_number_it_is(store: SqlStore) -> None:
    await store.take_inbound(TALK, never, by_agents)
    await store.wrap_up_inbound(saying(TalkOutcome.PROMISED, date(2026, 12, 4)), never, by_agents)

    case = await store.case("CL-CZYNSZ", "RENT/D1")
    assert case is not None
    assert case.promise is not None
    [said] = [each.event for each in await whole_feed(store) if each.event.type == "call.wrapped_up"]
    assert (said.case_id, said.actor, said.body["outcome"]) == ("RENT/D1", "agent:anna", "promised")
    assert "agent.wanted" not in [each.type for each in await told(store)], "somebody spoke with them"
    with pytest.raises(Conflict, match="wrapped up already"):
        await store.wrap_up_inbound(saying(TalkOutcome.INFORMED), never, by_agents)


async def test_whoever_is_to_be_called_back_is_a_debtor_whose_number_it_is(store: SqlStore) -> None:
    await store.take_inbound(TALK, never, by_agents)
    await store.wrap_up_inbound(saying(TalkOutcome.CALL_BACK, call_back_at=LATER + HOUR), never, by_agents)
    assert (await contact_of(store)).due_at == LATER + HOUR

    await store.take_inbound(replace(TALK, id="1795.2", caller=FIXED), never, by_agents)
    with pytest.raises(Conflict, match="several debtors"):
        await store.wrap_up_inbound(
            replace(saying(TalkOutcome.CALL_BACK, call_back_at=LATER + HOUR), attempt_id="1795.2"), never, by_agents
        )


async def test_nobody_is_called_back_by_a_campaign_without_agents(store: SqlStore) -> None:
    await store.take_inbound(TALK, never, by_nobody)
    with pytest.raises(Conflict, match="no campaign with agents"):
        await store.wrap_up_inbound(saying(TalkOutcome.CALL_BACK, call_back_at=LATER + HOUR), never, by_nobody)


ASKING = telling(Reply.AGENT, Reply.CALL_BACK)
ASKED_AT = NOW + timedelta(seconds=40)  # at its end


async def waiting(store: SqlStore) -> list[tuple[str, str | None, bool]]:
    return [(each.number, each.debtor, each.contact_id is not None) for each in await store.call_backs("", 10)]


async def test_a_debtor_who_asks_for_a_call_back_is_called_on_that_number_whatever_rests(store: SqlStore) -> None:
    await store.take_inbound(ASKING, never, by_agents)

    contact = await contact_of(store)
    known = await store.known(contact.id, NOW + HOUR, HORIZON)
    assert known is not None
    assert (contact.due_at, known.candidate.appointment_number) == (ASKED_AT, MOBILE)
    assert await waiting(store) == [(MOBILE, "D1", True)]


@pytest.mark.parametrize(("caller", "debtor"), [(MOBILE, "D1"), (FIXED, None), (OTHER_MOBILE, None)])
async def test_whom_no_agents_campaign_calls_somebody_calls_by_hand(
    store: SqlStore, caller: str, debtor: str | None
) -> None:
    await store.take_inbound(replace(ASKING, caller=caller), never, by_nobody)
    assert await waiting(store) == [(caller, debtor, False)]

    assert await store.call_back_made(CALL.id, LATER, "user:anna")
    assert await store.call_back_made(CALL.id, LATER, "user:anna")
    assert await waiting(store) == []
    assert not await store.call_back_made("1795.9", LATER, "user:anna")


async def test_nobody_who_withholds_the_number_or_was_served_is_called_back(store: SqlStore) -> None:
    await store.take_inbound(replace(ASKING, caller=None), never, by_agents)
    await store.take_inbound(replace(ASKING, id="1795.2", agent_id="anna", joined_at=NOW), never, by_agents)

    assert await waiting(store) == []


async def test_whoever_was_spoken_with_since_waits_no_more(store: SqlStore) -> None:
    await store.take_inbound(ASKING, never, by_agents)
    again = replace(CALL, id="1795.2", began_at=LATER, ended_at=LATER + HOUR, agent_id="anna", joined_at=LATER)
    await store.take_inbound(again, never, by_agents)

    assert await waiting(store) == []


async def test_a_call_back_that_an_agent_has_made_is_over(store: SqlStore) -> None:
    await store.take_inbound(ASKING, never, by_agents)
    [attempt] = [each for each in await lease(store, LATER) if each.number == MOBILE]
    assert await waiting(store) == [(MOBILE, "D1", True)], "they are being called"
    await store.conclude([conclusion(attempt, Disposition.CONNECTED)], follow)

    assert await waiting(store) == []


async def test_whom_the_call_back_did_not_reach_somebody_calls_by_hand(store: SqlStore) -> None:
    await store.take_inbound(ASKING, never, by_agents)
    [attempt] = [each for each in await lease(store, LATER) if each.number == MOBILE]
    await store.conclude([conclusion(attempt, Disposition.NO_ANSWER)], follow)

    assert await waiting(store) == [(MOBILE, "D1", False)]


async def test_what_was_no_talk_is_not_wrapped_up(store: SqlStore) -> None:
    await store.take_inbound(CALL, never, by_agents)
    with pytest.raises(Conflict, match="no talk"):
        await store.wrap_up_inbound(saying(TalkOutcome.INFORMED), never, by_agents)


async def test_a_call_is_written_down_once(store: SqlStore) -> None:
    for _ in range(2):
        await store.take_inbound(telling(Reply.ALREADY_PAID), never, by_agents)

    assert [each.type for each in await told(store)] == ["inbound.call", "paid_claimed"]


async def test_it_is_no_attempt_and_uses_up_none(store: SqlStore) -> None:
    await store.take_inbound(telling(Reply.AGENT), never, by_agents)

    contact = await contact_of(store)
    assert (contact.attempts, contact.state) == (0, "waiting")
    assert await store.attempts_of(contact.id) == []
    known = await store.known(contact.id, NOW + HOUR, HORIZON)
    assert known is not None
    one_a_day, zone = Budget(per_debtor_day=1, per_number_day=1, answered_per_day=1), WARSAW_TIME
    assert of_debtor(one_a_day, known.candidate.debtor_calls, zone, NOW + HOUR) is None


async def test_whoever_has_talked_to_us_is_left_in_peace_as_after_our_own_call(store: SqlStore) -> None:
    await store.take_inbound(telling(Reply.AGENT), never, by_agents)

    known = await store.known((await contact_of(store)).id, NOW + HOUR, HORIZON)
    assert known is not None
    rest = Budget(rest_after_conversation=timedelta(hours=24))
    spent = of_debtor(rest, known.candidate.debtor_calls, WARSAW_TIME, NOW + HOUR)
    assert spent is not None
    assert (spent.rule, spent.until) == ("rest_after_conversation", NOW + timedelta(hours=24, seconds=40))


async def test_whoever_said_nothing_is_called_as_before(store: SqlStore) -> None:
    await store.take_inbound(telling(), never, by_agents)

    known = await store.known((await contact_of(store)).id, NOW + HOUR, HORIZON)
    assert known is not None
    assert known.candidate.debtor_calls == []


async def test_calls_rest_for_what_was_told(store: SqlStore) -> None:
    await ready_all(store)
    until = NOW + timedelta(days=3)

    await store.take_inbound(telling(Reply.ALREADY_PAID), lambda _: until, by_agents)

    contact = await contact_of(store)
    assert (contact.state, contact.due_at) == ("waiting", until)
    assert [each.contact_id for each in await lease(store)] != [contact.id]


async def test_a_promise_is_kept_with_the_case_and_judged_like_any_other(store: SqlStore) -> None:
    await store.take_inbound(telling(Reply.PROMISE, promised=date(2026, 12, 4)), never, by_agents)

    case = await store.case("CL-CZYNSZ", "RENT/D1")
    assert case is not None
    assert (case.promised_by, case.promise) == (date(2026, 12, 4), "open")
    assert len(await store.open_promises(date(2026, 12, 4), 0, 10)) == 1


@pytest.mark.parametrize(("caller", "number", "debtor"), [(MOBILE, None, "D1"), (FIXED, FIXED, None)])
async def test_no_more_calls_are_for_the_debtor_or_for_the_number(
    store: SqlStore, caller: str, number: str | None, debtor: str | None
) -> None:
    await store.take_inbound(telling(Reply.OPT_OUT, caller=caller), never, by_agents)

    [kept] = await store.suppressions(SuppressionFilter(), 0, 10)
    assert (kept.wish.number, kept.wish.debtor_ref, kept.wish.reason) == (number, debtor, SuppressionReason.OPT_OUT)
    assert "opt_out" in [each.type for each in await told(store)]
