"""How is the link to a real Asterisk torn, without harm to it?"""

import asyncio
from contextlib import suppress


class Relay:
    """Between the engine and a real AMI, so that the link can be torn without harm to Asterisk."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._ends: set[asyncio.StreamWriter] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._there)
        self._ends |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry(reader, far_writer))
                tasks.create_task(self._carry(far_reader, writer))
        finally:
            self._ends -= {writer, far_writer}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while received := await reader.read(65536):
                writer.write(received)
        writer.transport.abort()

    def tear(self) -> None:
        for end in self._ends:
            end.transport.abort()
