import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from api.client import Dzwonek, Refused, Unreachable
from tests.support.api import Api, call_list, campaigns

EN, CASE = "CL-ENERGIA", "EN/2026/000002"


def use(client: Dzwonek) -> None:
    """A client's day."""
    for campaign in campaigns():
        client.put_campaign(campaign["campaign_id"], campaign)
    assert client.send_list("B-1", call_list(20))["counts"]["accepted"] == 19
    assert [row["status"] for row in client.verdicts("B-1")].count("accepted") == 19
    assert [batch["batch_id"] for batch in client.batches(state="done")] == ["B-1"]
    assert client.put_client(EN, {"name": "Energia Fikcyjna"})["name"] == "Energia Fikcyjna"
    assert list(client.balances(EN, CASE)) == []
    case = client.case(EN, CASE)
    assert client.pause_case(EN, CASE, "complaint", "waits for our answer")["blocked"] == ["B_PAUSED"]
    assert [each["case_id"] for each in client.cases(hold="paused")] == [CASE]
    assert client.resume_case(EN, CASE, "other")["blocked"] == []
    assert [entry["kind"] for entry in client.timeline(case["contact_id"])][:2] == ["listed", "case.paused"]
    assert client.leave_in_peace("objection", client_id=EN, debtor_id=case["debtor_id"])["stopped"]["contacts"] == 1
    assert client.erase(EN, case["debtor_id"])["state"] == "done"
    assert list(client.attempts(campaign_id="EN-OVERDUE")) == []
    seqs = [event["seq"] for event in client.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    with pytest.raises(Refused, match="404") as refused:
        client.case(EN, "none")
    assert (refused.value.status, refused.value.may_pass) == (404, False)


async def test_a_program_does_a_days_work_with_the_client(api: Api) -> None:
    holder = await api.holder()
    await asyncio.to_thread(use, Dzwonek(api.base, holder.token or ""))


# ---- when the connection, or the API, fails -------------------------------------------------------------


class Unwell(BaseHTTPRequestHandler):
    """An API that answers as it was told: a status, or None to hang up without a word."""

    plan: ClassVar[list[int | None]] = []
    names: ClassVar[list[str | None]] = []
    after = "7"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.names.append(self.headers.get("Idempotency-Key"))
        status = self.plan.pop(0)
        if status is None:
            self.close_connection = True
            return
        body = b'{"code": "too_many", "detail": "wait"}' if status != 200 else b'{"done": true}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", self.after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def unwell(*plan: int | None) -> Iterator[str]:
    Unwell.plan, Unwell.names = list(plan), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Unwell)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def test_a_change_is_repeated_under_one_name_until_there_is_an_answer() -> None:
    slept: list[float] = []
    with unwell(None, 503, 429, 200) as url:
        done = Dzwonek(url, "key", sleep=slept.append).change("POST", "/v1/balances", {"balances": []})
    assert done == {"done": True}
    assert slept == [0.5, 1.0, 7.0]
    assert len({*Unwell.names}) == 1
    assert Unwell.names[0] is not None


def test_each_change_has_a_name_of_its_own() -> None:
    with unwell(200, 200, 200) as url:
        client = Dzwonek(url, "key")
        client.start_campaign("A")
        client.start_campaign("A")
        client.change("POST", "/v1/stop", name="mine")
    assert len({*Unwell.names}) == 3
    assert Unwell.names[2] == "mine"


def test_a_refusal_is_told_at_once() -> None:
    with unwell(422) as url, pytest.raises(Refused) as refused:
        Dzwonek(url, "key").erase("C", "D")
    assert (refused.value.status, len(Unwell.names)) == (422, 1)


def test_whoever_gets_no_answer_for_too_long_is_told_so() -> None:
    now, patience = iter(range(0, 10_000, 100)), timedelta(seconds=250)
    with unwell(None, None, None, None, None) as url:
        client = Dzwonek(url, "key", patience=patience, sleep=lambda _: None, clock=lambda: next(now))
        with pytest.raises(Unreachable):
            client.start_campaign("A")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no address"):
        Dzwonek("file:///etc/passwd", "key")
