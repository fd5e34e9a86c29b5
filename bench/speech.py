"""How many messages can be prepared per second, and what do our files cost beside bare speech?

    python -m bench.speech --messages 40

Every message is about ten seconds of words that no other message has, so that the cache helps nothing. One worker on
one core; the bare engine speaks the same texts in the same run; threads and processes share the work on all cores.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from audio import render
from audio.engines.espeak import EspeakNg
from audio.message import prepare
from audio.phrases import Phrases
from audio.speech import Sound
from audio.template import Template
from audio.values import Currency, Money

_TEXT = Template.parse("Termin płatności minął {due_date}. Kwota do zapłaty: {amount}.")


def texts(count: int) -> list[str]:
    """So many different messages."""
    return [_TEXT.render(_values(number), today=date(2026, 11, 23)) for number in range(count)]


def _values(number: int) -> dict[str, object]:
    return {
        "amount": Money(Decimal(1234 + 10007 * number % 900_000), Currency.PLN),
        "due_date": date(2026, 1, 1) + timedelta(days=number % 300),
    }


def bare(text: str) -> Sound:
    """The engine alone."""
    return EspeakNg().synthesise(text)


def rendered(text: str) -> bytes:
    """The engine and the pipeline, no file."""
    return render.alaw(EspeakNg().synthesise(text))


async def prepared(messages: list[str], workers: int) -> timedelta:
    """Everything, files included. Returns how long the messages play."""
    with tempfile.TemporaryDirectory() as root:
        async with Phrases(Path(root), EspeakNg(), workers=workers) as phrases, asyncio.TaskGroup() as group:
            tasks = [group.create_task(prepare(text, phrases)) for text in messages]
        return sum((task.result().duration for task in tasks), timedelta())


def shared(pool: Executor, messages: list[str]) -> None:
    """The pipeline on every core."""
    with pool:
        list(pool.map(rendered, messages))


def rate(count: int, work: Callable[[], object]) -> float:
    """Messages per second."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=40)
    count = parser.parse_args().messages
    messages, cores = texts(count), os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as processes:
        list(processes.map(rendered, messages[:cores]))  # started before the clock is
        speech = asyncio.run(prepared(messages, 1)) / count
        lone = rate(count, lambda: [bare(text) for text in messages])
        ours = rate(count, lambda: asyncio.run(prepared(messages, 1)))
        threads = rate(count, lambda: shared(ThreadPoolExecutor(cores), messages))
        process_rate = rate(count, lambda: list(processes.map(rendered, messages)))
    print(f"{count} messages of {speech.total_seconds():.1f} s on average, {cores} cores")
    print(f"the bare engine, one worker        {lone:7.1f} messages/s")
    print(f"prepared messages, one worker      {ours:7.1f} messages/s  ({ours / lone:.2f} of the bare engine)")
    print(f"                                   {ours * speech.total_seconds():7.0f} times real time")
    print(f"rendered, {cores} threads                {threads:7.1f} messages/s")
    print(f"rendered, {cores} processes              {process_rate:7.1f} messages/s")


if __name__ == "__main__":
    main()
