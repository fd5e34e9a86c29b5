import asyncio
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from api.campaigns import TRANSITIONS, Command
from api.service import ApiLimits
from dialer.model import CampaignState
from tests.support.api import Api, api_on, call_list, campaign, campaigns
from tests.support.calllists import read_json_fixture

EN = "/v1/campaigns/EN-OVERDUE"


async def test_a_campaign_is_created_as_a_draft(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign())
    assert answer.status == 201
    assert (answer.json["state"], answer.json["revision"], answer.headers["ETag"]) == ("draft", 1, '"1"')


@pytest.mark.parametrize("given", campaigns(), ids=lambda given: str(given["campaign_id"]))
async def test_the_crms_own_campaigns_are_taken_as_they_are(api: Api, given: dict[str, Any]) -> None:
    operator = await api.holder()
    answer = await operator.put(f"/v1/campaigns/{given['campaign_id']}", given)
    assert answer.status == 201, answer.text
    kept = answer.json["settings"]
    assert {name: kept[name] for name in given if name not in ("campaign_id", "gap_minutes")} == {
        name: value for name, value in given.items() if name not in ("campaign_id", "gap_minutes")
    }


async def test_what_is_not_enforced_is_said_not_hidden(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign())
    assert {notice["about"] for notice in answer.json["notices"]} == {
        "voicemail", "scenario_version", "billing",
    }  # fmt: skip
    plain = campaign(voicemail=None, scenario_version=None, billing=None)
    assert (await operator.put(EN, plain)).json["notices"] == []
    nobody_to_record = await operator.put(EN, plain | {"recording": "with_notice"})
    assert [notice["about"] for notice in nobody_to_record.json["notices"]] == ["recording"]


async def test_what_was_put_is_what_is_shown(api: Api) -> None:
    operator = await api.holder()
    put = await operator.put(EN, campaign())
    shown = await operator.get(EN)
    assert shown.json == put.json
    again = await operator.put(EN, shown.json["settings"])
    assert (again.status, again.json["settings"]) == (200, shown.json["settings"])


async def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(
        EN, campaign(cli="12345", attempts=0, brand=None, timezone="Europe/Nowhere", colour="red")
    )
    assert answer.status == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "#/cli", "#/attempts", "#/brand", "#/timezone", "#/colour",
    }  # fmt: skip


async def test_windows_that_close_before_they_open_are_refused(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(windows={"1": [["20:00", "08:00"]]}))
    assert answer.status == 422
    assert "20:00-08:00" in answer.json["errors"][0]["detail"]


async def test_a_text_that_cannot_be_spoken_is_refused(api: Api) -> None:
    api.voice.unusable.add("no_such_text")
    operator = await api.holder()
    answer = await operator.put(EN, campaign(message="no_such_text"))
    assert answer.status == 422
    assert answer.json["errors"] == [{"pointer": "#/message", "detail": "no text is called no_such_text"}]


async def test_spacing_below_the_installations_least_is_refused(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(gap_minutes=4))
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/gap_minutes"]


async def test_what_a_campaign_leaves_out_is_its_profiles(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(windows=None, max_per_debtor_day=2, max_per_debtor_7_days=None))
    settings = answer.json["settings"]
    assert (settings["profile"], settings["max_answered_day"]) == ("pl-default", 1)
    assert (settings["max_per_debtor_day"], settings["max_per_debtor_7_days"]) == (2, 7)
    assert settings["windows"] == {str(day): [["08:00", "20:00"]] for day in range(1, 6)}


async def test_a_campaign_may_not_exceed_its_profiles_ceiling(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(profile="pl-strict", attempts=3))
    assert answer.status == 422
    told = {error["pointer"]: error["detail"] for error in answer.json["errors"]}
    assert told["#/max_per_debtor_day"] == "3: profile pl-strict permits at most 1"
    assert told["#/windows"] == "08:00-20:00 on weekday 5: profile pl-strict permits 09:00-17:00"


async def test_a_stricter_profile_is_refused_while_a_batch_exceeds_it(api: Api) -> None:
    operator = await api.with_campaigns()
    document = read_json_fixture("calllist_100.json")
    assert (await operator.send(json.dumps(document).encode(), media="application/json")).status == 201
    strict = campaign(profile="pl-strict", windows=None, max_per_debtor_day=None, max_per_debtor_7_days=None)

    answer = await operator.put(EN, strict)

    assert answer.status == 422
    batch = document["batch_id"]
    assert [(error["pointer"], error["detail"]) for error in answer.json["errors"]] == [
        (
            "#/profile",
            f"batch {batch}, mailing.windows: 08:00-20:00 on weekday {day}: profile pl-strict permits 09:00-17:00",
        )
        for day in range(1, 6)
    ]
    assert (await operator.get(EN)).json["settings"]["profile"] == "pl-default"


