"""When does somebody answer the call-back number?"""

from pydantic import BaseModel, Field

from dialer.core.plan_fields import Windows


class Reachable(BaseModel):
    """What a text names as {hours}."""

    callback_hours: Windows = Field(
        default={}, description="per weekday, when the call-back number is answered; left out: the calling windows"
    )
