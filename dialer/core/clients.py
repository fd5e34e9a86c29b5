"""What has a client decided about all of its cases?"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class AfterRejection(StrEnum):
    """What follows for a case when its dispute was looked into, and the claim stands."""

    CALL = "call"  # calls go on by the plan
    WAIT = "wait"  # nobody is called about it until the client resumes it


class ClientSettings(BaseModel):
    """Who a client is, and what it has decided; what is left out is the rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$", examples=["Energia Fikcyjna S.A."])]
    after_rejected_dispute: AfterRejection = Field(
        default=AfterRejection.CALL,
        description="call: calls go on by the plan; wait: the case is paused until the client resumes it",
    )
