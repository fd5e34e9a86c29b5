"""A campaign called by the whole engine: who is on its list, and what has become of everybody?

calling.begin([Debtor(1, "busy/1/", "human/1/"), Debtor(2)])
calling.finish()
assert calling.broken_promises() == []
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dialer.adapters.carrier import calllog
from dialer.adapters.carrier.script import Role, role
from dialer.adapters.carrier.witness import Attempt, Interruption, promises
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until

CAMPAIGN = "SHORT"
ALWAYS = {str(day): [["00:00", "00:00"]] for day in range(1, 8)}
NEVER: dict[str, list[list[str]]] = {}
PATIENCE = timedelta(seconds=60)
SOON = timedelta(seconds=15)
LOOK = timedelta(milliseconds=100)
FAST = Manner(ring_scale=0.1)
NUMBER = re.compile(r"(?<![0-9a-f])\+?48(?:28|38)[0-9]{7}(?![0-9a-f])")  # and no part of an attempt's id

# What `dzwonek up` is given, unless a test gives it something else.
CALLS_PER_SECOND = 20
CONCURRENT_CALLS = 30
SETTINGS = {
    "calls_per_second": str(CALLS_PER_SECOND),
    "concurrent_calls": str(CONCURRENT_CALLS),
    "grace_seconds": "2",
}


@dataclass(frozen=True, slots=True)
class Debtor:
    """Somebody on the list, with a case number of up to six digits; ``behaviours`` as in the carrier's script."""

    case: int
    behaviours: tuple[str, ...] = ("human/1/",)
    shared_number: str | None = None  # also another's
    language: str = "pl"

    @property
    def number(self) -> str:
        return self.shared_number or f"+4828{self.case:07d}"

    @property
    def role(self) -> Role:
        return role(self.number, *self.behaviours)

    def row(self, campaign: str = CAMPAIGN) -> dict[str, str]:
        """As a CRM writes it."""
        return {
            "case_id": f"T/{self.case:06d}",
            "client_id": "CL-TEST",
            "campaign_id": campaign,
            "debtor_id": f"D{self.case:06d}",
            "debtor_type": "person",
            "first_name": "Jan",
            "last_name": "Zmyślony",
            "sex": "M",
            "language": self.language,
            "phone_1": self.number,
            "amount_due": "153.20",
            "currency": "PLN",
            "due_date": f"{date.today() - timedelta(days=40):%Y-%m-%d}",  # noqa: DTZ011  the sender's own calendar
            "stage": "overdue",
            "case_no_spoken": f"{self.case:06d}",
            "flags": "",
            "limitation_date": f"{date.today() + timedelta(days=900):%Y-%m-%d}",  # noqa: DTZ011
            "balance_version": "1",
        }


def call_list(debtors: Sequence[Debtor], campaign: str = CAMPAIGN) -> bytes:
    """The list as CSV."""
    text = io.StringIO()
    rows = [debtor.row(campaign) for debtor in debtors]
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def campaign(**changes: object) -> dict[str, object]:
    """A campaign that may call at any hour, says one short sentence and tries again soon."""
    return {
        "client_id": "CL-TEST",
        "brand": "Przykład",
        "brand_neutral": "Przykład",
        "creditor": "Przykład",
        "cli": "+48380000001",
        "callback_number": "+48380000051",
        "stages": ["overdue"],
        "attempts": 2,
        "gap_minutes": 0.05,
        "ring_seconds": 5,
        "profile": "trial",
        "windows": ALWAYS,
        "holidays": None,
        "message": "Sprawa numer {case}.",
    } | changes


