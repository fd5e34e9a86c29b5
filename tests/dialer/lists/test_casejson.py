"""Which rows does this JSON batch hold, or why can it not be read?"""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.codes import Code
from dialer.lists import jsonrows
from dialer.lists.calllist import BadRow, FileProblem, RawRow, read_csv
from dialer.lists.casejson import read_json, read_ndjson
from tests.support.calllists import context, judge_all, read, read_json_fixture


def document(**changes: Any) -> bytes:
    batch = read_json_fixture("calllist_100.json")
    batch["cases"] = batch["cases"][:1]
    return json.dumps({**batch, **changes}).encode()


def case(**changes: Any) -> dict[str, Any]:
    first: dict[str, Any] = read_json_fixture("calllist_100.json")["cases"][0]
    return {**first, **changes}


def problem_of(body: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        read_json(body)
    return raised.value


def test_a_case_gets_the_same_verdict_as_json_and_as_csv() -> None:
    as_csv = {row.case_id: row for row in reversed(list(judge_all(read_csv([read("calllist_2000.csv")]), context())))}
    as_json = list(judge_all(read_json(read("calllist_100.json")).rows, context()))
    assert len(as_json) == 100
    for row in as_json:
        twin = as_csv[row.case_id]
        assert (row.status, row.codes, row.numbers) == (twin.status, twin.codes, twin.numbers)
        if row.case and twin.case:
            assert row.case.receivable == twin.case.receivable


def test_the_head_says_whose_cases_these_are_and_how_to_call() -> None:
    head = read_json(read("calllist_100.json")).head
    assert (head.batch_id, head.client_id, head.campaign_id, head.mode) == (
        "B-20261121-0001",
        "CL-ENERGIA",
        "EN-OVERDUE",
        "upsert",
    )
    assert head.as_of == datetime.fromisoformat("2026-11-21T06:00:00+01:00")
    assert (head.mailing.attempts, head.mailing.gap_minutes) == (3, Decimal(60))
    assert head.mailing.windows == {str(day): [("08:00", "20:00")] for day in range(1, 6)}
    assert head.mailing.not_before == datetime.fromisoformat("2026-11-23T08:00:00+01:00")


def test_a_batch_need_not_set_anything_for_itself() -> None:
    body = json.loads(document())
    del body["mailing"]
    assert read_json(json.dumps(body).encode()).head.mailing.attempts is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", Code.F_EMPTY),
        (b" \n", Code.F_EMPTY),
        (b"{\xff}", Code.F_ENCODING),
        (b'{"a\0": 1}', Code.F_NUL),
        (b'{"schema": nope}', Code.F_JSON),
        (b'{"cases": [' + b"[" * 100_000, Code.F_JSON),
        (b"[]", Code.F_SCHEMA),
        (document(schema="calllist/2"), Code.F_SCHEMA),
        (document(mode="append"), Code.F_SCHEMA),
        (document(extra=1), Code.F_SCHEMA),
        (document(as_of="2026-11-21T06:00:00"), Code.F_SCHEMA),
        (document(as_of="0001-01-01T00:00:00+23:59"), Code.F_SCHEMA),
        (document(batch_id="B" * 65), Code.F_SCHEMA),
        (document(mailing={"attempts": 11}), Code.F_SCHEMA),
        (document(mailing={"gap_minutes": 0}), Code.F_SCHEMA),
        (document(mailing={"windows": {"8": []}}), Code.F_SCHEMA),
        (document(mailing={"windows": {"1": [["08:00", "24:00"]]}}), Code.F_SCHEMA),
        (document(mailing={"windows": {"1": [["20:00", "08:00"]]}}), Code.F_SCHEMA),
        (
            document(mailing={"not_before": "2026-11-23T08:00:00Z", "not_after": "2026-11-23T08:00:00Z"}),
            Code.F_SCHEMA,
        ),
        (document(cases=[1] * 50_001), Code.F_SCHEMA),
    ],
)
def test_a_document_that_is_no_batch_is_refused_as_a_whole(body: bytes, code: Code) -> None:
    assert problem_of(body).code is code


def test_a_refused_document_says_where() -> None:
    assert "byte" in problem_of(b'{"schema": nope}').detail
    assert "$.mailing.attempts" in problem_of(document(mailing={"attempts": 0})).detail


def test_a_batch_without_cases_is_accepted_with_a_warning() -> None:
    batch = read_json(document(cases=[]))
    assert ([warned.code for warned in batch.warnings], list(batch.rows)) == ([Code.W_NO_ROWS], [])


