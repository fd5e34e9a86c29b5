import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tests.support.api import Api, Client, call_list, one_call


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(60))
    await one_call(api, answered_for=timedelta(seconds=9))
    return holder


async def test_every_format_says_what_the_api_says(api: Api, operator: Client) -> None:
    shown = (await operator.get("/v1/campaigns/EN-OVERDUE/attempts")).json["attempts"]
    lines = await operator.get("/v1/exports/attempts?format=ndjson&campaign_id=EN-OVERDUE")
    assert lines.lines == shown
    assert lines.headers["Content-Disposition"] == 'attachment; filename="attempts.ndjson"'

    [row] = csv.DictReader(io.StringIO((await operator.get("/v1/exports/attempts")).text))
    assert (row["attempt_id"], row["disposition"], row["number"]) == (
        shown[0]["attempt_id"],
        "delivered",
        f"'{shown[0]['number']}",
    )


async def test_a_workbook_opens_with_every_contact(operator: Client) -> None:
    book = load_workbook(io.BytesIO(await operator.read("/v1/exports/contacts?format=xlsx")), read_only=True)
    header, *rows = book.active.values
    contacts = 0
    for campaign in (await operator.get("/v1/campaigns")).json["campaigns"]:
        figures = await operator.get(f"/v1/campaigns/{campaign['campaign_id']}/figures")
        contacts += sum(figures.json["contacts"].values())
    assert len(rows) == contacts > 0
    assert header[0] == "contact_id"


async def test_cases_and_events_are_whole(operator: Client) -> None:
    counts = (await operator.get("/v1/batches/B-1")).json["counts"]
    cases = (await operator.get("/v1/exports/cases?format=ndjson")).lines
    assert len(cases) == counts["accepted"] + counts["accepted_blocked"]

    events = (await operator.get("/v1/exports/events?format=ndjson")).lines
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    assert events == (await operator.get("/v1/events?limit=500")).json["events"]


async def test_a_campaign_that_is_not_seen_is_not_there(api: Api, operator: Client) -> None:
    client = await api.holder(client_id="CL-ENERGIA")
    assert (await client.get("/v1/exports/cases?campaign_id=TK-OVERDUE")).status == 404
    seen = (await client.get("/v1/exports/cases?format=ndjson")).lines
    assert {case["client_id"] for case in seen} == {"CL-ENERGIA"}
