"""Is nothing repeated or lost by kills, and would it be noticed? ``python -m bench.kills`` kills 300 times."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.kills import LIMITS, kill
from bench.kills_judged import Call, Verdict, calls_of, judge
from dialer.adapters.store import Database
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.event_tables import events

KILLS = 20


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdict]:
    """What was left behind by engines of which each was killed but the last."""
    folder = tmp_path_factory.mktemp("killed")
    return folder, kill(folder, KILLS, seed=7)


def test_no_kill_repeats_or_loses_anything(killed: tuple[Path, Verdict]) -> None:
    _, verdict = killed
    assert verdict.problems == []
    assert verdict.figures["calls lost with a killed engine"] > KILLS  # they were in the middle of their work
    assert verdict.figures["messages heard to the end"] > 0


def judged(folder: Path, calls: list[Call], *changes: sa.Executable) -> list[str]:
    """What is found when the log or the database says something else; nothing is kept of it."""
    with Database(f"sqlite:///{folder}/killed.db").connect() as connection:
        for change in changes:
            connection.execute(change)
        verdict = judge(connection, calls, LIMITS)
        connection.rollback()
    return verdict.problems


def twice(calls: list[Call]) -> list[Call]:
    return [*calls, calls[0]]


def of_nobody(calls: list[Call]) -> list[Call]:
    return [*calls, Call("f" * 32, calls[0].number, calls[0].at)]


def none(calls: list[Call]) -> list[Call]:
    return calls[:0]


def at_once(calls: list[Call]) -> list[Call]:
    return [Call(call.attempt, call.number, calls[0].at) for call in calls]


def on_one_number(calls: list[Call]) -> list[Call]:
    return [Call(call.attempt, calls[0].number, call.at) for call in calls]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (twice, "attempts called twice"),
        (of_nobody, "calls without a saved attempt"),
        (none, "outcomes of calls that the carrier never saw"),
        (at_once, "contacts called too soon again"),
        (on_one_number, "numbers called too often"),
    ],
)
def test_a_call_that_should_not_be_is_noticed(
    killed: tuple[Path, Verdict], change: Callable[[list[Call]], list[Call]], found: str
) -> None:
    folder, _ = killed
    assert any(found in problem for problem in judged(folder, change(calls_of(folder / "carrier.log"))))


FIRST_EVENT = events.c.seq == sa.select(sa.func.min(events.c.seq)).scalar_subquery()
AN_END = (
    events.c.seq == sa.select(sa.func.min(events.c.seq)).where(events.c.type == "attempt.finished").scalar_subquery()
)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (attempts.update().values(disposition=None), "attempts without a disposition"),
        (attempts.update().values(disposition="withdrawn"), "calls that are said never to have left"),
        (attempts.update().values(debtor_id=1), "debtors called more often than their budget"),
        (events.delete().where(FIRST_EVENT), "events have gaps"),
        (events.delete().where(AN_END), "ends of attempts not told"),
        (events.update().where(AN_END).values(attempt_id="f" * 32), "ends told of nothing"),
        (
            events.update().where(events.c.type == "attempt.finished").values(attempt_id="f" * 32, case_id="C"),
            "told twice",
        ),
    ],
)
def test_a_row_that_should_not_be_is_noticed(killed: tuple[Path, Verdict], change: sa.Executable, found: str) -> None:
    folder, _ = killed
    assert any(found in problem for problem in judged(folder, calls_of(folder / "carrier.log"), change))
