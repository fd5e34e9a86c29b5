"""What do a CRM's systems ask all at once? A list, an export, settlements, and small requests at a steady rate.

In a process of its own, so that what asks takes no time of what answers but on the machine they share.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles
from time import monotonic

import aiohttp
import uvloop

READ = 1 << 16  # bytes
MOST_UNANSWERED = 400  # beyond, whoever would ask gives up at once


@dataclass(frozen=True, slots=True)
class Asks:
    """To ask of an API: the list at the path, every event, and meanwhile what is small."""

    url: str
    key: str
    call_list: Path
    campaign_id: str
    small: Sequence[str]
    """Addresses that are asked for in turn."""
    small_per_second: float
    client_id: str
    cases: Sequence[str]
    """They are settled one after another, from the first."""
    settled_per_second: float
    seconds: float
    """At least so long."""


@dataclass(slots=True)
class Answers:
    """To requests that were to be sent at a steady rate; each took so many ms from the moment at which it was due."""

    ms: list[float] = field(default_factory=list)
    failed: int = 0
    given_up: int = 0

    def told(self) -> str:
        cuts = quantiles(self.ms, n=100) if len(self.ms) > 1 else [math.nan] * 99
        return (
            f"p50 {cuts[49]:.1f}  p99 {cuts[98]:.1f}  max {max(self.ms, default=math.nan):.1f} ms"
            f"  ({len(self.ms):,} answered, {self.failed} with an error, {self.given_up} not asked)"
        )


@dataclass(slots=True)
class Asked:
    """What came of it."""

    small: Answers = field(default_factory=Answers)
    settled: Answers = field(default_factory=Answers)
    listed: float = 0.0
    """Seconds until the list was answered."""
    exported: float = 0.0
    rows: int = 0
    """Of the export."""
    seconds: float = 0.0


def run(asks: Asks) -> Asked:
    return uvloop.run(_ask(asks))


async def _ask(asks: Asks) -> Asked:
    asked, began = Asked(), monotonic()
    async with aiohttp.ClientSession(
        asks.url,
        headers={"Authorization": f"Bearer {asks.key}"},
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_steadily(asks.small_per_second, _small(asks, session), asked.small, over))
            tasks.create_task(_steadily(asks.settled_per_second, _settlement(asks, session), asked.settled, over))
            listing = tasks.create_task(_list(asks, session, asked))
            exporting = tasks.create_task(_export(session, asked))
            await asyncio.gather(listing, exporting, asyncio.sleep(asks.seconds))
            over.set()
    asked.seconds = monotonic() - began
    return asked


async def _steadily(
    per_second: float, ask: Callable[[int], Awaitable[bool]], answers: Answers, over: asyncio.Event
) -> None:
    began, going_on = monotonic(), set[asyncio.Task[None]]()

    async def one(number: int, due: float) -> None:
        try:
            is_answered = await ask(number)
        except aiohttp.ClientError:  # sent away: too many connections, most likely
            is_answered = False
        if is_answered:
            answers.ms.append((monotonic() - due) * 1000)
        else:
            answers.failed += 1

    for number in count():
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - monotonic()))
        if over.is_set():
            break
        if len(going_on) >= MOST_UNANSWERED:
            answers.given_up += 1
            continue
        task = asyncio.create_task(one(number, due))
        going_on.add(task)
        task.add_done_callback(going_on.discard)
    await asyncio.gather(*going_on)


def _small(asks: Asks, session: aiohttp.ClientSession) -> Callable[[int], Awaitable[bool]]:
    async def ask(number: int) -> bool:
        async with session.get(asks.small[number % len(asks.small)]) as answer:
            await answer.read()
            return answer.status == 200

    return ask


def _settlement(asks: Asks, session: aiohttp.ClientSession) -> Callable[[int], Awaitable[bool]]:
    async def settle(number: int) -> bool:
        row = {
            "client_id": asks.client_id, "case_id": asks.cases[number % len(asks.cases)], "balance": "0.00",
            "currency": "PLN", "version": 2 + number // len(asks.cases),
            "as_of": datetime.now(UTC).isoformat(timespec="seconds"), "reason": "payment",
        }  # fmt: skip
        async with session.post("/v1/balances", json={"balances": [row]}) as answer:
            await answer.read()
            return answer.status == 200

    return settle


async def _list(asks: Asks, session: aiohttp.ClientSession, asked: Asked) -> None:
    began = monotonic()
    async with session.post(
        f"/v1/batches?batch_id=beside&campaign_id={asks.campaign_id}",
        data=_read(asks.call_list),
        headers={"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"},
    ) as answer:
        if answer.status != 201:
            raise RuntimeError(f"the list was not taken: {answer.status} {await answer.text()}")
        await answer.read()
    asked.listed = monotonic() - began


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while part := await asyncio.to_thread(file.read, READ):
            yield part


async def _export(session: aiohttp.ClientSession, asked: Asked) -> None:
    began = monotonic()
    async with session.get("/v1/exports/events?format=ndjson") as answer:
        if answer.status != 200:
            raise RuntimeError(f"nothing was exported: {answer.status}")
        async for part in answer.content.iter_any():
            asked.rows += part.count(b"\n")
    asked.exported = monotonic() - began
