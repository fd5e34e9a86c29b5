"""Where is the audio of a text? In a cache by content: the same words in the same voice are synthesised once, ever.

    <root>/ab/<key>.alaw      key = sha256(engine, voice, version, pipeline, text)

A file appears whole or not at all (written beside, then renamed), so whatever is there may be played.
"""

import asyncio
import copy
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from audio import render
from audio.eviction import Evicted, evict
from audio.owners import Owners
from audio.speech import SpeechEngine, Unspoken
from audio.storage import Storage, StorageFailed

_NOTE = ".json"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Audio that is there: its key, its file (raw 8 kHz A-law) and how long it plays."""

    key: str
    file: str
    duration: timedelta

    @property
    def path(self) -> Path:
        return Path(self.file)

    @property
    def name(self) -> str:
        """Its file below the cache's root, without the ending: players choose that by the format they want."""
        return _name(self.key)


class Phrases:
    """The phrase cache. Enter it as a context: its workers end with it.

    Workers are threads: the engine is a process of its own, and soxr and numpy let go of the interpreter lock
    (bench/speech.py compares). More of them than processors only queue.
    """

    def __init__(
        self, root: Path, engine: SpeechEngine, *, workers: int | None = None, group: int | None = None
    ) -> None:
        """`group` is the id of the system group that Asterisk reads with; None leaves the files to our own."""
        self._root = root
        self._engine = engine
        self._owners = Owners(root)
        self._storage = Storage(root, group)
        self._workers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="speech")
        self._under_way: dict[str, asyncio.Future[Phrase]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def speaking(self, engine: SpeechEngine) -> Self:
        """The same cache and the same workers, with another voice."""
        other = copy.copy(self)
        other._engine = engine
        return other

    def key(self, text: str) -> str:
        """The text's name in the cache; another engine, voice, version or pipeline gives another one."""
        engine = self._engine
        return content_key("phrase", engine.name, engine.voice, engine.version, render.PIPELINE, text)

    def path(self, key: str) -> Path:
        """Where the audio of that key lies, once it is there."""
        return Path(self._file(key))

    def has(self, key: str) -> bool:
        """Whether the audio is there and whole; StorageFailed if that cannot be known."""
        return self._size(key) is not None

    def find(self, key: str) -> Phrase | None:
        """The audio, if it is there and whole; StorageFailed if that cannot be known."""
        size = self._size(key)
        return None if size is None else Phrase(key, self._file(key), render.duration(size))

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The texts that would have to be synthesised, each once."""
        return [text for text in dict.fromkeys(texts) if not self.has(self.key(text))]

    async def know_engine(self) -> None:
        """Keys hold the engine's version: the first time it is asked for it may take long, not in the event loop."""
        await asyncio.get_running_loop().run_in_executor(self._workers, lambda: self._engine.version)

    async def ensure(self, texts: Sequence[str], *, are_personal: bool = True) -> list[Phrase]:
        """The audio of each text, in order, synthesised if need be; SpeechFailed or StorageFailed if not possible.

        Personal texts say something of one person: an online engine never gets them (Unspoken).
        """
        if are_personal and texts and self._engine.is_online:
            raise Unspoken(f"{self._engine.name} is online: what is said to one person only is not given to it")
        await self.know_engine()
        return await self._all([(self.key(text), partial(self._spoken, text)) for text in texts])

    async def keep(self, key: str, audio: bytes) -> Phrase:
        """Audio that was made elsewhere, under that key."""
        [phrase] = await self._all([(key, lambda: audio)])
        return phrase

    async def ensure_joined(self, key: str, parts: Sequence[Phrase]) -> Phrase:
        """The parts as one file under that key."""
        [phrase] = await self._all([(key, partial(self._joined, parts))])
        return phrase

    async def ensure_silence(self, length: timedelta) -> Phrase:
        """So much silence."""
        [phrase] = await self._all([(self.silence_key(length), partial(render.silence, length))])
        return phrase

    @staticmethod
    def silence_key(length: timedelta) -> str:
        """The name of so much silence."""
        return content_key("silence", str(length.total_seconds()))

    async def keep_note(self, key: str, note: bytes) -> None:
        """Keep what says which audio belongs together, beside it and as long as it; StorageFailed if not possible.

        The key names the content: what is there already is the same.
        """
        await asyncio.get_running_loop().run_in_executor(self._workers, self._keep_note, self._note(key), note)

    def note(self, key: str) -> bytes | None:
        """What was kept under that key; StorageFailed if that cannot be known."""
        try:
            return self._note(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as reason:
            raise StorageFailed(f"{self._root} cannot be read ({reason.strerror}): check its rights") from reason

    def _keep_note(self, path: Path, note: bytes) -> None:
        try:
            os.utime(path)
        except FileNotFoundError:
            self._storage.store(path, note)

    def _note(self, key: str) -> Path:
        return self.path(key).with_suffix(_NOTE)

    def touch(self, key: str) -> None:
        """Note that the audio is needed now, which keeps it from being evicted."""
        with suppress(FileNotFoundError):
            os.utime(self.path(key))

    async def own(self, owner: str, keys: Sequence[str]) -> None:
        """Note that this audio is of one person, before it is made."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._workers, self._own, owner, keys)

    async def still_owns(self, owner: str, key: str) -> bool:
        """Whether the person has not been forgotten since."""
        return key in await asyncio.get_running_loop().run_in_executor(self._workers, self._owners.keys, owner)

    def remove(self, keys: Iterable[str]) -> int:
        """How many of them were there."""
        there = [path for key in keys for path in (self.path(key), self._note(key)) if path.exists()]
        for path in there:
            path.unlink(missing_ok=True)
        return len(there)

    def forget(self, owner: str) -> int:
        """Remove all audio of that person, as the right to erasure demands; how many files there were.

        A sentence that another person hears too is made again for them when it is needed.
        """
        gone = self.remove(self._owners.keys(owner))
        self._owners.remove(owner)  # last: whoever is interrupted starts again
        return gone

    def evict(
        self, now: datetime, *, unused_for: timedelta, keep: int, spare: timedelta = timedelta(hours=1)
    ) -> Evicted:
        """Remove what nobody needed for so long, then the longest unused until at most `keep` bytes remain.

        Nothing used within `spare` is removed: a call may be about to play it.
        """
        removed = evict(self._root, now, unused_for=unused_for, keep=keep, spare=spare)
        for owned, keys in self._owners.outdated(now - unused_for):
            if not any(self.path(key).exists() for key in keys):
                owned.unlink(missing_ok=True)
        return removed

    def _file(self, key: str) -> str:
        return f"{self._root}/{_name(key)}{render.SUFFIX}"

    def _size(self, key: str) -> int | None:
        """Of the audio, in bytes; None unless it is there and whole."""
        file = self._file(key)
        try:
            size = os.stat(file).st_size  # several times for every call: a Path would cost more than the question
        except FileNotFoundError:
            return None
        except OSError as reason:
            folder = os.path.dirname(file)
            raise StorageFailed(f"{folder} cannot be read ({reason.strerror}): check its rights") from reason
        return size if render.is_whole(size) else None

    async def _all(self, wanted: Sequence[tuple[str, Callable[[], bytes]]]) -> list[Phrase]:
        audio = [self._used(key) or self._start(key, make) for key, make in wanted]
        # Shielded: who gives up waiting must not take the audio from others who wait for the same.
        return [phrase if isinstance(phrase, Phrase) else await asyncio.shield(phrase) for phrase in audio]

    def _used(self, key: str) -> Phrase | None:
        phrase = self.find(key)
        if phrase is not None:
            self.touch(key)
        return phrase

    def _start(self, key: str, make: Callable[[], bytes]) -> asyncio.Future[Phrase]:
        if key not in self._under_way:
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._workers, self._made, key, make)
            self._under_way[key] = future
            future.add_done_callback(lambda done: self._finish(key, done))
        return self._under_way[key]

    def _finish(self, key: str, done: asyncio.Future[Phrase]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # seen here, in case that nobody waits any more

    def _made(self, key: str, make: Callable[[], bytes]) -> Phrase:
        return self._write(key, make())

    def _spoken(self, text: str) -> bytes:
        return render.alaw(self._engine.synthesise(text))

    def _own(self, owner: str, keys: Sequence[str]) -> None:
        try:
            self._owners.add(owner, keys)
        except OSError as reason:
            raise StorageFailed(f"{self._root} cannot be written ({reason.strerror})") from reason

    def _joined(self, parts: Sequence[Phrase]) -> bytes:
        try:
            return render.joined([part.path.read_bytes() for part in parts])
        except OSError as reason:
            raise StorageFailed(f"audio in {self._root} cannot be read ({reason.strerror})") from reason

    def _write(self, key: str, audio: bytes) -> Phrase:
        path = self.path(key)
        self._storage.store(path, audio)
        return Phrase(key, os.fspath(path), render.duration(len(audio)))


def _name(key: str) -> str:
    return f"{key[:2]}/{key}"


def content_key(*parts: str) -> str:
    """A name for content. Every part is told apart from its neighbours: ("ab", "c") is not ("a", "bc")."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