async def test_an_unknown_profile_is_refused(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(profile="pl-lax"))
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/profile"]
    assert "pl-strict" in answer.json["errors"][0]["detail"]


async def test_a_short_wait_after_one_outcome_is_spacing_too(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put(EN, campaign(retry={"busy": {"wait_minutes": 1}}))
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/gap_minutes"]


async def test_the_name_in_the_body_is_the_one_of_the_address(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put("/v1/campaigns/EN-OTHER", campaign())
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/campaign_id"]


@pytest.mark.parametrize("name", ["a%00b", "%2Betc", "x" * 65, "a%20b"])
async def test_a_name_that_no_campaign_can_have_is_nowhere(api: Api, name: str) -> None:
    operator = await api.holder()
    assert (await operator.put(f"/v1/campaigns/{name}", campaign(campaign_id=None))).status == 404


async def test_a_change_of_somebody_else_is_not_overwritten(api: Api) -> None:
    operator = await api.holder()
    read = await operator.put(EN, campaign())
    await operator.put(EN, campaign(attempts=2))
    answer = await operator.put(EN, campaign(attempts=5), {"If-Match": read.headers["ETag"]})
    assert answer.status == 412
    assert (await operator.get(EN)).json["settings"]["attempts"] == 2
    assert (await operator.put(EN, campaign(attempts=5), {"If-Match": '"2"'})).headers["ETag"] == '"3"'


async def test_a_campaign_can_be_created_only_once(api: Api) -> None:
    operator = await api.holder()
    assert (await operator.put(EN, campaign(), {"If-None-Match": "*"})).status == 201
    assert (await operator.put(EN, campaign(), {"If-None-Match": "*"})).status == 412


@pytest.mark.parametrize("tag", ["*", '"1"', 'W/"1"'])
async def test_whoever_has_read_it_or_does_not_care_may_change_it(api: Api, tag: str) -> None:
    """A proxy may have weakened the ETag (``W/``); ``*`` is any."""
    operator = await api.holder()
    await operator.put(EN, campaign())
    assert (await operator.put(EN, campaign(), {"If-Match": tag})).status == 200


@pytest.mark.parametrize("tag", ['"2"', "¹", '"999999999999999999999"'])
async def test_an_etag_that_was_never_given_matches_nothing(api: Api, tag: str) -> None:
    operator = await api.holder()
    await operator.put(EN, campaign())
    assert (await operator.put(EN, campaign(), {"If-Match": tag})).status == 412


async def test_a_campaign_never_changes_hands(api: Api) -> None:
    operator = await api.holder()
    await operator.put(EN, campaign())
    answer = await operator.put(EN, campaign(client_id="CL-TELKO"))
    assert answer.status == 409
    assert (await operator.put(EN, campaign(client_id="CL-TELKO"), {"If-Match": '"1"'})).status == 409


@pytest.mark.parametrize(
    ("body", "where"), [("{", "line 1"), ("", "line 1"), ('{"a": NaN}', "line 1"), ("[" * 9999, "recursion")]
)
async def test_a_body_that_is_not_json_says_where(api: Api, body: str, where: str) -> None:
    operator = await api.holder()
    answer = await operator.ask("PUT", EN, {"Content-Type": "application/json"}, data=body)
    assert answer.status == 400
    assert where in answer.json["errors"][0]["detail"]


async def test_json_that_is_no_object_is_refused(api: Api) -> None:
    operator = await api.holder()
    assert (await operator.put(EN, [1, 2])).status == 422


async def test_a_campaigns_body_is_plain_json(api: Api) -> None:
    operator = await api.holder()
    assert (await operator.ask("PUT", EN, data="a=b")).status == 415
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert (await operator.ask("PUT", EN, packed, data=b"x")).status == 415


async def test_a_campaigns_body_is_small(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(body=2000)) as api:
        operator = await api.holder()
        assert (await operator.put(EN, campaign())).status == 201
        assert (await operator.put(EN, campaign(message="x" * 2000))).status == 413


@pytest.mark.parametrize(("state", "command"), list(product(CampaignState, Command)))
async def test_a_command_leads_where_the_table_says(api: Api, state: CampaignState, command: Command) -> None:
    operator = await api.holder()
    await operator.put(EN, campaign())
    await api.store.set_campaign_state("EN-OVERDUE", state, api.service.clock.now())
    answer = await operator.post(f"{EN}/{command}")
    after = TRANSITIONS.get((state, command))
    if after is None:
        assert answer.status == 409
        assert f"is {state}" in answer.json["detail"]
    else:
        assert (answer.status, answer.json["state"]) == (200, after)
    assert (await operator.get(EN)).json["state"] == (after or state)


def test_nothing_leaves_a_stopped_campaign() -> None:
    assert {to for (state, _), to in TRANSITIONS.items() if state is CampaignState.STOPPED} == {CampaignState.STOPPED}


async def test_after_the_answer_to_a_pause_no_call_can_start(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await operator.post(f"{EN}/start")
    [lane] = {lane.id for lane in api.engine.lanes.all_running()}
    for command in ("pause", "start", "stop"):
        await operator.post(f"{EN}/{command}")
        assert (api.engine.lanes.running(lane) is not None) == (command == "start")


async def test_new_windows_hold_from_the_answer_on(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await operator.post(f"{EN}/start")
    await operator.put(EN, campaign(windows={"7": [["10:00", "11:00"]]}))
    assert {tuple(lane.hours.windows) for lane in api.engine.lanes.all_running()} == {(7,)}


async def test_commands_at_once_end_stopped(api: Api) -> None:
    operator = await api.holder()
    await operator.put(EN, campaign())
    commands = ["start", "stop", *["start", "pause", "start"] * 5]
    await asyncio.gather(*(operator.post(f"{EN}/{command}") for command in commands))
    assert (await operator.get(EN)).json["state"] == "stopped"


UNKNOWN_SHARE = {"mistaken": 0, "of": 0, "low": 0.0, "high": 1.0}


async def test_the_figures_count_contacts_by_state(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    answer = await operator.get(f"{EN}/figures")
    contacts = (await operator.get(f"{EN}/contacts")).json["contacts"]
    assert answer.json == {
        "campaign_id": "EN-OVERDUE",
        "state": "draft",
        "engine_stopped": False,
        "contacts": {"waiting": len(contacts), "ready": 0, "dialing": 0, "finished": 0},
        "finished": {},
        "attempts": {},
        "held": 0,
        "detection": {
            "verdicts": {},
            "machines_taken_for_people": UNKNOWN_SHARE,
            "people_taken_for_machines": UNKNOWN_SHARE,
        },
    }
    assert contacts


async def test_a_client_sees_and_commands_its_own_campaigns_only(api: Api) -> None:
    await api.with_campaigns()
    telko = await api.holder(client_id="CL-TELKO")
    assert [each["campaign_id"] for each in (await telko.get("/v1/campaigns")).json["campaigns"]] == ["TK-OVERDUE"]
    for method, path in (
        ("GET", EN), ("GET", f"{EN}/figures"), ("GET", f"{EN}/contacts"), ("GET", f"{EN}/attempts"),
        ("POST", f"{EN}/start"), ("POST", f"{EN}/pause"), ("POST", f"{EN}/stop"),
    ):  # fmt: skip
        assert (await telko.ask(method, path)).status == 404, path
    assert (await telko.put(EN, campaign())).status == 404
    assert (await telko.put("/v1/campaigns/NEW", campaign(campaign_id=None))).status == 422
    assert (await telko.post("/v1/campaigns/TK-OVERDUE/start")).status == 200


async def test_the_operator_sees_all(api: Api) -> None:
    operator = await api.with_campaigns()
    listed = (await operator.get("/v1/campaigns")).json["campaigns"]
    assert [each["campaign_id"] for each in listed] == sorted(each["campaign_id"] for each in campaigns())


async def test_who_approved_a_harsh_word_is_kept_with_the_moment(api: Api) -> None:
    operator = await api.holder()
    approval = {"by": "Anna Zielińska, compliance", "words": ["komornik"]}
    first = (await operator.put(EN, campaign(tone_approval=approval))).json["settings"]["tone_approval"]
    again = (await operator.put(EN, campaign(tone_approval=approval))).json["settings"]["tone_approval"]
    other = (await operator.put(EN, campaign(tone_approval={**approval, "by": "Jan Nowak"}))).json["settings"]

    assert {name: first[name] for name in approval} == approval
    assert again == first
    assert other["tone_approval"]["at"] > first["at"]


async def test_what_machines_get_is_enforced_where_somebody_looks_for_them(api: Api) -> None:
    operator = await api.holder()
    kept = await operator.put(EN, campaign(machine_detection=True, voicemail="message"))
    assert kept.status == 201
    assert "voicemail" not in {notice["about"] for notice in kept.json["notices"]}
    assert (await operator.put(EN, campaign(machine_detection=True, voicemail="sing"))).status == 422
