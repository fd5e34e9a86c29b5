"""What follows, with the end of a call, from what its callee told us with keys?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.answers import Answers, Reply
from dialer.core.call import MessageEnded
from dialer.core.suppressions import SuppressionReason
from dialer.model import Attempt, Disposition
from dialer.ports.store import Conclusion, SuppressionFilter
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    row,
    settings,
    take,
)

HEARD = timedelta(seconds=20)
CASE = ("CL-CZYNSZ", "RENT/D1")


@pytest.fixture(autouse=True)
async def campaigns(store: SqlStore) -> None:
    for campaign in ("RENT", "FLATS"):
        await store.put_campaign(campaign, settings(), NOW, None)
    await take(store, "B-1", row("D1", numbers=(MOBILE, FIXED)))


def answered(attempt: Attempt, outcome: Disposition, *replies: Reply, promised: date | None = None) -> Conclusion:
    answers = Answers(Reply.WRONG_NUMBER not in replies, replies, promised, keys="14")
    said = MessageEnded(attempt.id, NOW, HEARD, outcome is Disposition.DELIVERED, answers=answers, flow="S04@2")
    plain = conclusion(attempt, outcome)
    return replace(plain, call=replace(plain.call, message=said))


async def replies(store: SqlStore, outcome: Disposition, *said: Reply, promised: date | None = None) -> Attempt:
    [attempt] = await lease(store)
    await store.conclude([answered(attempt, outcome, *said, promised=promised)], follow)
    return attempt


async def told(store: SqlStore) -> Sequence[str]:
    return [each.event.type for each in await store.events(0, 1000) if each.event.actor == "callee"]


async def test_an_attempt_shows_what_was_answered_and_in_which_version(store: SqlStore) -> None:
    attempt = await replies(store, Disposition.REPLIED, Reply.DISPUTE)

    [seen] = await store.attempts_of(attempt.contact_id)
    assert seen.flow == "S04@2"
    assert seen.answers == {
        "identified": True, "replies": ["dispute"], "promised": None, "recording": None, "keys": "14",
        "announced": False,
    }  # fmt: skip


async def test_a_call_without_answers_shows_none(store: SqlStore) -> None:
    [attempt] = await call_all(store, Disposition.BUSY)

    [seen] = await store.attempts_of(attempt.contact_id)
    assert (seen.flow, seen.answers) == (None, None)


async def test_a_dispute_blocks_the_case_and_is_told(store: SqlStore) -> None:
    await replies(store, Disposition.REPLIED, Reply.DISPUTE)

    case = await store.case(*CASE)
    assert case is not None
    assert (case.standing.dispute, case.standing.blocked) == ("open", ("B_DISPUTE",))
    assert await told(store) == ["identity.confirmed", "dispute.opened", "case.blocked"]
    assert (await contact_of(store)).finished == "replied"


async def test_a_dispute_by_whoever_heard_it_all_is_told_as_well(store: SqlStore) -> None:
    await replies(store, Disposition.DELIVERED, Reply.DISPUTE)

    assert "dispute.opened" in await told(store)
    assert (await contact_of(store)).finished == "delivered"


async def test_whoever_opts_out_is_called_no_more_by_this_client(store: SqlStore) -> None:
    await take(store, "B-2", row("D1", "FLATS/D1", "FLATS"))
    attempts = await lease(store)
    await store.conclude([answered(attempts[0], Disposition.REPLIED, Reply.OPT_OUT)], follow)
    await store.conclude([conclusion(each) for each in attempts[1:]], follow)

    assert (await contact_of(store, campaign="FLATS")).finished == "do_not_call"
    [kept] = await store.suppressions(SuppressionFilter(), 0, 10)
    assert (kept.wish.reason, kept.wish.debtor_ref, kept.wish.number) == (SuppressionReason.OPT_OUT, "D1", None)
    assert kept.actor == "callee"
    assert (await told(store)).count("opt_out") == 2


async def test_a_wrong_number_is_called_no_more_for_this_debtor_and_others_are(store: SqlStore) -> None:
    attempt = await replies(store, Disposition.WRONG_NUMBER, Reply.WRONG_NUMBER)

    [kept] = await store.suppressions(SuppressionFilter(), 0, 10)
    assert (kept.wish.reason, kept.wish.number) == (SuppressionReason.WRONG_NUMBER, attempt.number)
    assert (await contact_of(store)).state == "waiting"
    assert await told(store) == ["suppression.added", "wrong_number"]


async def test_a_promise_is_kept_with_its_day_and_told_with_its_sum(store: SqlStore) -> None:
    await replies(store, Disposition.REPLIED, Reply.PROMISE, promised=date(2026, 12, 4))

    case = await store.case(*CASE)
    assert case is not None
    assert case.promised_by == date(2026, 12, 4)
    [made] = [each.event for each in await store.events(0, 1000) if each.event.type == "promise.made"]
    assert (made.body["by"], made.body["amount"], made.body["currency"]) == ("2026-12-04", str(case.amount), "PLN")
    assert (made.case_id, made.actor) == ("RENT/D1", "callee")
    assert made.attempt_id is not None


async def test_a_claim_to_have_paid_is_kept_and_told(store: SqlStore) -> None:
    attempt = await replies(store, Disposition.REPLIED, Reply.ALREADY_PAID)

    case = await store.case(*CASE)
    assert case is not None
    assert case.paid_claimed_at == attempt.started_at + HEARD
    assert await told(store) == ["identity.confirmed", "paid_claimed"]


async def test_whoever_wants_an_agent_is_told_of(store: SqlStore) -> None:
    await replies(store, Disposition.REPLIED, Reply.AGENT)

    assert await told(store) == ["identity.confirmed", "agent.wanted"]


async def test_a_reply_counts_once_however_often_it_is_written(store: SqlStore) -> None:
    [attempt] = await lease(store)
    said = answered(attempt, Disposition.REPLIED, Reply.ALREADY_PAID)
    await store.conclude([said, said], follow)
    await store.conclude([said], follow)

    assert await told(store) == ["identity.confirmed", "paid_claimed"]


async def test_a_promise_is_forgotten_by_no_newer_list(store: SqlStore) -> None:
    await replies(store, Disposition.REPLIED, Reply.PROMISE, promised=date(2026, 12, 4))

    await take(store, "B-9", row("D1", numbers=(MOBILE, FIXED)))

    case = await store.case(*CASE)
    assert case is not None
    assert case.promised_by == date(2026, 12, 4)
