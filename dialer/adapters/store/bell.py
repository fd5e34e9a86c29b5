"""How are those woken who wait for the next commit?"""

import asyncio


class Bell:
    """Wakes whoever waits at this moment."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def ring(self) -> None:
        self.next.set()
        self.next = asyncio.Event()
