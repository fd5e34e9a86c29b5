"""What is known of a campaign's pace from before this run of the engine?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from dialer.core.answered import Answered


class PacingStore(Protocol):
    async def answered_since(self, since: datetime) -> Mapping[str, Answered]:
        """By campaign: how many of the calls saved since were answered, and how many of these were abandoned."""
        ...

    async def learned(self) -> Mapping[str, Mapping[str, Any]]:
        """By campaign: what pacing has learnt, as it was kept."""
        ...

    async def keep_learned(self, learned: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        """By campaign; those left out keep what they have."""
        ...
