"""An AsteriskSwitch with short patience, for the fake AMI server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

from dialer.adapters.ami.link import LinkSettings
from dialer.adapters.ami.switch import AsteriskSettings, AsteriskSwitch
from dialer.model import OutgoingCall
from dialer.ports import Presence
from tests.support.ami_server import SECRET, USER, FakeAsterisk
from tests.support.ear import Ear, RealClock

IDS = count(1)
MS = timedelta(milliseconds=1)


def a_call(number: str = "+48280000001", ring_time: timedelta = 10_000 * MS, attempt_id: str = "") -> OutgoingCall:
    return OutgoingCall(attempt_id or f"{next(IDS):032x}", number, "+48388000001", ring_time, "carrier")


def link_to(server: FakeAsterisk, secret: str = SECRET) -> LinkSettings:
    return LinkSettings(
        "127.0.0.1",
        server.port,
        USER,
        secret,
        connect_within=2000 * MS,
        answer_within=400 * MS,
        ping_every=50 * MS,
        first_pause=20 * MS,
        longest_pause=50 * MS,
        refused_pause=100 * MS,
    )


def settings_for(server: FakeAsterisk) -> AsteriskSettings:
    return AsteriskSettings(link_to(server), settle=40 * MS, overdue=200 * MS, remembered=200 * MS)


@asynccontextmanager
async def a_switch(
    server: FakeAsterisk, ear: Ear, settings: AsteriskSettings | None = None
) -> AsyncIterator[AsteriskSwitch]:
    """Running; not necessarily READY yet."""
    switch = AsteriskSwitch(settings or settings_for(server), RealClock(), lambda: 0.5)
    running = asyncio.create_task(switch.run(ear))
    try:
        yield switch
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def a_ready_switch(
    server: FakeAsterisk, ear: Ear, settings: AsteriskSettings | None = None
) -> AsyncIterator[AsteriskSwitch]:
    async with a_switch(server, ear, settings) as switch:
        await ear.hears_presence(Presence.READY)
        yield switch
