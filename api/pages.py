"""How does a reader of a long list go on behind what it has read, and what do parameters of many lists look like?"""

import re
from typing import Annotated
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, Field

from dialer.core import moments

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")

Limit = Annotated[int, Field(ge=1, le=500, description="how many at most")]
ClientId = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$", examples=["CL-ENERGIA"])]
AfterAttempt = Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$", description="the last attempt_id of the page before")]
CallId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$", examples=["01a202ea493ba061aafd3ae5cd48dc2a"])]
AfterCall = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,80}$", description="the last call_id of the page before")]
DebtorId = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$", examples=["D-1001"])]
CaseId = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,40}$")]


def _written_out(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if isinstance(value, str) and not _DAY.match(value):
        raise ValueError("should be like 2026-11-23T09:00:00Z, with an offset")
    if isinstance(value, int | float):
        raise ValueError("should be text like 2026-11-23T09:00:00Z")  # noqa: TRY004 - pydantic reads ValueError
    return value


Moment = Annotated[moments.Moment, BeforeValidator(_written_out), Field(examples=["2027-01-01T00:00:00+01:00"])]


def going_on(request: web.Request, query: BaseModel, after: int | str) -> str:
    """The address that asks for the same, from behind there."""
    asked_for = query.model_dump(mode="json", exclude_none=True) | {"after": after}
    return f"{request.rel_url.raw_path}?{urlencode(asked_for)}"
