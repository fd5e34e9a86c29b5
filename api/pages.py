"""How does a reader of a long list go on behind what it has read?"""

from typing import Annotated
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field

Limit = Annotated[int, Field(ge=1, le=500, description="how many at most")]
ClientId = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$", examples=["CL-ENERGIA"])]
CaseId = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,40}$")]


def going_on(request: web.Request, query: BaseModel, after: int | str) -> str:
    """The address that asks for the same, from behind there."""
    asked_for = query.model_dump(mode="json", exclude_none=True) | {"after": after}
    return f"{request.path}?{urlencode(asked_for)}"
