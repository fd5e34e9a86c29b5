"""How many messages can be prepared per second, warm and cold, and what do our files cost beside bare speech?

    python -m bench.speech --messages 20

The messages are the shipped one to a company, each to another, with another invoice and sum. One worker on one core.
Warm: the fixed sentences lie in the cache, as they do after the first message of a campaign. Repeated: everything does.
Cold: nothing does. The bare engine speaks the same sentences in the same run; threads and processes share the work on
all cores. Engines that are not installed are left out; Piper speaks with the voice file that --piper names.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal
from functools import partial
from pathlib import Path

from audio import render, texts
from audio.engines.espeak import EspeakNg
from audio.engines.piper import Piper
from audio.engines.rhvoice import RHVoice
from audio.message import prepare
from audio.phrases import Phrases
from audio.sentences import Sentence
from audio.speech import SpeechEngine
from audio.values import Currency, Money, OpeningHours, PhoneKind, PhoneNumber

Said = Sequence[Sentence]


def messages(count: int) -> list[Said]:
    """So many different ones."""
    today = date(2026, 11, 23)
    return [texts.OVERDUE_COMPANY.sentences(_values(number, today), today=today) for number in range(count)]


def _values(number: int, today: date) -> dict[str, object]:
    return {
        "brand_neutral": "Energia Przykładowa",
        "company": f"Hurt Wzór {'ABCDEFGHIJKLMNOPRSTUWZ'[number % 22]}{'aeiouy'[number // 22 % 6]}",
        "creditor": "Energia Przykładowa",
        "as_of_date": today,
        "invoice": f"FV/{number + 1}/10/2026",
        "due_date": date(2026, 1, 1) + timedelta(days=number % 300),
        "amount": Money(Decimal(1234 + 10007 * number % 900_000) / 100, Currency.PLN),
        "callback": PhoneNumber("+48380000052", PhoneKind.FIXED),
        "hours": OpeningHours(frozenset(range(1, 6)), clock(8), clock(18)),
    }


async def prepared(phrases: Phrases, said: Sequence[Said]) -> timedelta:
    """Everything, files included. Returns how long the messages play."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(prepare(each, phrases, owner=str(number))) for number, each in enumerate(said)]
    return sum((task.result().duration for task in tasks), timedelta())


async def measured(engine: SpeechEngine, said: Sequence[Said]) -> tuple[dict[str, float], timedelta]:
    """Messages per second, each way, and how long one plays."""
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as root:
        async with Phrases(Path(root) / "cold", engine, workers=1) as phrases:
            for way, some in (("cold", said[:1]), ("warm", said[1:]), ("repeated", said)):
                started = time.perf_counter()
                played = await prepared(phrases, some)
                rates[way] = len(some) / (time.perf_counter() - started)
    return rates, played / len(said)


def bare(engine: SpeechEngine, said: Sequence[Said]) -> float:
    """Messages per second of the engine alone, the personal sentences only: what a warm cache leaves to say."""
    started = time.perf_counter()
    for each in said:
        for sentence in each:
            if sentence.is_personal:
                engine.synthesise(sentence.words)
    return len(said) / (time.perf_counter() - started)


def variable_share(engine: SpeechEngine, said: Said) -> float:
    """Of the message's audio, what no other debtor hears."""
    sizes = [(len(render.alaw(engine.synthesise(each.words))), each.is_personal) for each in said]
    return sum(size for size, is_personal in sizes if is_personal) / sum(size for size, _ in sizes)


def rendered(words: str) -> bytes:
    """The default engine and the pipeline, no file: for a process of its own, too."""
    return render.alaw(EspeakNg().synthesise(words))


def shared(pool: Executor, words: Sequence[str]) -> float:
    """Sentences per second, on every core."""
    list(pool.map(rendered, words[:2]))  # started before the clock is
    started = time.perf_counter()
    list(pool.map(rendered, words))
    return len(words) / (time.perf_counter() - started)


def engines(piper: str | None, command: str) -> Iterator[SpeechEngine]:
    found: list[SpeechEngine] = [EspeakNg(), RHVoice("alicja")]
    if piper:
        found.append(Piper(Path(piper), command=command))
    for engine in found:
        if problem := engine.check():
            print(f"{engine.name}: {problem}")
        else:
            yield engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--piper", metavar="FILE", help="a voice file")
    parser.add_argument("--piper-command", default="piper")
    chosen = parser.parse_args()
    said, cores = messages(chosen.messages), os.cpu_count() or 1
    for engine in engines(chosen.piper, chosen.piper_command):
        some = said if engine.name == "espeak-ng" else said[:4]
        rates, played = asyncio.run(measured(engine, some))
        told = ", ".join(f"{way} {rate:.2f}" for way, rate in rates.items())
        share = variable_share(engine, some[0])
        print(f"{engine.name}: messages/s on one core: {told}; the bare engine {bare(engine, some):.2f}")
        print(f"    a message plays {played.total_seconds():.1f} s, {share:.0%} of it no other debtor hears")
    words = [sentence.words for each in said for sentence in each if sentence.is_personal]
    kinds: dict[str, Callable[[], Executor]] = {
        "threads": partial(ThreadPoolExecutor, cores),
        "processes": partial(ProcessPoolExecutor, cores),
    }
    for name, make in kinds.items():
        with make() as pool:
            print(f"espeak-ng, {cores} {name}: {shared(pool, words):.1f} sentences/s")


if __name__ == "__main__":
    main()
