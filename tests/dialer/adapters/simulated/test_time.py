import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from dialer.adapters.simulated.time import LoopClock, NothingWillHappen, in_simulated_time
from dialer.adapters.store import Database

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
YEAR = 365 * 24 * 3600.0  # s


def test_a_year_passes_in_no_time() -> None:
    async def main() -> timedelta:
        clock = LoopClock(START)
        await asyncio.sleep(YEAR)
        return clock.now() - START

    began = monotonic()
    assert in_simulated_time(main()) == timedelta(days=365)
    assert monotonic() - began < 60


def test_timers_go_off_in_their_order_at_their_moments() -> None:
    async def main() -> list[tuple[str, float]]:
        clock, told = LoopClock(START), list[tuple[str, float]]()
        loop, start = asyncio.get_running_loop(), clock.monotonic()

        def tell(name: str) -> None:
            told.append((name, clock.monotonic() - start))

        loop.call_later(3600, tell, "last")
        loop.call_later(0.25, tell, "first")
        loop.call_later(60, tell, "second")
        loop.call_later(60, tell, "third, asked for later")
        await asyncio.sleep(4000)
        return told

    assert in_simulated_time(main()) == [
        ("first", 0.25),
        ("second", 60),
        ("third, asked for later", 60),
        ("last", 3600),
    ]


def test_the_clock_and_the_loop_tell_the_same_time() -> None:
    async def main() -> None:
        clock, loop = LoopClock(START), asyncio.get_running_loop()
        started, began = clock.now(), loop.time()
        for _ in range(100):
            await asyncio.sleep(0.1)
            assert clock.monotonic() == loop.time()
            assert abs((clock.now() - started).total_seconds() - (loop.time() - began)) < 1e-6

    in_simulated_time(main())


def test_a_wait_is_given_up_after_its_time() -> None:
    async def main() -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time() - began

    assert in_simulated_time(main()) == pytest.approx(90)


def test_no_time_passes_while_a_transaction_runs(tmp_path: Path) -> None:
    async def main() -> tuple[float, bool]:
        database, may_end = Database(f"sqlite:///{tmp_path}/slow.db"), threading.Event()
        loop = asyncio.get_running_loop()
        began = loop.time()
        hour = loop.call_later(3600, may_end.set)  # were the time to leap, this would go off

        def work(connection: sa.Connection) -> bool:
            may_end.wait(0.2)
            return may_end.is_set()

        hour_has_passed = await database.write(work)
        took = loop.time() - began
        hour.cancel()
        await database.close()
        return took, hour_has_passed

    assert in_simulated_time(main()) == (0.0, False)


def test_what_nobody_waits_for_any_more_still_holds_the_time() -> None:
    async def main() -> list[str]:
        told: list[str] = []
        working = asyncio.get_running_loop().run_in_executor(None, told.append, "transaction")
        waiting = asyncio.shield(working)
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(1)
        told.append("a second later")
        return told

    assert in_simulated_time(main()) == ["transaction", "a second later"]


def test_threads_are_heard_in_the_order_in_which_they_were_asked() -> None:
    async def main() -> list[int]:
        done: list[int] = []

        async def ask(place: int, pool: ThreadPoolExecutor) -> None:
            await asyncio.get_running_loop().run_in_executor(pool, threading.Event().wait, 0.01 * (5 - place))
            done.append(place)

        with ThreadPoolExecutor(5) as pool:
            await asyncio.gather(*(ask(place, pool) for place in range(5)))
        return done

    assert in_simulated_time(main()) == [0, 1, 2, 3, 4]


def test_a_thread_that_fails_tells_whoever_asked() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)

    in_simulated_time(main())


def test_no_time_passes_while_another_process_works() -> None:
    async def main() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            async with asyncio.timeout(3600):
                process = await loop.run_in_executor(pool, os.getpid)
        return process, loop.time() - began

    process, took = in_simulated_time(main())
    assert process != os.getpid()
    assert took == 0


def test_a_socket_that_is_watched_holds_the_time() -> None:
    async def main() -> tuple[bytes, float]:
        loop, answered = asyncio.get_running_loop(), asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()
            answered.set()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        began = loop.time()
        writer.write(b"hello\n")
        async with asyncio.timeout(5):
            heard = await reader.readline()
        writer.close()
        await writer.wait_closed()
        await answered.wait()
        took = loop.time() - began
        server.close()
        return heard, took

    assert in_simulated_time(main()) == (b"hello\n", 0.0)


def test_a_world_in_which_everybody_waits_for_ever_is_told() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        in_simulated_time(main())


def test_what_is_raised_where_nobody_waits_is_heard() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(1)

    with pytest.raises(ExceptionGroup, match="nobody waits"):
        in_simulated_time(main())
