import asyncio
import hashlib
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audio import render
from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.speech import Sound, SpeechFailed
from audio.storage import StorageFailed
from tests.audio.listening import likeness, samples_of

PATIENCE = 10


class Recorded(Tones):
    """Tones that remember what they were asked to say, and wait for the word to go if told to."""

    def __init__(self, *, waits: bool = False, version: str = "1") -> None:
        super().__init__()
        self.said: list[str] = []
        self.begun = threading.Event()
        self.go = threading.Event()
        self.version = version
        if not waits:
            self.go.set()

    def synthesise(self, text: str) -> Sound:
        self.said.append(text)
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return super().synthesise(text)


class Broken(Tones):
    """An engine that fails for one text."""

    def synthesise(self, text: str) -> Sound:
        if "broken" in text:
            raise SpeechFailed("no voice")
        return super().synthesise(text)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_the_same_words_are_said_once_and_kept(tmp_path: Path) -> None:
    engine = Recorded()
    async with Phrases(tmp_path, engine) as phrases:
        first = await phrases.ensure(["Raz.", "Dwa.", "Raz."])
        again = await phrases.ensure(["Raz."])

    assert sorted(engine.said) == ["Dwa.", "Raz."]
    assert first[0] == first[2] == again[0]
    assert first[0].path.suffix == ".alaw"
    assert first[0].path.parent == tmp_path / first[0].key[:2]
    assert first[0].duration == render.duration(first[0].path.stat().st_size)


async def test_those_who_want_the_same_words_at_once_wait_for_one_voice(tmp_path: Path) -> None:
    engine = Recorded(waits=True)
    async with Phrases(tmp_path, engine, workers=4) as phrases, asyncio.TaskGroup() as group:
        waiting = [group.create_task(phrases.ensure(["Raz."])) for _ in range(20)]
        await asyncio.to_thread(engine.begun.wait, PATIENCE)
        engine.go.set()

    assert engine.said == ["Raz."]
    assert len({task.result()[0] for task in waiting}) == 1


async def test_who_gives_up_waiting_takes_nothing_from_the_others(tmp_path: Path) -> None:
    engine = Recorded(waits=True)
    async with Phrases(tmp_path, engine) as phrases, asyncio.TaskGroup() as group:
        impatient = group.create_task(phrases.ensure(["Raz."]))
        patient = group.create_task(phrases.ensure(["Raz."]))
        await asyncio.to_thread(engine.begun.wait, PATIENCE)
        impatient.cancel()
        await asyncio.wait([impatient], timeout=PATIENCE)
        engine.go.set()

    assert impatient.cancelled()
    assert patient.result()[0].path.exists()
    assert engine.said == ["Raz."]


async def test_another_version_of_the_voice_is_other_audio(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Recorded()) as old, Phrases(tmp_path, Recorded(version="2")) as new:
        [phrase] = await old.ensure(["Raz."])

        assert old.missing(["Raz."]) == []
        assert new.missing(["Raz.", "Raz.", "Dwa."]) == ["Raz.", "Dwa."]
        assert phrase.key != new.key("Raz.")


async def test_the_same_words_give_the_same_file_on_every_machine(tmp_path: Path) -> None:
    digests = []
    for machine in ("a", "b"):
        async with Phrases(tmp_path / machine, Tones()) as phrases:
            [phrase] = await phrases.ensure(["Raz."])
        digests.append((phrase.key, hashlib.sha256(phrase.path.read_bytes()).hexdigest()))

    assert digests[0] == digests[1]


async def test_different_words_sound_different(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        one, other = [samples_of(p.path.read_bytes()) for p in await phrases.ensure(["Sto złotych.", "Dwa złote."])]

    assert likeness(one, other) < 0.5 < likeness(one, one)


async def test_an_engine_that_fails_leaves_no_file_and_spares_the_others(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Broken()) as phrases:
        with pytest.raises(SpeechFailed, match="no voice"):
            await phrases.ensure(["broken", "whole"])
        with pytest.raises(SpeechFailed, match="no voice"):
            await phrases.ensure(["broken"])
        [whole] = await phrases.ensure(["whole"])

    assert files(tmp_path) == [whole.path]


async def test_a_cut_or_empty_file_is_never_served_but_made_anew(tmp_path: Path) -> None:
    engine = Recorded()
    async with Phrases(tmp_path, engine) as phrases:
        [phrase] = await phrases.ensure(["Raz."])
        whole = phrase.path.read_bytes()
        for cut in (b"", whole[:-1]):
            phrase.path.write_bytes(cut)

            assert phrases.find(phrase.key) is None
            assert phrases.missing(["Raz."]) == ["Raz."]
            assert await phrases.ensure(["Raz."]) == [phrase]
            assert phrase.path.read_bytes() == whole


FILL_THE_DISK = """
import asyncio, resource, sys
from pathlib import Path
from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.storage import StorageFailed

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    async with Phrases(Path(sys.argv[1]), Tones()) as phrases:
        try:
            await phrases.ensure(["Za długie na ten dysk."])
        except StorageFailed as failure:
            sys.stdout.write(str(failure))

asyncio.run(main())
"""


def test_a_full_disk_is_told_and_leaves_no_half_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(tmp_path)], capture_output=True, text=True, timeout=30, check=True
    )

    assert "check free space and rights" in done.stdout
    assert files(tmp_path) == []


async def test_a_cache_that_is_no_folder_is_told(tmp_path: Path) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file")
    async with Phrases(in_the_way, Tones()) as phrases:
        with pytest.raises(StorageFailed, match="Not a directory"):
            await phrases.ensure(["Raz."])