@dataclass(slots=True)
class Calling:
    """One campaign of one engine, and the people at the carrier."""

    engine: Engine
    settings: dict[str, object] = field(default_factory=campaign)
    script: list[Role] = field(default_factory=list)
    interruptions: list[Interruption] = field(default_factory=list)

    def begin(
        self, debtors: Sequence[Debtor], manner: Manner = FAST, beside: Sequence[Debtor] = (), **changes: object
    ) -> None:
        """Start the engine if it does not run, send it campaign and list, and let it call.

        ``beside``: others whom the carrier knows.
        """
        self.people([*debtors, *beside], manner)
        if not self.engine.is_running:
            self.engine.start()
        self.put(**changes)
        self.send(debtors)
        self.command("start")

    def people(self, debtors: Sequence[Debtor], manner: Manner = FAST) -> None:
        """What the carrier's people do; its log begins anew."""
        self.script = [debtor.role for debtor in debtors]
        self.engine.laboratory.set_script(self.script, manner)

    def put(self, **changes: object) -> None:
        """Create or edit the campaign."""
        self.settings |= changes
        self.engine.api.put(f"/v1/campaigns/{CAMPAIGN}", self.settings)

    def send(self, debtors: Sequence[Debtor]) -> dict[str, Any]:
        batch = f"list-{len(debtors)}-{debtors[0].case}"
        answer: dict[str, Any] = self.engine.api.post(f"/v1/batches?batch_id={batch}", call_list(debtors), "text/csv")
        assert answer["counts"]["accepted"] == len(debtors), answer
        return answer

    def command(self, word: str) -> None:
        """start, pause or stop."""
        self.engine.api.post(f"/v1/campaigns/{CAMPAIGN}/{word}")

    # ---- what the engine says --------------------------------------------------------------------

    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = self.engine.api.get(f"/v1/campaigns/{CAMPAIGN}/figures")
        return figures

    def shown(self) -> list[dict[str, Any]]:
        """Every attempt as the API shows it."""
        return list(self.engine.api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts"))

    def contacts(self) -> list[dict[str, Any]]:
        return list(self.engine.api.pages(f"/v1/campaigns/{CAMPAIGN}/contacts?limit=500", "contacts"))

    def attempts(self) -> list[Attempt]:
        return [Attempt.of(each) for each in self.shown()]

    def dispositions(self) -> dict[str, int]:
        """How many attempts ended how; `open` ones have not."""
        return dict(self.figures()["attempts"])

    def is_finished(self) -> bool:
        return not any(count for state, count in self.figures()["contacts"].items() if state != "finished")

    def finish(self, patience: timedelta = PATIENCE) -> None:
        """Wait until nobody is left to be called, and the carrier has seen the last call end."""
        assert wait_until(self.is_finished, patience, LOOK), self.figures()
        self.carrier_is_idle()

    # ---- what the carrier says -------------------------------------------------------------------

    def calls(self) -> list[calllog.Call]:
        """The calls that have ended."""
        return self.engine.laboratory.carrier_log()

    def carrier_is_idle(self) -> None:
        """Wait until no call is left at the carrier, so that its log is whole."""

        def is_idle() -> bool:
            return "0 active channels" in self.engine.laboratory.cli("carrier", "core show channels count")

        assert wait_until(is_idle, SOON, LOOK)

    def channels(self) -> list[tuple[str, str]]:
        """The calls at the carrier at this moment: their number, and their state as `Ring` or `Up`."""
        lines = self.engine.laboratory.cli("carrier", "core show channels concise").splitlines()
        fields = [line.split("!") for line in lines if line.startswith("PJSIP/")]
        return [(each[2], each[4]) for each in fields]

    # ---- what both say ---------------------------------------------------------------------------

    def broken_promises(self, without: Collection[str] = ()) -> list[str]:
        """What the engine promised and did not keep, measured at the carrier."""
        found = promises(
            self.attempts(),
            self.calls(),
            self.script,
            attempts_per_number=int(str(self.settings["attempts"])),
            spacing=timedelta(minutes=float(str(self.settings["gap_minutes"]))),
            calls_per_second=int(float(self.engine.settings["calls_per_second"])),
            concurrent_calls=int(self.engine.settings["concurrent_calls"]),
            interruptions=self.interruptions,
        )
        return [f"{each.what}: {each.found}" for each in found if not each.is_kept and each.what not in without]

    @contextmanager
    def interrupted(self, until: timedelta = timedelta()) -> Iterator[None]:
        """A span in which the engine may lose sight of its calls; ``until``: for how long after the block, too."""
        began = datetime.now(UTC)
        try:
            yield
        finally:
            self.interruptions.append(Interruption(began, datetime.now(UTC) + until))


@contextmanager
def calling_with(engine: Engine) -> Iterator[Calling]:
    """A campaign; afterwards the engine is stopped, no call is left, and its log is found fit to be read by anybody."""
    calling = Calling(engine)
    try:
        yield calling
    finally:
        engine.stop()
        engine.laboratory.hang_up_everything_at_carrier()
        calling.carrier_is_idle()
    written = engine.log.read_text("utf-8") if engine.log.exists() else ""
    told = [line for line in written.splitlines() if NUMBER.search(line)]
    assert not told, f"the log tells somebody's number, first in: {told[0]}"
    assert "Traceback" not in written, written[-3000:]
