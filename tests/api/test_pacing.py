"""Does a supervisor see why so many calls were placed?"""

from dialer.core.pacing import Binding
from tests.support.api import Api, call_list, campaign

EN = "/v1/campaigns/EN-OVERDUE"
PREDICTIVE = campaign(mode="predictive", abandonment_limit=0.02, answer_wait_seconds=1.5, shortest_ring_seconds=20)


async def test_a_campaign_that_was_never_paced_has_no_decision(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.get(f"{EN}/pacing")
    assert (answer.status, answer.json["mode"], answer.json["last"]) == (200, "message", None)
    assert answer.json["rules"] is None
    assert answer.json["last_24_hours"] == {"live_answers": 0, "abandoned": 0, "share": None}


async def test_the_last_decision_is_explained(api: Api) -> None:
    operator = await api.with_campaigns()
    assert (await operator.put(EN, PREDICTIVE)).status == 200
    await operator.send(call_list(20))
    await api.engine.lanes.refresh()
    lanes = [lane for lane, _ in await api.store.lanes() if lane.campaign_id == "EN-OVERDUE"]
    pacing = api.engine.pacing
    assert pacing.how_many(lanes[0], 10) == 0
    pacing.answered("EN-OVERDUE").count(api.service.clock.now(), abandoned=False)
    pacing.answered("EN-OVERDUE").count(api.service.clock.now(), abandoned=True)
    shown = (await operator.get(f"{EN}/pacing")).json
    assert (shown["last"]["place"], shown["last"]["because"]) == (0, Binding.NO_AGENT)
    assert str(Binding.NO_AGENT) in shown["last"]["in_words"]
    assert shown["rules"] == {
        "abandonment_limit": 0.02,
        "answer_wait_seconds": 1.5,
        "shortest_ring_seconds": 20,
    }
    assert shown["last_30_days"] == {"live_answers": 2, "abandoned": 1, "share": 0.5}
