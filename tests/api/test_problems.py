import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from api.problems import field_errors
from api.service import ApiLimits
from dialer.adapters.store import SqlStore
from dialer.core.plan import CampaignSettings
from dialer.ports.store import Campaign, StoreFailed
from tests.support.api import Api, Said, api_on, campaign

EN = "/v1/campaigns/EN-OVERDUE"
SECRET = "+48280900100"


def assert_is_problem(answer: Said, status: int) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["type"] == "about:blank"
    assert answer.json["title"]
    assert answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/batches/", "/v1/contacts/1/2", "/%00", "/%ff"])
async def test_where_nothing_is_a_problem_says_so(api: Api, path: str) -> None:
    answer = await api.stranger().get(path)
    assert_is_problem(answer, 404)


async def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    answer = await api.stranger().ask("DELETE", EN)
    assert_is_problem(answer, 405)
    assert set(answer.headers["Allow"].split(",")) == {"GET", "PUT"}


class Broken(SqlStore):
    """Whatever is asked of campaigns goes wrong in a way that nobody expected."""

    async def campaign(self, campaign_id: str) -> Campaign | None:
        raise RuntimeError(f"number {SECRET}") from KeyError(SECRET)


class Failing(SqlStore):
    async def put_campaign(self, *_: object, **__: object) -> Campaign:
        raise StoreFailed("database is locked")


async def test_what_nobody_expected_tells_the_log_where_and_nobody_what(tmp_path: Path) -> None:
    async with api_on(tmp_path, store_of=Broken) as api:
        operator = await api.holder()
        with capture_logs([merge_contextvars]) as lines:
            answer = await operator.get(EN)
    assert_is_problem(answer, 500)
    assert "RuntimeError" not in answer.text
    [line] = [line for line in lines if line["event"] == "unexpected"]
    assert line["request_id"] == answer.json["request_id"]
    assert (line["kind"], line["cause"]) == ("RuntimeError", "KeyError")
    assert any("test_problems.py" in frame for frame in line["at"])
    assert SECRET not in str(lines)
    assert SECRET not in answer.text


async def test_while_the_database_fails_the_sender_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with api_on(tmp_path, store_of=Failing) as api:
        operator = await api.holder()
        answer = await operator.put(EN, campaign())
    assert_is_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "locked" not in answer.text


async def test_every_answer_forbids_keeping_it(api: Api) -> None:
    operator = await api.with_campaigns()
    for path in (EN, "/health", "/nowhere"):
        answer = await operator.get(path)
        assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


async def raw(api: Api, *portions: bytes) -> bytes:
    """Whatever comes back for bytes that are no proper request, until the API closes the connection."""
    reader, writer = await asyncio.open_connection(*api.address)
    try:
        async with asyncio.timeout(10):
            for portion in portions:
                writer.write(portion)
                await writer.drain()
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


GARBAGE = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    "one endless header": b"GET /health HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "an endless address": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a hundred thousand headers": b"GET /health HTTP/1.1\r\n" + b"a: b\r\n" * 100_000 + b"\r\n",
    "a length that is none": b"POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
}


