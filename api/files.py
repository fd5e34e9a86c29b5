"""How do lists come in over HTTP, why is one refused as a whole, and how do long answers go out?"""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from api.body import JSON, unsupported
from api.problems import Problem
from dialer.core.codes import Code
from dialer.lists.calllist import FileProblem, Format

NDJSON = "application/x-ndjson"
FORMATS = {"text/csv": Format.CSV, JSON: Format.JSON, NDJSON: Format.NDJSON}

_REMEDY = {
    Code.F_CSV_QUOTE: "close the quote, and double quotes inside quoted fields",
    Code.F_EMPTY: "send a header and rows, or a document",
    Code.F_ENCODING: "save it as UTF-8, or name its encoding: ?encoding=cp1250",
    Code.F_HEADER: "begin the file with a line that names the columns",
    Code.F_HEADER_DUPLICATE: "name each column once",
    Code.F_HEADER_MISSING: "add the column, even if its fields are empty",
    Code.F_JSON: "mend the JSON",
    Code.F_NUL: "save it as plain text; UTF-16 is not taken",
    Code.F_ROW_COUNT: "split it",
    Code.F_ROW_LENGTH: "end lines with a line break, and look for a quote that was never closed",
    Code.F_SCHEMA: "mend it as its schema says",
}


def format_of(request: web.Request) -> Format:
    """Raises Problem: 415."""
    found = FORMATS.get(request.content_type)
    if found is None:
        raise unsupported(request.content_type, tuple(FORMATS))
    return found


def refused(problem: FileProblem) -> Problem:
    remedy = _REMEDY.get(problem.code, "mend the file")
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"{problem.code.meaning} ({problem.detail}), so nothing was taken: {remedy}, and send it again",
        code=problem.code,
    )


async def give(response: web.StreamResponse, part: bytes, silence: timedelta) -> None:
    """Send a part of a long answer; a reader that takes nothing for so long is given up."""
    try:
        async with asyncio.timeout(silence.total_seconds()):
            await response.write(part)
    except TimeoutError as error:
        raise ConnectionAbortedError("the reader takes nothing") from error
