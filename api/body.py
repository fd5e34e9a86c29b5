"""How is a request's body read without trusting its sender?

Slow senders, endless bodies and bodies that unpack to far more than they weigh are all bounded here. Nothing is
unpacked by aiohttp: it does not bound what a stream unpacks to, works on the event loop, and takes a gzip stream that
ends too early for a whole one.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, TypeVar

import pydantic_core
from aiohttp import web
from pydantic import BaseModel, ValidationError

from api.gunzip import Garbled, Gunzip
from api.problems import FieldError, Problem, field_errors, invalid, step
from api.service import ApiLimits

JSON = "application/json"
PORTION = 1 << 20  # bytes that are hashed, unpacked and written in one go, on a thread
SHORT = 1 << 12  # bytes of a body that is held: it would be read before a file is made for it
SUFFIX = ".upload"
_NUL = "has the character U+0000, which no text has: leave it out"
DIGEST = web.RequestKey("digest", str)  # of a body that was spooled

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body on disk, unpacked."""

    path: Path
    digest: str  # SHA-256, hexadecimal


async def read_json(request: web.Request, model: type[M], limits: ApiLimits) -> M:
    """The body as its model says it must be; a Problem naming every error otherwise."""
    if request.content_type != JSON:
        raise unsupported(request.content_type, (JSON,))
    if encoding(request) != "identity":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only call lists may be compressed: send it as it is")
    body = await read_all(request, limits)
    try:
        sent = pydantic_core.from_json(body, allow_inf_nan=False)
        if b"\\u0000" in body and (errors := [FieldError(pointer=each, detail=_NUL) for each in _nuls(sent)]):
            raise invalid("the body does not fit", errors)
        return model.model_validate(sent)
    except ValidationError as error:
        raise invalid("the body does not fit", list(field_errors(error, model))) from error
    except ValueError as error:  # the parser's words name a line and a column, nothing of the content
        errors = [FieldError(pointer="#", detail=str(error))]
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not JSON", errors=errors) from error


def _nuls(sent: Any, at: str = "#") -> Iterator[str]:
    """Where U+0000 is written: no database keeps it in a text."""
    match sent:
        case str() if "\x00" in sent:
            yield at
        case dict():
            for name, each in sent.items():
                yield from (at,) if "\x00" in name else _nuls(each, f"{at}/{step(name)}")
        case list():
            for place, each in enumerate(sent):
                yield from _nuls(each, f"{at}/{place}")


async def read_all(request: web.Request, limits: ApiLimits) -> bytes:
    """The body as it came; again, too."""
    async with _patience(limits.silence):
        return await request.read()


def unsupported(content_type: str, supported: tuple[str, ...]) -> Problem:
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"{content_type} is not taken here: send {' or '.join(supported)} and say so in Content-Type",
        headers={"Accept": ", ".join(supported)},
    )


def encoding(request: web.Request) -> str:
    return request.headers.get("Content-Encoding", "identity").strip().lower()


def sweep(folder: Path) -> int:
    """Make the folder, private, and remove what a crash left in it; how many files that was."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    left = list(folder.glob(f"*{SUFFIX}"))
    for path in left:
        path.unlink()
    return len(left)


PROBLEMS_OF_FILES = {
    HTTPStatus.BAD_REQUEST: "The body ended early, or is not what Content-Encoding says.",
    HTTPStatus.REQUEST_TIMEOUT: "The body came too slowly.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The file is too large, unpacked.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Another Content-Type or Content-Encoding.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The file as a whole cannot be taken; `code` (F_…) says why.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The engine's disk is full.",
}
"""What a sender of files may be answered."""


@asynccontextmanager
async def taken(request: web.Request, folder: Path, most: int, limits: ApiLimits) -> AsyncIterator[bytes | Path]:
    """The body itself if it is short, otherwise as a file, while the block runs; problems as of ``spooled``."""
    said = request.content_length
    if encoding(request) == "identity" and said is not None and said <= SHORT:
        body = await read_all(request, limits)
        request[DIGEST] = sha256(body).hexdigest()
        yield body
    else:
        async with spooled(request, folder, most, limits) as spool:
            yield spool.path


@asynccontextmanager
async def spooled(request: web.Request, folder: Path, most: int, limits: ApiLimits) -> AsyncIterator[Spooled]:
    """The body as a private file, unpacked, for as long as the block runs.

    Raises:
        Problem: 400 garbled, 408 too slow, 413 more than ``most`` bytes, 415 another encoding than gzip.
    """
    packing = encoding(request)
    if packing not in ("identity", "gzip"):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Encoding {packing} is not known: send the list as it is, or with gzip",
            headers={"Accept-Encoding": "gzip, identity"},
        )
    if packing == "identity" and (request.content_length or 0) > most:
        raise too_large(most)
    with NamedTemporaryFile(dir=folder, suffix=SUFFIX) as file:
        sink = _Sink(file, most, Gunzip() if packing == "gzip" else None)
        try:
            async with asyncio.timeout(limits.upload.total_seconds()):
                async for portion in _portions(request, limits.silence):
                    await asyncio.to_thread(sink.take, portion)
                await asyncio.to_thread(sink.close)
        except TimeoutError as error:
            raise _too_slow() from error
        except Garbled as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"{error}: send the list again") from error
        except OSError as error:
            raise Problem(
                HTTPStatus.INSUFFICIENT_STORAGE,
                f"the list cannot be kept ({os.strerror(error.errno or 0)}): make room on the engine's disk",
            ) from error
        request[DIGEST] = sink.digest
        yield Spooled(Path(file.name), sink.digest)


async def _portions(request: web.Request, silence: timedelta) -> AsyncIterator[bytes]:
    portion = bytearray()
    while True:
        async with _patience(silence):
            chunk = await request.content.readany()
        portion += chunk
        if len(portion) >= PORTION or not chunk:
            yield bytes(portion)
            portion.clear()
        if not chunk:
            return


class _Sink:
    """Counts, hashes and writes what a body unpacks to."""

    def __init__(self, file: IO[bytes], most: int, gunzip: Gunzip | None) -> None:
        self._file = file
        self._most = most
        self._gunzip = gunzip
        self._size = 0
        self._hash = sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def take(self, portion: bytes) -> None:
        for plain in self._plain(portion):
            self._size += len(plain)
            if self._size > self._most:
                raise too_large(self._most)
            self._hash.update(plain)
            self._file.write(plain)

    def close(self) -> None:
        if self._gunzip:
            self._gunzip.close()
        self._file.flush()

    def _plain(self, portion: bytes) -> Iterator[bytes]:
        return self._gunzip.feed(portion) if self._gunzip else iter((portion,))


def too_large(most: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body may have {most} bytes at most, unpacked: split the list into several batches",
    )


def _too_slow() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly: send it again", headers={"Connection": "close"}
    )


@asynccontextmanager
async def _patience(limit: timedelta) -> AsyncIterator[None]:
    """What the sender does badly while its body is awaited is answered as such."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except TimeoutError as error:
        raise _too_slow() from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body ended early or is garbled: send it again") from error
