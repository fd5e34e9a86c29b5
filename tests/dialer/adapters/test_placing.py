"""Is it proved of nothing but what was surely not placed, that it was not?"""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.adapters import placing
from dialer.adapters.placing import PlacingFiles

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def died(folder: Path, noted: int, unnoted: int) -> tuple[list[str], list[str]]:
    """The ids that an engine left behind: those it had noted, and those it had not."""
    files = PlacingFiles(folder)
    ids = [files.new_id(NOW) for _ in range(noted + unnoted)]
    for each in ids[:noted]:
        files.note(each)
    files.close()
    return ids[:noted], ids[noted:]


def test_what_was_not_noted_was_never_placed(tmp_path: Path) -> None:
    noted, unnoted = died(tmp_path, 3, 2)
    assert PlacingFiles(tmp_path).never_placed([*noted, *unnoted]) == set(unnoted)


def test_ids_are_unique_and_sorted_by_their_moment(tmp_path: Path) -> None:
    files = PlacingFiles(tmp_path)
    ids = [files.new_id(NOW) for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(each) for each in ids} == {32}
    assert max(ids) < files.new_id(NOW.replace(hour=11))


def test_a_kill_takes_nothing_back(tmp_path: Path) -> None:
    work = (
        "import os, sys, pathlib, datetime; from dialer.adapters.placing import PlacingFiles\n"
        "files = PlacingFiles(pathlib.Path(sys.argv[1])); now = datetime.datetime.now(datetime.UTC)\n"
        "ids = [files.new_id(now) for _ in range(5)]; [files.note(each) for each in ids[:3]]\n"
        "print(*ids, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", work, str(tmp_path)], capture_output=True, text=True, check=False)
    ids = done.stdout.split()
    assert PlacingFiles(tmp_path).never_placed(ids) == set(ids[3:])


def test_nothing_is_proved_of_an_engine_that_may_still_be_alive(tmp_path: Path) -> None:
    alive = PlacingFiles(tmp_path)
    assert PlacingFiles(tmp_path).never_placed([alive.new_id(NOW)]) == set()


def test_nothing_is_proved_once_the_machine_was_started_anew(tmp_path: Path) -> None:
    _, unnoted = died(tmp_path, 0, 1)
    assert PlacingFiles(tmp_path, machine_start="another").never_placed(unnoted) == set()


def test_nothing_is_proved_of_another_machines_or_an_older_versions_ids(tmp_path: Path) -> None:
    _, unnoted = died(tmp_path / "there", 0, 1)
    assert PlacingFiles(tmp_path / "here").never_placed([*unnoted, "0" * 32]) == set()


def test_nothing_is_proved_of_a_call_that_could_not_be_noted(tmp_path: Path) -> None:
    def write(handle: int, line: bytes) -> int:
        if len(line) == 33:  # an id
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(handle, line)

    files = PlacingFiles(tmp_path, write=write)
    ids = [files.new_id(NOW) for _ in range(2)]
    files.note(ids[0])
    files.close()
    assert PlacingFiles(tmp_path).never_placed(ids) == set()


def test_a_line_that_was_cut_off_is_no_note(tmp_path: Path) -> None:
    """The engine was killed in the middle of it, so that the call was not placed."""
    [noted], [cut] = died(tmp_path, 1, 1)
    [file] = tmp_path.iterdir()
    file.write_text(f"{file.read_text()}{cut[:20]}")
    assert PlacingFiles(tmp_path).never_placed([noted, cut]) == {cut}


def test_files_follow_each_other_and_prove_nothing_of_what_waited_too_long(tmp_path: Path) -> None:
    files = PlacingFiles(tmp_path)
    first, early, late = (files.new_id(NOW) for _ in range(3))
    for _ in range(2):
        for each in [files.new_id(NOW) for _ in range(placing.MOST)]:
            files.note(each)
        files.note(early)
    files.note(late)
    newest = files.new_id(NOW)
    files.close()

    assert PlacingFiles(tmp_path).never_placed([first, early, late, newest]) == {newest}
    assert len(list(tmp_path.iterdir())) == 3  # the last two, and that of whoever asks


def test_only_the_files_of_the_latest_runs_are_kept(tmp_path: Path) -> None:
    for _ in range(placing.KEPT + 5):
        died(tmp_path, 0, 1)
    assert len(list(tmp_path.iterdir())) == placing.KEPT + 1


def test_a_folder_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        PlacingFiles(tmp_path / "file")