@pytest.mark.parametrize("sent", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_answered_as_a_problem_and_harms_nobody(api: Api, sent: bytes) -> None:
    with capture_logs() as lines:
        answer = await raw(api, sent)
    # Who is still sending when the connection is closed may lose the answer.
    assert answer == b"" or re.match(rb"HTTP/1.[01] 400 .*application/problem\+json", answer, re.DOTALL)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert (await api.stranger().get("/v1/openapi.json")).status == 200


async def test_garbage_is_logged_without_its_bytes(api: Api) -> None:
    with capture_logs() as lines:
        await raw(api, b"GET /health HTTP/1.1\r\nAuthorization " + SECRET.encode() + b"\r\n\r\n")
    assert [line["event"] for line in lines] == ["request_garbled"]
    assert SECRET not in str(lines)


async def test_garbage_is_answered_under_the_id_that_the_log_names(api: Api) -> None:
    with capture_logs() as lines:
        head, _, body = (await raw(api, GARBAGE["no HTTP at all"])).partition(b"\r\n\r\n")
    [garbled] = [line for line in lines if line["event"] == "request_garbled"]
    assert f"X-Request-Id: {garbled['request_id']}".encode() in head
    assert json.loads(body)["request_id"] == garbled["request_id"]
    assert b"Cache-Control: no-store" in head


async def test_who_never_ends_the_head_of_a_request_is_let_go(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(silence=timedelta(milliseconds=100))) as api:
        assert await raw(api, b"GET /health HTTP/1.1\r\nX-Slow: ") == b""


async def test_one_connection_too_many_is_let_go(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(connections=2)) as api:
        held = [await asyncio.open_connection(*api.address) for _ in range(2)]
        assert await raw(api, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n") == b""
        for _, writer in held:
            writer.close()


@pytest.mark.parametrize("expectation", ["100-continue", "a-miracle"])
async def test_what_a_sender_expects_is_granted_or_ignored(api: Api, expectation: str) -> None:
    head = f"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: {expectation}\r\n\r\n"
    answer = await raw(api, head.encode())
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\n") == (expectation == "100-continue")
    assert b"HTTP/1.1 503" in answer


async def test_nobody_learns_which_versions_of_what_are_running(api: Api) -> None:
    answers = [await raw(api, b"garbage\r\n\r\n"), str((await api.stranger().get("/nowhere")).headers).encode()]
    assert not [answer for answer in answers if b"aiohttp" in answer or b"Python" in answer]


def test_settings_that_are_refused_are_all_named() -> None:
    with pytest.raises(ValidationError) as caught:
        CampaignSettings.model_validate(campaign(campaign_id=None, windows={"1": [["x", "9"]]}, stages=["a/b~c"]))
    assert [error.pointer for error in field_errors(caught.value, CampaignSettings)] == [
        "#/stages/0",
        "#/windows/1/0/0",
        "#/windows/1/0/1",
    ]


def test_what_does_not_match_is_told_what_would() -> None:
    with pytest.raises(ValidationError) as caught:
        CampaignSettings.model_validate(
            campaign(campaign_id=None, windows={"1": [["08:00", "24:00"]]}, brand="two\nlines", cli="12")
        )
    told = {error.pointer: error.detail for error in field_errors(caught.value, CampaignSettings)}
    assert told["#/windows/1/0/1"].startswith("should be like '08:00'")
    assert told["#/cli"].startswith("should be like '+48380000001'")
    assert told["#/brand"] == "should be one line of 1 to 120 characters, without control characters"

    with pytest.raises(ValidationError) as contradicted:
        CampaignSettings.model_validate(campaign(campaign_id=None, skills=["fr"]))
    [error] = field_errors(contradicted.value, CampaignSettings)
    assert error.detail.startswith("skills are of campaigns with agents"), "our own words alone"


async def test_a_character_that_no_database_keeps_is_refused_wherever_it_stands(api: Api) -> None:
    operator = await api.holder()
    sent = {"name": "An\0na", "phone": "agent1", "skills": ["pl", "\0"], "a\0b": 1}
    answer = await operator.put("/v1/agents/anna", sent)
    assert answer.status == 422
    assert [each["pointer"] for each in answer.json["errors"]] == ["#/name", "#/skills/1", "#"]


async def test_a_text_that_only_looks_like_it_is_taken(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put("/v1/agents/anna", {"name": "\\u0000", "phone": "agent1"})
    assert (answer.status, answer.json["name"]) == (201, "\\u0000")


async def test_a_moment_that_no_clock_shows_is_refused(api: Api) -> None:
    operator = await api.with_campaigns()
    for path in ("batches", "attempts", "audit", "reports"):
        answer = await operator.get(f"/v1/{path}?since=0001-01-01T00:00:00%2B23:59")
        assert (answer.status, answer.json["errors"][0]["parameter"]) == (422, "since")
    settings = (await operator.get("/v1/campaigns/EN-OVERDUE")).json["settings"]
    answer = await operator.put("/v1/campaigns/EN-OVERDUE", settings | {"not_before": "9999-12-31T23:59:59-23:59"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/not_before")
