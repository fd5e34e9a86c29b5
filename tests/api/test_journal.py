import csv
import gzip

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.support.api import NDJSON, Api, call_list, campaign, one_call
from tests.support.calllists import read

EN = "/v1/campaigns/EN-OVERDUE"


def peoples_words() -> set[str]:
    """Numbers, names, case numbers and addresses of the lists that the test sends."""
    rows = [
        row
        for name in ("calllist_2000.csv", "dirty_rows.csv")
        for row in list(csv.DictReader(read(name).decode().splitlines()))[:60]
    ]
    columns = ("case_id", "debtor_id", "last_name", "company_name", "email", "phone_1", "phone_2", "invoice_no")
    return {row[column] for row in rows for column in columns if len(row[column] or "") > 3}


async def test_nobodys_data_reaches_the_log(api: Api) -> None:
    operator = await api.with_campaigns()
    with capture_logs([merge_contextvars]) as lines:
        await operator.send(call_list(60))
        await operator.send(read("dirty_rows.csv"), batch_id="B-2")
        await operator.send(call_list(3) + b'"unclosed, 280900100', batch_id="B-3")
        await operator.send(b'{"case_id": "EN/2026/000002"', media="application/json")
        await operator.send(gzip.compress(call_list(9))[:-3], packing="gzip")
        await operator.send(b"280900100", media=NDJSON)
        await operator.get("/v1/batches/B-1/rows")
        await operator.get(f"{EN}/contacts", params={"case_id": "EN/2026/000002"})
        await operator.get("/v1/contacts/+48280900100")
        await operator.get("/v1/campaigns/+48280900100/figures")
        await operator.get("/+48280900100?number=%2B48280900100")
        await operator.put(EN, campaign(cli="280900100", message="Danuta Kowalczyk"))
        attempt = await one_call(api)
        await operator.get(f"/v1/contacts/{attempt.contact_id}/attempts")
    written = str(lines)
    assert {line["status"] for line in lines if line["event"] == "request"} >= {200, 201, 400, 404, 422}
    assert attempt.number not in written
    assert len(peoples_words()) > 100
    assert {word for word in peoples_words() if word in written} == set()
    assert "280900100" not in written


async def test_a_request_is_one_line_that_says_who_asked_what(api: Api) -> None:
    operator = await api.with_campaigns()
    with capture_logs([merge_contextvars]) as lines:
        answer = await operator.get(f"{EN}/figures")
    [line] = lines
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/campaigns/{campaign_id}/figures", 200)
    assert line["by"].startswith("key:dz")
    assert line["request_id"] == answer.headers["X-Request-Id"]


async def test_what_a_request_causes_is_logged_under_its_id(api: Api) -> None:
    operator = await api.with_campaigns()
    with capture_logs([merge_contextvars]) as lines:
        answer = await operator.send(call_list(5))
    assert {line["event"] for line in lines} == {"batch_taken", "request"}
    assert {line["request_id"] for line in lines} == {answer.headers["X-Request-Id"]}


async def test_who_asks_every_few_seconds_does_not_fill_the_log(api: Api) -> None:
    with capture_logs() as lines:
        await api.stranger().get("/metrics")
    assert [line["log_level"] for line in lines] == ["debug"]
