import gzip
import json
from collections import Counter
from typing import Any

import pytest

from api.body import SHORT
from api.scopes import Scope
from dialer.lists.balancefile import MOST_ROWS
from dialer.ports.store import ContactFilter
from tests.support.api import CSV, NDJSON, Api, Client, Said, call_list, campaigns
from tests.support.balances import HEADER, expected, read
from tests.support.calllists import read as read_list

JSON = "application/json"
CASE = "EN/2026/000002"  # the first of the sample list that may be called


async def send(client: Client, body: bytes, media: str = CSV, query: str = "", packing: str | None = None) -> Said:
    headers = {"Content-Type": media} | ({"Content-Encoding": packing} if packing else {})
    return await client.ask("POST", f"/v1/balances{query}", headers, data=body)


def paid(case: str = CASE, version: int = 9, **more: Any) -> dict[str, Any]:
    return {"client_id": "CL-ENERGIA", "case_id": case, "balance": "0.00", "currency": "PLN", "version": version} | more


def document(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"balances": rows}).encode()


async def listed(api: Api) -> Client:
    operator = await api.with_campaigns()
    answer = await operator.send(call_list(20))
    assert answer.status == 201, answer.text
    return operator


async def finished(client: Client, case: str = CASE) -> str | None:
    [contact] = (await client.get(f"/v1/campaigns/EN-OVERDUE/contacts?case_id={case}")).json["contacts"]
    reason: str | None = contact["finished"]
    return reason


# ---- the sample files -----------------------------------------------------------------------------------


async def test_the_sample_files_give_what_is_expected(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(read_list("calllist_2000.csv"))
    mixed = (await send(operator, read("balances_mixed.csv"))).json

    words = [row["status"] if not row["codes"] else row["codes"][0] for row in mixed["rows"]]
    assert words == expected("balances_mixed.expected.csv")
    assert [row["row"] for row in mixed["rows"]] == list(range(1, 101))
    counts = Counter(row["status"] for row in mixed["rows"])
    assert {name: rows for name, rows in mixed["counts"].items() if rows} == {**counts, "rows": 100}

    again = (await send(operator, read("balances_mixed.csv"))).json
    assert again["counts"]["duplicate"] + again["counts"]["rejected"] == 100
    assert again["stopped"] == {
        "contacts": 0,
        "attempts_withdrawn": 0,
        "ringing_hung_up": 0,
        "messages_broken_off": 0,
        "still_up": 0,
        "calls": [],
    }


async def test_six_hundred_payments_leave_the_others_to_be_called(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(read_list("calllist_2000.csv"))

    receipt = (await send(operator, read("balances_update.csv"), query="?rows=refused")).json

    assert (receipt["counts"]["closed_paid"], receipt["rows"]) == (600, [])
    names = [campaign["campaign_id"] for campaign in campaigns()]
    left = [
        contact for name in names for contact in await api.store.contacts(ContactFilter(campaign_id=name), 0, 10_000)
    ]
    assert sum(len(contact.cases) for contact in left) == 1228
    assert {bool(contact.cases) for contact in left if contact.finished == "settled"} == {False}
    assert all(contact.cases for contact in left if contact.finished is None)


# ---- how balances are sent ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (CSV, f"{HEADER}\nCL-ENERGIA,{CASE},0.00,PLN,9,,,,\n".encode()),
        (CSV, f"\ufeffclient_id;case_id;balance;currency;version\r\nCL-ENERGIA;{CASE};0,00;PLN;9\r\n".encode()),
        (JSON, document(paid())),
        (NDJSON, json.dumps(paid(balance=0)).encode()),
    ],
)
@pytest.mark.parametrize("packing", [None, "gzip"])
async def test_a_payment_may_come_in_every_form(api: Api, media: str, body: bytes, packing: str | None) -> None:
    operator = await listed(api)
    answer = await send(operator, gzip.compress(body) if packing else body, media, packing=packing)
    assert answer.status == 200, answer.text
    assert answer.json["rows"] == [{"row": 1, "case_id": CASE, "status": "closed_paid", "codes": []}]
    assert answer.json["stopped"]["contacts"] == 1
    assert await finished(operator) == "settled"


async def test_an_older_encoding_is_named_in_the_address_or_the_content_type(api: Api) -> None:
    operator = await listed(api)
    body = f"client_id,case_id,balance,currency,version,żródło\nCL-ENERGIA,{CASE},0,PLN,9,wpłata\n".encode("cp1250")
    named = await send(operator, body, query="?encoding=cp1250")
    assert named.json["counts"]["closed_paid"] == 1
    assert named.json["notices"][0]["about"] == "W_COLUMN_UNKNOWN"
    assert (await send(operator, body, "text/csv; charset=windows-1250")).json["counts"]["duplicate"] == 1
    assert (await send(operator, body)).json["code"] == "F_ENCODING"


async def test_only_what_was_not_taken_is_named_on_demand(api: Api) -> None:
    operator = await listed(api)
    body = document(paid(), paid("EN/2026/999999"))
    answer = (await send(operator, body, JSON, "?rows=refused")).json
    assert [(row["row"], row["codes"]) for row in answer["rows"]] == [(2, ["E_CASE_UNKNOWN"])]
    assert answer["counts"]["rows"] == 2


