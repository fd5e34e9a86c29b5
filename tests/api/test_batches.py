import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, MutableMapping, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from api.service import ApiLimits
from dialer.adapters.store import SqlStore
from dialer.ports.store import BatchRow
from tests.support.api import CSV, NDJSON, Api, api_on, call_list
from tests.support.calllists import expected, read, read_json_fixture
from tests.support.ear import PATIENCE

SMALL = ApiLimits(list_rows=100_000, list_document=100_000)


async def test_a_list_is_answered_with_counts_and_links(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(call_list(200))
    assert answer.status == 201
    verdicts = [row["status"] for row in expected("calllist_2000.expected.csv")[:200]]
    assert answer.json["counts"] == {
        "rows": 200,
        "accepted": verdicts.count("accepted"),
        "accepted_blocked": verdicts.count("accepted_blocked"),
        "duplicate": verdicts.count("duplicate"),
        "rejected": verdicts.count("rejected"),
    }
    assert answer.headers["Location"] == answer.json["links"]["self"] == "/v1/batches/B-1"
    shown = answer.json
    stopped = shown.pop("stopped")
    assert (stopped["attempts_withdrawn"], stopped["still_up"], stopped["calls"]) == (0, 0, [])
    assert (await operator.get(answer.headers["Location"])).json == shown


async def test_every_row_gets_its_verdict_in_order(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(200))
    answer = await operator.get("/v1/batches/B-1/rows")
    assert answer.headers["Content-Type"] == NDJSON
    told = [(row["row"], row["case_id"], row["status"], set(row["codes"])) for row in answer.lines]
    meant = [
        (int(row["row"]), row["case_id"], row["status"], set(row["codes"].split(";")) - {""})
        for row in expected("calllist_2000.expected.csv")[:200]
    ]
    assert told == meant


async def test_phones_are_shown_with_their_kind(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(3))
    [_, row, _] = (await operator.get("/v1/batches/B-1/rows")).lines
    assert row["phones"] == ["+48285211545:mobile"]


async def test_rows_can_be_asked_for_by_verdict(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(read("dirty_rows.csv"))
    every = (await operator.get("/v1/batches/B-1/rows")).lines
    rejected = (await operator.get("/v1/batches/B-1/rows?status=rejected")).lines
    assert rejected == [row for row in every if row["status"] == "rejected"]
    assert 0 < len(rejected) < len(every)


async def test_the_same_list_again_changes_nothing(api: Api) -> None:
    operator = await api.with_campaigns()
    first = await operator.send(call_list(5))
    again = await operator.send(call_list(5))
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json


async def test_another_list_under_the_same_name_is_refused(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(5))
    answer = await operator.send(call_list(6))
    assert answer.status == 409
    assert "new batch_id" in answer.json["detail"]
    assert (await operator.get("/v1/batches/B-1")).json["counts"]["rows"] == 5


async def test_a_json_batch_brings_its_own_name(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(read("calllist_100.json"), media="application/json")
    assert answer.status == 201, answer.text
    assert answer.json["batch_id"] == read_json_fixture("calllist_100.json")["batch_id"]
    assert answer.json["counts"]["rows"] == 100


async def test_a_list_may_come_line_by_line(api: Api) -> None:
    await api.with_campaigns()
    energia = await api.holder(client_id="CL-ENERGIA")
    cases = read_json_fixture("calllist_100.json")["cases"][:2]
    lines = "\n".join(str(case).replace("'", '"').replace("None", "null") for case in cases)
    answer = await energia.post(
        "/v1/batches?batch_id=N-1&campaign_id=EN-OVERDUE", data=lines, headers={"Content-Type": NDJSON}
    )
    assert answer.status == 201, answer.text
    assert answer.json["counts"]["accepted"] == 2


async def test_what_does_not_fit_in_an_object_is_told_in_words_and_without_its_values(api: Api) -> None:
    await api.with_campaigns()
    energia = await api.holder(client_id="CL-ENERGIA")
    good, *spoilt = (dict(case) for case in read_json_fixture("calllist_100.json")["cases"][:40])
    for case in spoilt:
        case["telefon"] = "280900100"
    lines = "\n".join(map(json.dumps, [good, *spoilt]))
    address = "/v1/batches?batch_id=N-1&campaign_id=EN-OVERDUE"
    answer = await energia.post(address, data=lines, headers={"Content-Type": NDJSON})
    assert answer.json["counts"] == {"rows": 40, "accepted": 1, "accepted_blocked": 0, "duplicate": 0, "rejected": 39}
    told = [notice["detail"] for notice in answer.json["notices"] if notice["about"] == "E_FIELD_TYPE"]
    assert len(told) == 20
    assert told[0].endswith("row 2: Object contains unknown field `telefon`")
    assert "280900100" not in answer.text
    assert (await energia.get("/v1/batches/N-1")).json["notices"] == answer.json["notices"]


@pytest.mark.parametrize(
    "packed", [gzip.compress(call_list(20)), gzip.compress(call_list(20)[:99]) + gzip.compress(call_list(20)[99:])]
)
async def test_a_packed_list_is_the_same_list(api: Api, packed: bytes) -> None:
    operator = await api.with_campaigns()
    plain = await operator.send(call_list(20))
    answer = await operator.send(packed, packing="gzip")
    assert answer.status == 200
    assert answer.json == plain.json
    assert answer.json["digest"] == sha256(call_list(20)).hexdigest()


async def test_a_header_alone_is_a_list_of_no_rows(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(call_list(0))
    assert answer.status == 201
    assert answer.json["counts"]["rows"] == 0
    assert [notice["about"] for notice in answer.json["notices"]] == ["W_NO_ROWS"]
    assert (await operator.get("/v1/batches/B-1/rows")).lines == []


async def test_a_column_that_nobody_knows_is_told_and_told_again(api: Api) -> None:
    operator = await api.with_campaigns()
    header, _, rest = call_list(3).partition(b"\n")
    body = b"\n".join((header + b",shoe_size", *(line + b",44" for line in rest.split(b"\n") if line), b""))
    answer = await operator.send(body)
    assert answer.json["counts"]["accepted"] > 0
    assert [(each["about"], each["detail"][-9:]) for each in answer.json["notices"]] == [
        ("W_COLUMN_UNKNOWN", "shoe_size")
    ]
    assert (await operator.get("/v1/batches/B-1")).json["notices"] == answer.json["notices"]


@pytest.mark.parametrize(
    ("body", "code", "remedy"),
    [
        (b"", "F_EMPTY", "header"),
        (b"a,b\n1,2\n", "F_HEADER", "names the columns"),
        (b"case_id,client_id\n", "F_HEADER_MISSING", "add the column"),
        (b"case_id,case_id\n", "F_HEADER_DUPLICATE", "once"),
        (call_list(2).decode().encode("cp1250"), "F_ENCODING", "encoding=cp1250"),
        (call_list(1) + b'"never closed', "F_CSV_QUOTE", "quote"),
        (b"case_id\0,client_id\n", "F_NUL", "plain text"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why_and_what_to_do(
    api: Api, body: bytes, code: str, remedy: str
) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert remedy in answer.json["detail"]
    assert (await operator.get("/v1/batches/B-1")).status == 404


async def test_a_named_encoding_is_heeded(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.post(
        "/v1/batches?batch_id=B-1&encoding=cp1250",
        data=call_list(5).decode().encode("cp1250"),
        headers={"Content-Type": CSV},
    )
    assert answer.status == 201


async def test_the_encoding_may_be_named_by_the_content_type(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(call_list(5).decode().encode("cp1250"), media="text/csv; charset=Windows-1250")
    assert answer.status == 201


async def test_a_mended_list_may_come_under_the_same_name(api: Api) -> None:
    operator = await api.with_campaigns()
    assert (await operator.send(b"nothing of ours\n")).status == 422
    assert (await operator.send(call_list(5))).status == 201


async def test_a_list_needs_a_name(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.post("/v1/batches", data=call_list(1), headers={"Content-Type": CSV})
    assert answer.status == 422
    assert answer.json["errors"] == [{"parameter": "batch_id", "detail": "needed with csv: add ?batch_id=…"}]


async def test_what_json_says_itself_is_not_said_twice(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.post(
        "/v1/batches?batch_id=X", data=read("calllist_100.json"), headers={"Content-Type": "application/json"}
    )
    assert [error["parameter"] for error in answer.json["errors"]] == ["batch_id"]


@pytest.mark.parametrize("media", ["text/plain", "application/vnd.ms-excel"])
async def test_another_kind_of_file_is_not_taken(api: Api, media: str) -> None:
    operator = await api.holder()
    answer = await operator.send(b"x", media=media)
    assert answer.status == 415
    assert "text/csv" in answer.json["detail"]


async def test_another_packing_is_not_taken(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.send(zlib.compress(b"x"), packing="deflate")
    assert answer.status == 415
    assert "gzip" in answer.headers["Accept-Encoding"]


@pytest.mark.parametrize("body", [gzip.compress(call_list(20))[:-9], b"case_id,client_id\n", b""])
async def test_a_packed_list_that_is_cut_or_garbled_is_not_taken_for_a_whole_one(api: Api, body: bytes) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(body, packing="gzip")
    assert answer.status == 400
    assert "send the list again" in answer.json["detail"]
    assert (await operator.get("/v1/batches/B-1")).status == 404


async def test_a_list_that_unpacks_to_too_much_is_stopped_early(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    assert len(bomb) < 250_000
    async with api_on(tmp_path, SMALL) as api:
        operator = await api.holder()
        answer = await operator.send(bomb, packing="gzip")
        assert answer.status == 413
        assert "split the list" in answer.json["detail"]


async def test_a_list_that_says_it_is_too_large_is_not_read_at_all(tmp_path: Path) -> None:
    async with api_on(tmp_path, SMALL) as api:
        operator = await api.holder()
        assert (await operator.send(bytes(100_001))).status == 413


async def test_no_list_stays_on_disk(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(5))
    await operator.send(b"")
    await operator.send(gzip.compress(call_list(5))[:-3], packing="gzip")
    assert list(api.service.spool.iterdir()) == []


async def test_what_a_crash_left_on_disk_is_removed_at_the_start(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "tmpabc.upload").write_bytes(call_list(5))
    async with api_on(tmp_path):
        assert list(spool.iterdir()) == []


async def test_lists_lie_on_disk_where_nobody_else_reads_them(api: Api) -> None:
    assert api.service.spool.stat().st_mode & 0o077 == 0


async def test_a_client_sends_for_itself_only(api: Api) -> None:
    await api.with_campaigns()
    telko = await api.holder(client_id="CL-TELKO")
    await telko.send(call_list(20))
    rows = (await telko.get("/v1/batches/B-1/rows")).lines
    assert {row["status"] for row in rows if row["case_id"].startswith("EN/")} == {"rejected"}


async def test_to_a_client_another_clients_batch_does_not_exist(api: Api) -> None:
    operator = await api.with_campaigns()
    energia, telko = await api.holder(client_id="CL-ENERGIA"), await api.holder(client_id="CL-TELKO")
    await energia.send(call_list(5))
    for path in ("/v1/batches/B-1", "/v1/batches/B-1/rows"):
        assert (await telko.get(path)).status == 404
        assert (await energia.get(path)).status == 200
        assert (await operator.get(path)).status == 200


async def test_two_clients_may_use_the_same_name(api: Api) -> None:
    operator = await api.with_campaigns()
    energia = await api.holder(client_id="CL-ENERGIA")
    assert (await energia.send(call_list(5))).status == 201
    assert (await operator.send(call_list(6))).status == 201
    assert (await operator.get("/v1/batches/B-1")).json["counts"]["rows"] == 6
    assert (await energia.get("/v1/batches/B-1")).json["counts"]["rows"] == 5


async def test_a_name_with_a_slash_leads_back_to_its_batch(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.send(call_list(1), batch_id=quote("2026/11 lista", safe=""))
    assert answer.json["batch_id"] == "2026/11 lista"
    assert answer.json["links"]["self"] == "/v1/batches/2026%2F11%20lista"


async def test_new_rows_are_called_by_their_lanes_at_once(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.post("/v1/campaigns/EN-OVERDUE/start")
    assert api.engine.lanes.all_running() == []
    await operator.send(call_list(20))
    assert {lane.campaign_id for lane in api.engine.lanes.all_running()} == {"EN-OVERDUE"}


class Endless(SqlStore):
    async def batch_rows(self, batch: int) -> AsyncIterator[Sequence[BatchRow]]:
        while True:
            yield [BatchRow(1, "X" * 40, "accepted", (), ())] * 1000


async def test_who_takes_nothing_for_too_long_is_let_go(tmp_path: Path) -> None:
    over, request = asyncio.Event(), []

    def hear(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        request.append(event)
        over.set()
        return event

    async with api_on(tmp_path, ApiLimits(silence=timedelta(milliseconds=100)), store_of=Endless) as api:
        operator = await api.with_campaigns()
        await operator.send(call_list(1))
        with capture_logs([hear]):
            async with operator.opened("/v1/batches/B-1/rows") as answer, asyncio.timeout(PATIENCE):
                assert answer.status == 200
                await over.wait()
    assert [(line["event"], line["status"]) for line in request] == [("request", 499)]


async def test_who_sends_nothing_for_too_long_is_told_so(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(silence=timedelta(milliseconds=50))) as api:
        operator = await api.holder()
        silent = asyncio.Event()

        async def stalls() -> AsyncIterator[bytes]:
            yield call_list(1)
            await silent.wait()

        answer = await operator.send(stalls())
        silent.set()
        assert answer.status == 408
