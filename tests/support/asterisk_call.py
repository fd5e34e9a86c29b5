"""A call over a real Asterisk whose callee is played some clips."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from dialer.adapters.carrier.script import role
from ivr.message import Message
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Clip, Outcome
from lab.carrier import Manner
from lab.laboratory import Laboratory
from lab.process import wait_until
from tests.support.witness import witness

CALLEE = "+48280000001"
PATIENCE = timedelta(seconds=20)


@dataclass(slots=True)
class Played:
    """What the callee was played, by our word and by the carrier's."""

    outcome: Outcome
    listened: timedelta  # from the answer to the end of the call, at the carrier


async def play(
    laboratory: Laboratory,
    clips: tuple[Clip, ...],
    behaviour: str = "human/0/",
    manner: Manner | None = None,
    meanwhile: Callable[[FastAGIServer, str], None] = lambda *_: None,
) -> Played:
    """Call somebody who behaves like that, and play him the clips.

    ``meanwhile`` gets the server and the call's identity as soon as the first clip was asked for.
    """
    laboratory.set_script([role(CALLEE, behaviour)], manner)
    outcomes: asyncio.Queue[Outcome] = asyncio.Queue()

    def find(request: Request) -> Message:
        asyncio.get_running_loop().call_soon(meanwhile, server, request.uniqueid)
        return Message(clips)

    def report(_: Request, outcome: Outcome) -> None:
        outcomes.put_nowait(outcome)

    agi = laboratory.settings.agi
    async with FastAGIServer(find, report, host=agi.host, port=agi.port) as server:
        await asyncio.to_thread(_originate, laboratory)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            outcome = await outcomes.get()
    assert await asyncio.to_thread(wait_until, lambda: len(laboratory.carrier_log()) == 1, PATIENCE)
    [call] = laboratory.carrier_log()
    assert call.answered is not None
    return Played(outcome, call.ended - call.answered)


def _originate(laboratory: Laboratory) -> None:
    with witness(laboratory.pbx_ami) as session:
        where = {"Context": "dzwonek", "Exten": "message", "Priority": "1", "Async": "true"}
        called = {"Channel": f"PJSIP/{CALLEE}@carrier", "ChannelId": uuid4().hex}
        assert session.ask("Originate", called | where)["Response"] == "Success"
