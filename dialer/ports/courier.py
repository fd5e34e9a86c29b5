"""What is needed of whatever brings events to those who want to be told?"""

from collections.abc import Mapping
from typing import Protocol

from dialer.core.webhooks import Answered


class Courier(Protocol):
    async def bring(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """POST it and wait for the answer, within bounds of its own. What goes wrong is an answer too."""
        ...
