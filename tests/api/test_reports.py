from datetime import timedelta

from tests.support.api import Api, call_list, one_call

REPORTS = "/v1/reports"


async def test_a_report_shows_rates_beside_counts(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(60))
    for answered in (timedelta(seconds=9), None):
        await one_call(api, answered_for=answered)

    [row] = (await operator.get(f"{REPORTS}?campaign_id=EN-OVERDUE")).json["rows"]
    assert (row["key"], row["attempts"], row["answered"], row["delivered"]) == ("EN-OVERDUE", 2, 1, 1)
    assert (row["answer_rate"], row["abandoned_share"]) == (0.5, 0.0)


async def test_a_client_gets_its_own_figures(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(60))
    for campaign in ("EN-OVERDUE", "TK-OVERDUE"):
        await one_call(api, campaign)
    client = await api.holder(client_id="CL-ENERGIA")

    assert [row["key"] for row in (await operator.get(f"{REPORTS}?by=client")).json["rows"]] == [
        "CL-ENERGIA",
        "CL-TELKO",
    ]
    assert [row["key"] for row in (await client.get(f"{REPORTS}?by=client")).json["rows"]] == ["CL-ENERGIA"]
    assert (await client.get(f"{REPORTS}?client_id=CL-TELKO")).json["rows"] == []