@pytest.mark.parametrize(
    "spoilt",
    [
        1,
        case(phones="280900100"),
        case(phones=[{"number": "280900100"}] * 6),
        case(phones=[{"number": 280900100}]),
        case(flag=["minor"]),
        case(receivable={}),
        {"case_id": "EN/2026/000002"},
    ],
)
def test_a_case_of_the_wrong_shape_is_refused_alone(spoilt: Any) -> None:
    rows = list(read_json(document(cases=[spoilt, case()])).rows)
    assert isinstance(rows[0], BadRow)
    assert rows[0].code is Code.E_FIELD_TYPE
    assert rows[0].case_id == ("" if spoilt == 1 else "EN/2026/000002")
    assert isinstance(rows[1], RawRow)


def test_a_case_larger_than_any_case_is_refused_alone() -> None:
    rows = list(read_json(document(cases=[case(limitation_date="9" * 70_000), case()])).rows)
    assert rows[0] == BadRow(1, "", Code.E_FIELD_LENGTH)


def test_numbers_are_dialled_in_their_order_of_priority() -> None:
    phones = [{"number": "280900101", "priority": 2}, {"number": "280900109"}, {"number": "280900102", "priority": 1}]
    (row,) = judge_all(read_json(document(cases=[case(phones=phones)])).rows, context())
    assert [number.e164 for number in row.numbers] == ["+48280900102", "+48280900101", "+48280900109"]


def test_a_malformed_line_is_refused_alone() -> None:
    body = b"\n".join([json.dumps(case()).encode(), b"{", b"", json.dumps(case(case_id="X")).encode()])
    rows = list(read_ndjson(body, "CL-ENERGIA", "EN-OVERDUE"))
    assert isinstance(rows[1], BadRow)
    assert (rows[1].row, rows[1].case_id, rows[1].code) == (2, "", Code.E_FIELD_TYPE)
    assert isinstance(rows[2], RawRow)
    assert (rows[2].row, rows[2].values["case_id"], rows[2].values["client_id"]) == (3, "X", "CL-ENERGIA")


def rows_of(path: Path) -> list[RawRow | BadRow]:
    """All lines of a file, part by part."""
    body = path.read_bytes()
    return [
        row
        for part in jsonrows.parts(path)
        for row in read_ndjson(body[part.offset : part.offset + part.length], "CL-ENERGIA", "EN-OVERDUE", part.first)
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_long_file_is_read_part_by_part(tmp_path: Path, end: bytes, mark: bytes) -> None:
    line = json.dumps(case(case_id="X/")).encode()
    lines = [line.replace(b'"X/"', b'"X/%d"' % n) for n in range(2 * jsonrows.PART // len(line))]
    path = tmp_path / "list.ndjson"
    path.write_bytes(mark + end.join(lines))

    rows = rows_of(path)

    assert len(list(jsonrows.parts(path))) > 1
    assert [row.row for row in rows] == list(range(1, len(lines) + 1))
    assert [row.values["case_id"] for row in rows if isinstance(row, RawRow)] == [f"X/{n}" for n in range(len(lines))]


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"\n{\xff}", Code.F_ENCODING),
        (b"\n\0", Code.F_NUL),
        (b"\n" + b"x" * 2 * jsonrows.PART, Code.F_ROW_LENGTH),
    ],
)
def test_what_is_wrong_at_the_end_of_a_long_file_is_seen(tmp_path: Path, tail: bytes, code: Code) -> None:
    path = tmp_path / "list.ndjson"
    path.write_bytes(b"{}\n" * (jsonrows.PART // 2) + tail)

    with pytest.raises(FileProblem) as raised:
        list(jsonrows.parts(path))

    assert raised.value.code == code


@pytest.mark.parametrize("body", [b"", b" \n\r\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_no_lines_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "list.ndjson"
    path.write_bytes(body)

    with pytest.raises(FileProblem) as raised:
        list(jsonrows.parts(path))

    assert raised.value.code == Code.F_EMPTY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_only_ever_a_file_problem(body: bytes) -> None:
    assert problem_of(body).code.startswith("F_")


@given(st.lists(JSON, max_size=4))
def test_any_list_of_cases_is_read_row_by_row(cases: list[Any]) -> None:
    rows = list(read_json(document(cases=cases)).rows)
    assert [row.row for row in rows] == list(range(1, len(cases) + 1))
