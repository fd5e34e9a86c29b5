"""Where are figures of whole calls taken? A laboratory of its own, SIPp as the carrier, one campaign, one message.

Everything runs on addresses beside the usual laboratory's (LAB_NETWORK), its state in var/bench (LAB_STATE), so that a
bench disturbs no other laboratory but by the processor time it takes.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from audio.engines.tone import Tones
from audio.message import greeting, prepare, prepare_standing
from audio.phrases import Phrases
from lab import LaboratoryError, load, process, settings
from lab.engine import Engine
from lab.laboratory import Laboratory
from lab.settings import Settings

OWN = {"LAB_NETWORK": "127.0.41", "LAB_STATE": "var/bench"}
TRUNK = "load"  # lab/etc/pbx/pjsip.conf: to SIPp
CAMPAIGN = "BENCH"
TEXT = "Prosimy o telefon do naszego biura tu."
MESSAGE = timedelta(seconds=4)  # as long as the greeting and the text play: 80 ms of tone for each letter
RENDERED_PER_SECOND = 500  # a cautious guess at how many contacts get their message in a second
SETTINGS = {"trunk": TRUNK, "speech": "tone", "concurrent_calls": "4000", "log_format": "json"}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Processor:
    """The processor time of one process, all its threads together."""

    pid: int

    def seconds(self) -> float:
        """User and system time so far (proc(5), fields 14 and 15)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass(slots=True)
class Stand:
    """The laboratory of one bench; numbers are handed out once."""

    settings: Settings
    laboratory: Laboratory
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10_000_000)))

    @property
    def folder(self) -> Path:
        """What the engine keeps."""
        return self.settings.state / "engine"

    def asterisk(self) -> Processor:
        daemon = process.Register(self.settings.state / "daemons").running(self.settings.pbx.name)
        if daemon is None:
            raise LaboratoryError("the PBX has ended: see its log")
        return Processor(daemon.pid)

    def numbers(self, count: int) -> list[str]:
        """Mobile numbers of the test range that nobody was called at before."""
        return [f"+4828{next(self._numbers):07}" for _ in range(count)]

    def fresh_pbx(self) -> None:
        """After an overload Asterisk keeps a gigabyte and threads by the thousand: the next trial gets a new one."""
        self.laboratory.kill_pbx()
        self.laboratory.start_pbx()

    @contextmanager
    def carrier(self, hold: timedelta | None) -> Iterator[None]:
        """SIPp that answers at once, and hangs up after the hold or leaves that to the PBX."""
        load.up(self.settings, hold)
        try:
            yield
        finally:
            load.down(self.settings)

    @contextmanager
    def engine(self, **limits: float | str) -> Iterator[Engine]:
        """``dzwonek up`` with SQLite on disk and nothing in it but the campaign, started."""
        shutil.rmtree(self.folder, ignore_errors=True)
        engine = Engine(self.laboratory, self.folder, SETTINGS | {name: str(value) for name, value in limits.items()})
        engine.start()
        try:
            engine.api.put(f"/v1/campaigns/{CAMPAIGN}", campaign())
            engine.api.post(f"/v1/campaigns/{CAMPAIGN}/start")
            yield engine
        finally:
            engine.stop()

    def feed(
        self,
        engine: Engine,
        contacts: int,
        numbers: list[str] | None = None,
        begin_to_speak: timedelta = timedelta(seconds=3),
    ) -> datetime:
        """Contacts whose messages are rendered before any of them may be called; the moment from which they may."""
        opens = datetime.now(UTC) + begin_to_speak + timedelta(seconds=contacts / RENDERED_PER_SECOND)
        engine.api.post("/v1/batches", json.dumps(_call_list(numbers or self.numbers(contacts), opens)).encode())
        while contacts_in(engine, "ready") < contacts:
            if datetime.now(UTC) > opens:
                raise LaboratoryError("the messages were not rendered in time: is the machine busy?")
            time.sleep(0.1)
        return opens


@contextmanager
def stand() -> Iterator[Stand]:
    """A running laboratory; it is ended with everything that was started in it."""
    configured = settings.load(OWN | os.environ)
    laboratory = Laboratory(configured)
    if laboratory.running():
        raise LaboratoryError("a bench runs already, or was killed: LAB_NETWORK=… LAB_STATE=… python -m lab down")
    laboratory.up()
    try:
        yield Stand(configured, laboratory)
    finally:
        load.down(configured)
        laboratory.down()


async def played_files(folder: Path) -> list[str]:
    """The greeting and the message that the engine plays, for others to play; names without an ending."""
    async with Phrases(folder, Tones()) as phrases:
        standing = await prepare_standing(phrases)
        message = await prepare(TEXT, phrases)
    hello = standing[greeting(datetime.now(ZoneInfo("Europe/Warsaw")).time())].path
    return [os.fspath(path.with_suffix("")) for path in (hello, phrases.path(message.body_key))]


def contacts_in(engine: Engine, state: str) -> int:
    """How many contacts are in that state."""
    return int(engine.api.get(f"/v1/campaigns/{CAMPAIGN}/figures")["contacts"].get(state, 0))


def campaign(**changes: object) -> dict[str, Any]:
    return {
        "client_id": "CL-BENCH",
        "brand": "Przykład",
        "brand_neutral": "Przykład",
        "creditor": "Przykład",
        "cli": "+48380000001",
        "callback_number": "+48380000051",
        "profile": "trial",
        "stages": ["overdue"],
        "attempts": 1,
        "windows": {str(day): [["00:00", "00:00"]] for day in range(1, 8)},
        "holidays": None,
        "message": TEXT,
    } | changes


def _call_list(numbers: list[str], opens: datetime) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "schema": "calllist/1",
        "batch_id": f"bench-{now:%H%M%S%f}",
        "client_id": "CL-BENCH",
        "campaign_id": CAMPAIGN,
        "as_of": now.isoformat(),
        "mode": "upsert",
        "mailing": {"not_before": opens.isoformat()},
        "cases": [_case(number, now) for number in numbers],
    }


def _case(number: str, now: datetime) -> dict[str, Any]:
    name = f"B-{number[3:]}"
    return {
        "case_id": name,
        "debtor": {"id": name, "type": "person", "first_name": "Jan", "last_name": "Przykładowy", "sex": "M"},
        "phones": [{"number": number}],
        "receivable": {
            "amount": "123.45",
            "currency": "PLN",
            "due_date": f"{now - timedelta(days=30):%Y-%m-%d}",
            "stage": "overdue",
            "balance_version": 1,
        },
    }
