"""Real calls on this machine, from one command: ``make demo``.

A laboratory is started, the engine is started against it, a call list is fed over HTTP, and everybody on it is called
until they are reached or every attempt is used up. Then the engine's word is held against the carrier's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dialer.adapters.carrier.script import Role
from dialer.adapters.carrier.witness import Attempt, Promise, in_order_at_carrier, promises
from lab import LaboratoryError, hearing, settings
from lab.carrier import Manner, read_roles
from lab.demo_screen import Screen, result
from lab.engine import Api, Engine
from lab.laboratory import Laboratory

DATA = Path(__file__).parent / "data"
REPORT = Path("demo-report.json")
LONGEST = timedelta(minutes=4)
ROWS = 235  # of the sample list; a little over 200 contacts may be called
GAP_MINUTES = 0.1  # instead of an hour
RING_SCALE = 0.1  # the callees' patience, as much compressed
RING_SECONDS = 5
CALLS_PER_SECOND = 20
CONCURRENT_CALLS = 120
LOOK = 1.0  # s between two looks at the API
COMPARED = 24  # recordings of different texts; every one must hold its message
HEARD = 20  # at least so many must be there to be compared


def main() -> int:
    """Run the demo; the exit code is 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m lab.demo", description="Real calls through a real Asterisk.")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the sample list [{ROWS}]")
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="what the engine keeps [var/demo]")
    given = parser.parse_args()
    laboratory = Laboratory(settings.load())
    keep = os.environ.get("KEEP") == "1"
    try:
        return _demo(laboratory, given.folder.resolve(), given.rows, keep)
    except (LaboratoryError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        if not keep:
            laboratory.down()


def _demo(laboratory: Laboratory, folder: Path, rows: int, keep: bool) -> int:
    if laboratory.running():
        raise LaboratoryError("a laboratory is running already: end it with python -m lab down")
    shutil.rmtree(folder, ignore_errors=True)
    script = read_roles(DATA / "sim_outcomes.csv")
    print("Starting a PBX, a carrier and the engine …")
    laboratory.up(script, Manner(RING_SCALE, is_recording=True))
    engine = Engine(
        laboratory, folder, {"calls_per_second": str(CALLS_PER_SECOND), "concurrent_calls": str(CONCURRENT_CALLS)}
    )
    engine.start()
    try:
        campaigns = _feed(engine.api, rows)
        began = time.monotonic()
        attempts = _follow(engine.api, campaigns)
        lasted = timedelta(seconds=time.monotonic() - began)
        contacts = [contact for name in campaigns for contact in engine.api.pages(_of(name, "contacts"), "contacts")]
        kept = _promises(laboratory, engine, attempts, script)
        report = _report(attempts, contacts, kept, lasted)
        REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
        result(report, _samples(laboratory, contacts, attempts), REPORT)
    finally:
        if keep:
            laboratory.remember(engine.daemon)
            print(
                f"KEEP=1: the engine (pid {engine.daemon.pid}) goes on at {engine.api.url}; end all with: make lab-down"
            )
        else:
            engine.stop()
    return 0 if all(promise.is_kept for promise in kept) else 1


def _feed(api: Api, rows: int) -> list[str]:
    """Campaigns and the call list, as a CRM would send them; the campaigns' names."""
    names = []
    for campaign in json.loads((DATA / "campaigns.json").read_text("utf-8")):
        campaign |= {
            "profile": "trial",  # it is shown at any hour, and the same telephone may ring again soon
            "windows": {str(day): [["00:00", "00:00"]] for day in range(1, 8)},
            "holidays": None,
            "max_per_debtor_day": None,
            "max_per_debtor_7_days": None,
            "gap_minutes": GAP_MINUTES,
            "ring_seconds": RING_SECONDS,
            "allowed_prefixes": ["+48", "+49", "+33", "+44", "+1"],
        }
        if campaign["debtor_type"] == "company":
            campaign |= {"identity": "none", "message": "overdue_company"}
        api.put(f"/v1/campaigns/{campaign['campaign_id']}", campaign)
        names.append(campaign["campaign_id"])
    with (DATA / "calllist_2000.csv").open("rb") as lines:
        body = b"".join(line for line, _ in zip(lines, range(rows + 1), strict=False))
    batch = api.post("/v1/batches?batch_id=demo", body, "text/csv")
    print("Call list:", ", ".join(f"{count} {word}" for word, count in batch["counts"].items()))
    for name in names:
        api.post(f"/v1/campaigns/{name}/start")
    return names


def _of(campaign: str, what: str) -> str:
    return f"/v1/campaigns/{campaign}/{what}?limit=500"


def _follow(api: Api, campaigns: Sequence[str]) -> list[dict[str, Any]]:
    """Show what happens until nobody is left to be called; all attempts, closed."""
    deadline = time.monotonic() + LONGEST.total_seconds()
    with Screen() as screen:
        while True:
            figures = [api.get(f"/v1/campaigns/{name}/figures") for name in campaigns]
            attempts = [each for name in campaigns for each in api.pages(_of(name, "attempts"), "attempts")]
            screen.show(figures, attempts)
            left = sum(count for each in figures for state, count in each["contacts"].items() if state != "finished")
            if not left:
                return attempts
            if time.monotonic() > deadline:
                raise LaboratoryError(f"{left} contacts are not finished after {LONGEST}: see the engine's log")
            time.sleep(LOOK)


def _promises(
    laboratory: Laboratory, engine: Engine, attempts: Sequence[dict[str, Any]], script: Sequence[Role]
) -> list[Promise]:
    ours = [Attempt.of(each) for each in attempts]
    kept = promises(
        ours,
        _calls_of(laboratory, len([each for each in ours if each.placed])),
        script,
        attempts_per_number=4,  # the most that any of the campaigns allows
        spacing=timedelta(minutes=GAP_MINUTES),
        calls_per_second=CALLS_PER_SECOND,
        concurrent_calls=CONCURRENT_CALLS,
    )
    return [*kept, _heard(laboratory, engine, attempts)]


def _calls_of(laboratory: Laboratory, expected: int) -> list[Any]:
    """The carrier writes a call's line when it has ended; the last ones may still be on their way."""
    deadline = time.monotonic() + 5
    while len(calls := laboratory.carrier_log()) < expected and time.monotonic() < deadline:
        time.sleep(0.1)
    return calls


def _heard(laboratory: Laboratory, engine: Engine, attempts: Sequence[dict[str, Any]]) -> Promise:
    """What the callees heard, of as many different messages as are to be compared."""
    found: dict[str, float] = {}
    for recorded, shown in _recordings(laboratory, attempts):
        key = shown["message_key"]
        if len(found) < COMPARED and key not in found:
            found[key] = _share_heard(recorded, engine.sounds, key)
    whole = sum(share >= hearing.HEARD for share in found.values())
    return Promise(
        "callees heard the message made for them",
        len(found) >= HEARD and whole == len(found),
        f"{whole} of {len(found)} recordings hold their message, no passage missing",
    )


def _share_heard(recorded: Path, sounds: Path, key: str) -> float:
    body = sounds / key[:2] / f"{key}.alaw"
    return hearing.share_heard(hearing.recording(recorded), hearing.message(body))


def _recordings(laboratory: Laboratory, attempts: Sequence[dict[str, Any]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The recordings of delivered messages."""
    shown = {each["attempt_id"]: each for each in attempts}
    placed = [each for each in map(Attempt.of, attempts) if each.placed]
    for number, on_number in in_order_at_carrier(placed).items():
        for ordinal, each in enumerate(on_number, 1):
            path = laboratory.heard(number, ordinal)
            if each.disposition == "delivered" and path.exists():
                yield path, shown[each.id]


def _report(
    attempts: Sequence[dict[str, Any]], contacts: Sequence[dict[str, Any]], kept: Sequence[Promise], lasted: timedelta
) -> dict[str, Any]:
    waits = sorted(
        (_moment(each["message_at"]) - _moment(each["answered_at"])) / timedelta(milliseconds=1)
        for each in attempts
        if each["message_at"]
    )
    placed = sorted(_moment(each["placed_at"]) for each in attempts if each["placed_at"])
    busiest = max((sum(start <= each < start + timedelta(seconds=1) for each in placed) for start in placed), default=0)
    return {
        "contacts": len(contacts),
        "finished": dict(Counter(each["finished"] for each in contacts)),
        "attempts": len(attempts),
        "dispositions": dict(Counter(each["disposition"] for each in attempts).most_common()),
        "seconds": round(lasted.total_seconds(), 1),
        "calls_per_second": {"mean": round(len(attempts) / lasted.total_seconds(), 2), "busiest_second": busiest},
        "answer_to_message_ms": _percentiles(waits),
        "promises": [asdict(promise) for promise in kept],
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    """As the engine saw them: from the switch's word of the answer to its own first command to play."""
    if len(values) < 2:
        return {}
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 2),
        "p95": round(cuts[94], 2),
        "p99": round(cuts[98], 2),
        "max": round(values[-1], 2),
    }


def _samples(
    laboratory: Laboratory, contacts: Sequence[dict[str, Any]], attempts: Sequence[dict[str, Any]]
) -> list[tuple[str, Path]]:
    """Three messages as spoken, of different campaigns, and where to hear them."""
    text_of = {each["contact_id"]: each for each in contacts}
    chosen: dict[str, tuple[str, Path]] = {}
    for path, shown in _recordings(laboratory, attempts):
        contact = text_of[shown["contact_id"]]
        chosen.setdefault(contact["campaign_id"], (contact["message_text"], path))
    return list(chosen.values())[-3:]


if __name__ == "__main__":
    sys.exit(main())
