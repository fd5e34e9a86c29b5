"""Do the farewell over FastAGI and its simulated twin keep the same promises? One suite, run on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.model import Disposition
from dialer.ports import Words
from tests.support.clock import SECOND
from tests.support.playing import CALL, Playing, simulated, spoken


@pytest.fixture(params=[simulated, spoken])
async def playing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Playing]:
    async with request.param(tmp_path) as world:
        yield world


async def test_a_message_that_is_broken_off_was_not_delivered_and_what_was_heard_is_kept(playing: Playing) -> None:
    await playing.listen(2 * SECOND)
    assert playing.farewell.break_off(CALL, Words.NEUTRAL)
    conclusion = await playing.over()
    assert conclusion.disposition is Disposition.BROKEN_OFF
    assert conclusion.call.message is not None
    assert conclusion.call.message.heard == 2 * SECOND
    assert conclusion.call.ended_at is not None
    assert conclusion.call.message_at is not None
    assert conclusion.call.ended_at > conclusion.call.message_at + 2 * SECOND, "the farewell takes its time"


async def test_it_is_broken_off_once(playing: Playing) -> None:
    await playing.listen(1 * SECOND)
    assert playing.farewell.break_off(CALL, Words.PAID)
    assert not playing.farewell.break_off(CALL, Words.NEUTRAL)
    assert (await playing.over()).disposition is Disposition.BROKEN_OFF


async def test_a_message_that_was_heard_whole_cannot_be_broken_off_any_more(playing: Playing) -> None:
    assert (await playing.over()).disposition is Disposition.DELIVERED
    assert not playing.farewell.break_off(CALL, Words.PAID)


async def test_another_call_is_left_alone(playing: Playing) -> None:
    assert not playing.farewell.break_off("b" * 32, Words.NEUTRAL)
    assert (await playing.over()).disposition is Disposition.DELIVERED
