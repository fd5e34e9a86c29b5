"""Who answers for words of a text that would be refused, and since when?"""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from dialer.core.moments import Moment

Name = Annotated[str, Field(min_length=1, max_length=120)]


class ToneApproval(BaseModel):
    """Somebody answers for words that ``audio/tone.py`` would refuse."""

    model_config = ConfigDict(extra="forbid")

    by: Name = Field(description="who approves, by name and role")
    words: list[Name] = Field(min_length=1, max_length=50, description="the words, as the refusal names them")
    at: Moment | None = Field(default=None, description="when it was first given; kept by the engine")

    def since(self, before: Self | None, now: datetime) -> Self:
        """As it is kept: the same approval keeps its moment, any other begins now."""
        same = before is not None and (before.by, before.words) == (self.by, self.words)
        return self.model_copy(update={"at": before.at if same and before is not None else now})
