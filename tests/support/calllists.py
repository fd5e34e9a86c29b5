"""Call lists to test with: the fixture files, the campaigns they belong to, and one clean row to spoil."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from dialer.core.cases import Stage
from dialer.core.numbers import NumberingPlan
from dialer.core.rows.repeats import repeated
from dialer.core.rows.row import refused, verdict
from dialer.core.rows.verdicts import CampaignFacts, IntakeContext, RowVerdict
from dialer.lists.calllist import BadRow, RawRow, read_csv

CALLLISTS = Path(__file__).parents[1] / "fixtures" / "calllists"


def read(name: str) -> bytes:
    return (CALLLISTS / name).read_bytes()


def read_json_fixture(name: str) -> Any:
    return json.loads(read(name))


def expected(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(read(name).decode().splitlines()))


@cache
def context() -> IntakeContext:
    """Saturday, 21 November 2026, noon in Warsaw; the five campaigns; the test numbering plan."""
    return IntakeContext(
        now=datetime.fromisoformat("2026-11-21T12:00:00+01:00"),
        today=date(2026, 11, 21),
        plan=NumberingPlan.TEST,
        campaigns={
            campaign["campaign_id"]: CampaignFacts(
                client_id=campaign["client_id"],
                stages=frozenset(map(Stage, campaign["stages"])),
                allowed_prefixes=tuple(campaign["allowed_prefixes"]),
                own_numbers=frozenset((campaign["cli"], campaign["callback_number"])),
            )
            for campaign in read_json_fixture("campaigns.json")
        },
        zones=frozenset(available_timezones()),
    )


def context_for(plan: NumberingPlan) -> IntakeContext:
    return replace(context(), plan=plan)


def clean_row(**changes: str | None) -> dict[str, str | None]:
    """A row that is accepted without a word, with the changes a test is about."""
    first = next(read_csv([read("dirty_rows.csv")]))
    assert isinstance(first, RawRow)
    return {**first.values, **changes}


def judge_row(**changes: str | None) -> RowVerdict:
    return verdict(clean_row(**changes), 1, context())


def judge_all(rows: Iterator[RawRow | BadRow], facts: IntakeContext) -> Iterator[RowVerdict]:
    """What intake does with every row of a list."""
    named: dict[tuple[str, str], RowVerdict] = {}
    for item in rows:
        match item:
            case RawRow(row, values):
                judged = verdict(values, row, facts)
                if judged.case is not None:
                    first = named.setdefault((judged.case.client_id, judged.case.case_id), judged)
                    if first is not judged:
                        same = (first.case, first.numbers) == (judged.case, judged.numbers)
                        status, code = repeated(says_the_same=same)
                        judged = RowVerdict(row, judged.case_id, status, (code,))
                yield judged
            case BadRow(row, case_id, code):
                yield refused(row, case_id, code)
