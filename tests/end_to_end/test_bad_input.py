"""What does the running engine say to bad input? What is wrong and what to do; it keeps nothing and calls nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lab.engine import Api, Refused
from tests.support.calling import CAMPAIGN, Calling, Debtor, call_list, campaign

pytestmark = pytest.mark.lab

GOOD = [Debtor(number) for number in range(1, 4)]
LIST = call_list(GOOD).decode()
HEADER, FIRST, *_ = LIST.splitlines()


@pytest.fixture(scope="module")
def running(lasting: Calling) -> Iterator[Calling]:
    """An engine with a running campaign and nobody to call; after all tests nobody was called."""
    lasting.people(GOOD)
    lasting.engine.start()
    lasting.put()
    lasting.command("start")
    yield lasting
    assert lasting.contacts() == []
    assert lasting.calls() == []


def refusal(api: Api, path: str, body: bytes, content_type: str = "text/csv") -> dict[str, Any]:
    with pytest.raises(Refused) as refused:
        api.post(path, body, content_type)
    return refused.value.problem


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "F_EMPTY"),
        ("<html>not found</html>\n", "F_HEADER"),
        (LIST.replace("limitation_date", "limit", 1), "F_HEADER_MISSING"),
        (LIST.replace("due_date", "stage", 1), "F_HEADER_DUPLICATE"),
        (LIST + '"T/000009,CL-TEST', "F_CSV_QUOTE"),
        (LIST + "\0", "F_NUL"),
    ],
)
def test_a_malformed_list_is_refused_as_a_whole(running: Calling, body: str, code: str) -> None:
    problem = refusal(running.engine.api, "/v1/batches?batch_id=malformed", body.encode())
    assert problem["code"] == code
    assert problem["detail"]
    assert running.contacts() == []


def test_a_list_in_another_encoding_is_refused(running: Calling) -> None:
    problem = refusal(running.engine.api, "/v1/batches?batch_id=encoding", LIST.encode("cp1250"))
    assert problem["code"] == "F_ENCODING"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "F_JSON"),
        (b"[]", "F_SCHEMA"),
        (json.dumps({"schema": "calllist/2"}).encode(), "F_SCHEMA"),
        (
            json.dumps(
                {
                    "schema": "calllist/1",
                    "batch_id": "b",
                    "client_id": "CL-TEST",
                    "campaign_id": "NOWHERE",
                    "as_of": "2026-11-21T06:00:00+01:00",
                    "mode": "upsert",
                    "cases": [],
                }
            ).encode(),
            "F_SCHEMA",
        ),
    ],
)
def test_a_malformed_document_is_refused_as_a_whole(running: Calling, body: bytes, code: str) -> None:
    assert refusal(running.engine.api, "/v1/batches", body, "application/json")["code"] == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("+48280000001", "12345"), "E_PHONE_LENGTH"),
        (("153.20", "-5"), "E_AMOUNT_NEGATIVE"),
        ((CAMPAIGN, "NOWHERE"), "E_CAMPAIGN_UNKNOWN"),
        (("overdue", "nonsense"), "E_STAGE"),
        (("T/000001", ""), "E_REQUIRED"),
    ],
)
def test_a_bad_row_is_named_and_called_by_nobody(running: Calling, wrong: tuple[str, str], code: str) -> None:
    row = FIRST.replace(*wrong)
    assert row != FIRST
    batch = f"bad-{code}"
    answer = running.engine.api.post(f"/v1/batches?batch_id={batch}", f"{HEADER}\n{row}\n".encode(), "text/csv")
    assert answer["counts"]["accepted"] == 0
    judged = running.engine.api.get(f"/v1/batches/{batch}/rows")  # one line
    assert code in judged["codes"]


@pytest.mark.parametrize("word", ["start", "pause", "stop", "figures"])
def test_an_unknown_campaign_is_told_to_be_unknown(running: Calling, word: str) -> None:
    ask = running.engine.api.get if word == "figures" else running.engine.api.post
    with pytest.raises(Refused, match="there is no campaign") as refused:
        ask(f"/v1/campaigns/NOWHERE/{word}")
    assert refused.value.status == 404


@pytest.mark.parametrize("key", ["", "nonsense", "dz000000000000.wrong"])
def test_a_wrong_key_changes_nothing(running: Calling, key: str) -> None:
    stranger = replace(running.engine.api, key=key)
    with pytest.raises(Refused, match="dzwonek keys create") as refused:
        stranger.post("/v1/batches?batch_id=stranger", LIST.encode(), "text/csv")
    assert refused.value.status == 401
    with pytest.raises(Refused, match="401"):
        stranger.put(f"/v1/campaigns/{CAMPAIGN}", campaign(attempts=10))
    assert running.engine.api.get(f"/v1/campaigns/{CAMPAIGN}")["settings"]["attempts"] == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"message": "Winien Pan {amount}."}, "{amount}"),
        ({"message": "{nothing}"}, "{nothing}"),
        ({"message": "no_such_text"}, "no_such_text"),
        ({"windows": {"1": [["20:00", "08:00"]]}}, "20:00-08:00"),
        ({"timezone": "Europe/Warszawa"}, "Europe/Warszawa"),
        ({"gap_minutes": 0.001}, "0.01"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused_with_the_reason(
    running: Calling, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        running.engine.api.put(f"/v1/campaigns/{CAMPAIGN}", campaign(**changes))
    assert refused.value.status == 422
    assert said in json.dumps(refused.value.problem, ensure_ascii=False)
