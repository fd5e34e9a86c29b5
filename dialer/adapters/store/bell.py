"""Who waits for something that has no moment?"""

import asyncio


class Bell:
    """Wakes whoever waits at this moment."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def ring(self) -> None:
        self.next.set()
        self.next = asyncio.Event()
