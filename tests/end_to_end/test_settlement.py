"""Does nothing ring any more at those who have paid, once the sender of the balances has its receipt?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dialer.adapters.store import Database, SqlStore
from lab.process import wait_until
from tests.support.agents import Agents
from tests.support.balances import balance, numbered
from tests.support.calling import LOOK, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

PAYING = 600
UP = 100  # calls, at least, when the payments come
TRANSIT = timedelta(milliseconds=250)  # until the carrier has worked through our goodbye, on a busy machine
PATIENT: dict[str, Any] = {"attempts": 2, "ring_seconds": 60, "message": "Proszę zapamiętać numer: {case}. " * 3}


def balances(debtors: Sequence[Debtor], amount: str = "0.00", version: int = 2) -> bytes:
    rows = [f"CL-TEST,T/{debtor.case:06d},{amount},PLN,{version}" for debtor in debtors]
    return "\n".join(["client_id,case_id,balance,currency,version", *rows, ""]).encode()


def pay(calling: Calling, debtors: Sequence[Debtor], **what: Any) -> dict[str, Any]:
    receipt: dict[str, Any] = calling.engine.api.post("/v1/balances", balances(debtors, **what), "text/csv")
    return receipt


def rings_and_listens(calling: Calling) -> bool:
    states = [state for _, state in calling.channels()]
    return len(states) >= UP and states.count("Up") >= UP // 4


def test_six_hundred_payments_end_more_than_a_hundred_calls(
    calling: Calling, capsys: pytest.CaptureFixture[str]
) -> None:
    calling.engine.settings |= {"calls_per_second": "60", "concurrent_calls": "130", "speech": "tone"}
    debtors = [Debtor(case, ("noanswer/60/",) if case % 2 else ("human/1/",)) for case in range(1, PAYING + 1)]
    calling.begin(debtors, **PATIENT)
    assert wait_until(lambda: rings_and_listens(calling), 2 * SOON, LOOK), calling.channels()

    posted = datetime.now(UTC)
    receipt = pay(calling, debtors)
    replied = datetime.now(UTC)

    calling.carrier_is_idle()
    calls = calling.calls()
    assert [call for call in calls if call.started > replied or call.ended > replied + TRANSIT] == []
    stopped = receipt["stopped"]
    assert (receipt["counts"]["closed_paid"], stopped["still_up"]) == (PAYING, 0)
    ended = sorted(call.ended - posted for call in calls if call.ended > posted)
    assert len(ended) >= UP
    assert stopped["ringing_hung_up"] > 0
    assert stopped["messages_broken_off"] > 0
    calling.finish()
    again = pay(calling, debtors)
    assert (again["counts"]["duplicate"], again["stopped"]["contacts"]) == (PAYING, 0)
    with capsys.disabled():
        p50, p99 = ended[len(ended) // 2], ended[len(ended) * 99 // 100]
        sys.stdout.write(
            f"\n{PAYING} payments, {len(ended)} calls up: from the post to the carrier's hangup "
            f"p50 {_ms(p50)}, p99 {_ms(p99)}, last {_ms(ended[-1])} ms; to the reply {_ms(replied - posted)} ms\n"
        )


def test_who_pays_a_part_hears_of_the_rest_later(calling: Calling) -> None:
    rings, listens = Debtor(1, ("noanswer/60/", "busy/1/")), Debtor(2, ("human/0/",))
    calling.begin([rings, listens], **PATIENT | {"message": "Proszę zapamiętać numer: {case}."})
    assert wait_until(lambda: sorted(state for _, state in calling.channels()) == ["Ring", "Up"], SOON, LOOK)
    receipt = pay(calling, [rings, listens], amount="53.20")
    assert (receipt["changed"]["contacts"], receipt["changed"]["messages_going_on"]) == (2, 1)
    assert [state for _, state in calling.channels()] == ["Up"]
    calling.finish()
    assert calling.dispositions() == {"cancelled": 1, "busy": 1, "delivered": 1}


def test_a_crash_between_the_payment_and_the_calls_end_keeps_no_call_up(calling: Calling) -> None:
    """The payment is kept as the engine keeps it, by somebody who dies before any call is ended."""
    paying, owing = Debtor(1, ("noanswer/60/",)), Debtor(2, ("noanswer/60/",))
    calling.begin([paying, owing], **PATIENT)
    assert wait_until(lambda: [state for _, state in calling.channels()] == ["Ring"] * 2, SOON, LOOK)
    calling.engine.kill()
    asyncio.run(kept_and_no_more(calling, paying))
    assert len(calling.channels()) == 2
    calling.engine.start()
    assert wait_until(lambda: [call.number for call in calling.calls()] == [paying.number], SOON, LOOK)
    assert len(calling.channels()) == 1
    receipt = pay(calling, [paying])
    assert (receipt["counts"]["duplicate"], receipt["stopped"]["still_up"]) == (1, 0)
    assert {each["finished"] for each in calling.contacts()} == {"settled", None}


async def kept_and_no_more(calling: Calling, debtor: Debtor) -> None:
    database = Database(calling.engine.environment()["DZWONEK_DATABASE"])
    payment = balance(f"T/{debtor.case:06d}", client="CL-TEST")
    await SqlStore(database).settle(numbered(payment), "key:test", datetime.now(UTC))
    await database.close()


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def test_who_pays_in_the_middle_of_a_talk_talks_on_and_the_agent_is_told(calling: Calling) -> None:
    calling.engine.laboratory.up(with_agents=True)
    calling.people([])
    calling.engine.start()
    agents, debtor = Agents(calling.engine, 1), Debtor(1, ("human/0.5/",))
    agents.create()
    agents.come()
    with agents.screen("anna1") as screen:
        calling.begin([debtor], mode="progressive", attempts=3, wrap_up_seconds=30)
        list(screen.until("talking"))
        receipt = pay(calling, [debtor])
        assert receipt["counts"]["closed_paid"] == 1
        assert [state for _, state in calling.channels()] == ["Up"], "they talk on"
        agents.do("anna1", "hang-up")
        events = list(screen.until("wrap_up"))
    [told] = [shown for name, shown in events if name == "settled"]
    assert (told["case_id"], told["status"], told["balance"]) == ("T/000001", "closed_paid", "0.00")
    assert [name for name, _ in events].index("settled") == 0, "before the end of the talk"
    assert agents.shown("anna1")["settled"] == [told], "the wrap-up knows it"
    agents.do("anna1", "wrap-up", outcome="informed")
    agents.is_in("anna1", "ready")
    assert agents.shown("anna1")["settled"] == []
    calling.finish()
    assert calling.dispositions() == {"connected": 1}
    assert [each["finished"] for each in calling.contacts()] == ["settled"]