async def test_only_we_and_asterisks_group_may_read_what_is_said(tmp_path: Path) -> None:
    group = os.getgid()
    async with Phrases(tmp_path / "new" / "cache", Tones(), group=group) as phrases:
        [phrase] = await phrases.ensure(["Raz."])

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (phrase.path, phrase.path.parent, tmp_path / "new/cache")]
    assert modes == [0o640, 0o750, 0o750]
    assert phrase.path.stat().st_gid == group


async def test_a_group_that_we_may_not_give_files_to_leaves_no_file(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones(), group=2**31) as phrases:
        if os.geteuid() == 0:
            await phrases.ensure(["Raz."])
            assert files(tmp_path)[0].stat().st_gid == 2**31
        else:
            with pytest.raises(StorageFailed, match="check free space and rights"):
                await phrases.ensure(["Raz."])
            assert files(tmp_path) == []


async def test_joined_phrases_are_one_file_after_another(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        parts = await phrases.ensure(["Raz.", "Dwa."])
        body = await phrases.ensure_joined("ab" * 32, parts)

    assert body.path.read_bytes() == parts[0].path.read_bytes() + parts[1].path.read_bytes()
    assert body.duration == parts[0].duration + parts[1].duration


async def test_a_part_that_vanished_is_told(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        parts = await phrases.ensure(["Raz."])
        phrases.remove([parts[0].key])
        with pytest.raises(StorageFailed, match="cannot be read"):
            await phrases.ensure_joined("ab" * 32, parts)


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def last_used(path: Path, ago: timedelta) -> None:
    moment = (NOW - ago).timestamp()
    os.utime(path, (moment, moment))


async def test_audio_that_nobody_needs_is_removed_with_its_names_and_debts(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        old, fresh = await phrases.ensure(["Raz.", "Dwa."])
        last_used(old.path, timedelta(days=8))
        last_used(fresh.path, timedelta(days=6))

        removed = phrases.evict(NOW, unused_for=timedelta(days=7), keep=10**9)

    assert (removed.files, files(tmp_path)) == (1, [fresh.path])


async def test_a_full_cache_loses_what_was_longest_unused(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        cached = await phrases.ensure(["Raz.", "Dwa.", "Trzy."])
        for days, phrase in enumerate(cached):
            last_used(phrase.path, timedelta(days=3 - days))
        room = cached[1].path.stat().st_size + cached[2].path.stat().st_size

        phrases.evict(NOW, unused_for=timedelta(days=7), keep=room)

    assert sorted(files(tmp_path)) == sorted(phrase.path for phrase in cached[1:])


async def test_audio_that_a_call_may_be_about_to_play_stays_even_in_a_full_cache(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        [phrase] = await phrases.ensure(["Raz."])
        last_used(phrase.path, timedelta(minutes=59))

        assert phrases.evict(NOW, unused_for=timedelta(0), keep=0).files == 0


async def test_audio_that_is_asked_for_again_counts_as_used(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        [phrase] = await phrases.ensure(["Raz."])
        os.utime(phrase.path, (0, 0))

        await phrases.ensure(["Raz."])

        assert phrase.path.stat().st_mtime > 0


async def test_what_a_killed_process_left_unfinished_is_swept_away(tmp_path: Path) -> None:
    unfinished = tmp_path / "ab" / "abcdef.1234.part"
    unfinished.parent.mkdir()
    unfinished.write_bytes(b"half")
    last_used(unfinished, timedelta(days=8))
    async with Phrases(tmp_path, Tones()) as phrases:
        phrases.evict(NOW, unused_for=timedelta(days=7), keep=10**9)

    assert files(tmp_path) == []


async def test_what_was_removed_is_counted(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        [phrase] = await phrases.ensure(["Pan Jan Kowalski."])

        assert phrases.remove([phrase.key, "cd" * 32]) == 1

    assert files(tmp_path) == []


async def test_the_list_of_a_persons_audio_goes_when_the_audio_is_gone(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        [phrase] = await phrases.ensure(["Pan Jan Kowalski."])
        await phrases.own("CL/Jan", [phrase.key])
        [owned] = (tmp_path / "owners").iterdir()
        for path in (phrase.path, owned):
            last_used(path, timedelta(days=8))

        phrases.evict(NOW, unused_for=timedelta(days=9), keep=1 << 30)
        assert owned.exists()
        phrases.evict(NOW, unused_for=timedelta(days=7), keep=1 << 30)

    assert files(tmp_path) == []


async def test_silence_is_as_long_as_it_was_asked_for(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Recorded()) as phrases:
        silence = await phrases.ensure_silence(timedelta(seconds=6))

        assert silence.duration == timedelta(seconds=6)
        assert set(silence.path.read_bytes()) == {0xD5}, "A-law zero"
        assert await phrases.ensure_silence(timedelta(seconds=6)) == silence
        assert await phrases.ensure_silence(timedelta(seconds=30)) != silence


async def test_a_note_lies_beside_the_audio_as_long_as_it_is_needed(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Recorded()) as phrases:
        key = "ab" * 32
        assert phrases.note(key) is None
        await phrases.keep_note(key, b"{}")
        assert phrases.note(key) == b"{}"

        [file] = files(tmp_path)
        os.utime(file, (0, 0))
        await phrases.keep_note(key, b"{}")
        phrases.evict(datetime.now(UTC), unused_for=timedelta(days=1), keep=1000)
        assert phrases.note(key) == b"{}", "it was needed today"

        os.utime(file, (0, 0))
        phrases.evict(datetime.now(UTC), unused_for=timedelta(days=1), keep=1000)
        assert phrases.note(key) is None


async def test_a_persons_note_goes_with_the_persons_audio(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Recorded()) as phrases:
        key = "cd" * 32
        await phrases.own("CL/D1", [key])
        await phrases.keep_note(key, b"{}")

        assert phrases.forget("CL/D1") == 1
        assert phrases.note(key) is None