async def test_a_receipt_of_many_rows_names_each(api: Api) -> None:
    operator = await listed(api)
    rows = [paid(f"EN/2026/X{number}") for number in range(2500)]
    answer = (await send(operator, document(*rows), JSON)).json
    assert [row["row"] for row in answer["rows"]] == list(range(1, 2501))
    assert {row["codes"][0] for row in answer["rows"]} == {"E_CASE_UNKNOWN"}


@pytest.mark.parametrize(
    ("media", "body", "code"),
    [
        (CSV, b"", "F_EMPTY"),
        (CSV, b"case_id,balance\nEN/1,0\n", "F_HEADER_MISSING"),
        (CSV, f"{HEADER}\n".encode() + b"C,EN/1,0,PLN,1,,,,\n" * (MOST_ROWS + 1), "F_ROW_COUNT"),
        (JSON, b'{"balances": {}}', "F_SCHEMA"),
        (JSON, b"{", "F_JSON"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    api: Api, media: str, body: bytes, code: str
) -> None:
    answer = await send(await listed(api), body, media)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (422, "application/problem+json")
    assert answer.json["code"] == code


async def test_another_kind_of_file_is_not_taken(api: Api) -> None:
    assert (await send(await listed(api), b"", "application/xml")).status == 415


# ---- who may send them ----------------------------------------------------------------------------------


async def test_a_key_needs_the_scope(api: Api) -> None:
    lists_only = await api.holder([Scope.LISTS_WRITE])
    assert (await send(lists_only, document(paid()), JSON)).status == 403
    assert (await send(api.stranger(), document(paid()), JSON)).status == 401


async def test_a_client_settles_its_own_cases_only(api: Api) -> None:
    operator = await listed(api)
    other = await api.holder(client_id="CL-TELKO")
    named, unnamed = paid(), {name: value for name, value in paid().items() if name != "client_id"}

    answer = (await send(other, document(named, unnamed), JSON)).json

    assert [row["codes"] for row in answer["rows"]] == [["E_CASE_UNKNOWN"], ["E_CASE_UNKNOWN"]]
    assert await finished(operator) is None
    own = await api.holder(client_id="CL-ENERGIA")
    assert (await send(own, document(unnamed), JSON)).json["counts"]["closed_paid"] == 1
    assert await finished(operator) == "settled"


async def test_the_operator_names_the_client(api: Api) -> None:
    operator = await listed(api)
    row = {name: value for name, value in paid().items() if name != "client_id"}
    assert (await send(operator, document(row), JSON)).json["rows"][0]["codes"] == ["E_REQUIRED"]


async def test_who_sent_it_is_told(api: Api) -> None:
    operator = await listed(api)
    await send(operator, document(paid(reason="paid", paid_amount=146.91)), JSON)
    [event] = (await operator.get("/v1/events?type=case.settled")).json["events"]
    assert event["actor"].startswith("key:")
    assert (event["case_id"], event["data"]["paid_amount"]) == (CASE, "146.91")


async def test_payments_are_counted(api: Api) -> None:
    operator = await listed(api)
    await send(operator, document(paid(), paid(version=1)), JSON)
    figures = (await operator.get("/metrics")).text
    assert 'dzwonek_balances_taken_total{status="closed_paid"} 1.0' in figures
    assert 'dzwonek_balances_taken_total{status="rejected"} 1.0' in figures


# ---- short and long files -------------------------------------------------------------------------------


async def test_a_file_is_taken_alike_whether_it_is_held_or_put_aside(api: Api) -> None:
    operator = await listed(api)
    held = (await send(operator, document(paid(version=10, balance="100012.00")), JSON)).json
    padded = document(paid(version=11, balance="100013.00")) + b" " * SHORT
    aside = (await send(operator, padded, JSON)).json
    packed = (
        await send(operator, gzip.compress(document(paid(version=12, balance="100014.00"))), JSON, packing="gzip")
    ).json

    statuses = [each["rows"][0]["status"] for each in (held, aside, packed)]
    assert statuses == ["updated_increased"] * 3
    assert not list(api.service.spool.iterdir())


async def test_a_short_file_is_read_without_touching_the_disk(api: Api) -> None:
    operator = await listed(api)
    api.service.spool.rmdir()

    assert (await send(operator, document(paid()), JSON)).status == 200
    assert (await send(operator, document(paid()) + b" " * SHORT, JSON)).status >= 500


async def test_a_short_file_is_repeated_under_its_name(api: Api) -> None:
    operator, body = await listed(api), document(paid())
    headers = {"Content-Type": JSON, "Idempotency-Key": "payment-1"}
    first, again = [await operator.ask("POST", "/v1/balances", headers, data=body) for _ in range(2)]
    other = await operator.ask("POST", "/v1/balances", headers, data=document(paid(version=10)))

    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (200, first.text, "true")
    assert other.status == 422
