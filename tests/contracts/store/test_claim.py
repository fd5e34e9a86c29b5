"""Is this the only engine on its database?"""

import subprocess
import sys

import pytest

from dialer.adapters.store import Database, DatabaseUnusable, claimed

HOLD = """
import sys
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
