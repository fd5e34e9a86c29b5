"""What may a plan say of what follows attempts that end in a certain way?"""

from pydantic import BaseModel, ConfigDict

from dialer.core.plan_fields import AtMost, GapMinutes, minutes
from dialer.model import RetryRule, Then


class Retry(BaseModel):
    """What follows attempts that end in a certain way; what is left out is the plan's."""

    model_config = ConfigDict(extra="forbid")

    wait_minutes: GapMinutes | None = None
    at_most: AtMost | None = None
    then: Then = Then.AGAIN

    def rule(self) -> RetryRule:
        return RetryRule(None if self.wait_minutes is None else minutes(self.wait_minutes), self.at_most, self.then)
