"""Is this the only engine on its database?"""

import subprocess
import sys
import threading

import pytest

from dialer.adapters.store import Database, DatabaseUnusable, claimed, is_claimed

HOLD = """
import sys
import threading
from dialer.adapters.store import Database, claimed
with claimed(Database(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_a_second_engine_on_the_same_database_is_refused(url: str) -> None:
    first, second = Database(url), Database(url)
    with claimed(first), pytest.raises(DatabaseUnusable, match="another engine is running"), claimed(second):
        pass
    with claimed(second):  # the first one has let go
        pass
    await first.close()
    await second.close()


async def test_a_killed_engine_holds_nothing(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        database = Database(url)
        with pytest.raises(DatabaseUnusable), claimed(database):
            pass
        other.kill()
        other.wait()
        with claimed(database):
            pass
        await database.close()


async def test_whoever_asks_is_told_whether_an_engine_is_running(url: str) -> None:
    engine, asking = Database(url), Database(url)
    assert not is_claimed(asking)
    with claimed(engine):
        assert is_claimed(asking)
    assert not is_claimed(asking)
    await engine.close()
    await asking.close()


async def test_whoever_asks_keeps_no_engine_from_starting(url: str) -> None:
    database = Database(url)
    with claimed(database):
        pass
    over = threading.Event()

    def ask_again_and_again() -> None:
        while not over.is_set():
            is_claimed(database)

    asking = [threading.Thread(target=ask_again_and_again) for _ in range(2)]
    for each in asking:
        each.start()
    try:
        for _ in range(5):
            with claimed(database):
                pass
    finally:
        over.set()
        for each in asking:
            each.join()
    await database.close()
