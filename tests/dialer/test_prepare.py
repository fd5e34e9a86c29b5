import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from dialer.core.cases import Stage
from dialer.model import CampaignState
from dialer.prepare import AHEAD, RETRY_ONE, Preparer
from tests.support.carrier import BUSY, LISTENS
from tests.support.clock import MINUTE, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time
from tests.support.stores import row, take

OPENS = datetime(2026, 11, 23, 7, tzinfo=UTC)  # eight in Warsaw
MORNING = {"1": [("08:00", "12:00")]}


def called(world: World) -> int:
    return len(world.carrier.carried)


async def held(world: World) -> set[str | None]:
    return {contact.held_because for contact in await world.contacts()}


@in_virtual_time
async def test_messages_are_rendered_shortly_before_the_window_opens(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=100, start=OPENS - AHEAD - MINUTE, windows=MORNING) as world:
        world.start()
        await world.until_due(OPENS - AHEAD - SECOND)
        assert world.voice.rendered == []
        await world.until_due(OPENS - AHEAD + 10 * SECOND)
        assert len(world.voice.rendered) == 100


@in_virtual_time
async def test_the_first_seconds_of_a_window_are_spent_calling(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=100, start=OPENS - MINUTE, windows=MORNING) as world:
        world.start()
        await world.until_due(OPENS - SECOND)
        assert called(world) == 0
        await world.until_called(100)
        assert world.clock.now() - OPENS < 11 * SECOND


@in_virtual_time
async def test_nothing_is_rendered_for_a_campaign_that_does_not_run(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=5) as world:
        await world.set_state(CampaignState.PAUSED)
        world.start()
        await passes(10 * SECOND)
        assert world.voice.rendered == []


@in_virtual_time
async def test_without_a_voice_nobody_is_called_and_everybody_sees_why(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=100, attempts=1) as world:
        world.voice.away = True
        world.start()
        await passes(MINUTE)
        assert called(world) == 0
        assert await held(world) == {"the speech engine does not answer"}
        world.voice.away = False
        await world.until_finished()
        assert called(world) == 100
        assert await held(world) == {None}


@in_virtual_time
async def test_those_whom_the_voice_fails_with_hold_up_nobody_else(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=100, attempts=1) as world:
        world.voice.fails_with = set(range(1, 51))
        world.start()
        await passes(MINUTE)
        assert called(world) == 50


@in_virtual_time
async def test_whose_message_cannot_be_made_is_held_and_asked_for_again_later(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, attempts=1) as world:
        world.voice.unspeakable = {2}
        world.start()
        await world.until_called(2)
        await passes(RETRY_ONE - 10 * SECOND)
        assert called(world) == 2
        assert await held(world) == {None, "no case is left to speak of"}
        world.voice.unspeakable = set()
        await passes(15 * SECOND)
        assert called(world) == 3
        assert await held(world) == {None}


@in_virtual_time
async def test_a_text_that_is_changed_is_rendered_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=4, attempts=2, gap_minutes=5) as world:
        world.start()
        await world.until_called(4)
        await passes(5 * SECOND)
        await world.put(attempts=2, gap_minutes=5, holidays=None, brand="Inna Fikcyjna")
        await world.until_finished()
        assert len(world.voice.rendered) == 8
        texts = {contact.message_text for contact in await world.contacts()}
        assert texts == {"Dzień dobry, Inna Fikcyjna."}


@asynccontextmanager
async def preparing(world: World) -> AsyncIterator[Preparer]:
    preparer = Preparer(world.store, world.voice, world.engine.lanes, world.clock)
    task = asyncio.create_task(preparer.run())
    yield preparer
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@in_virtual_time
async def test_a_missing_voice_is_shown_until_it_is_back(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3) as world, preparing(world) as preparer:
        world.voice.away = True
        await world.until(lambda: preparer.trouble is not None)
        await passes(12 * SECOND)
        assert preparer.trouble == "the speech engine does not answer"
        world.voice.away = False
        await passes(12 * SECOND)
        assert preparer.trouble is None


@in_virtual_time
async def test_a_database_that_is_back_is_noticed_although_nothing_is_left_to_render(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3) as world, preparing(world) as preparer:
        await passes(10 * SECOND)
        world.database.fails = lambda work: True
        await world.until(lambda: preparer.trouble is not None)
        assert "no space left" in str(preparer.trouble)
        world.database.fails = lambda work: False
        await passes(12 * SECOND)
        assert preparer.trouble is None


@in_virtual_time
async def test_a_case_outside_the_segment_is_not_called_about_and_says_why(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, attempts=1) as world:
        await world.put(segment={"min_amount": "1000"}, attempts=1)
        world.start()
        await passes(10 * SECOND)
        assert called(world) == 0
        reasons = {str(reason) for reason in await held(world)}
        assert {reason.split(": ", 1)[1] for reason in reasons} == {"outside the segment: an amount below 1000"}

        await world.put(segment={"min_amount": "100"}, attempts=1)
        await world.until_finished()
        assert called(world) == 3


@in_virtual_time
async def test_a_debtor_is_reminded_on_each_of_the_days_that_are_planned(tmp_path: Path) -> None:
    night = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # a minute before midnight in Warsaw
    always = {str(day): [("00:00", "00:00")] for day in range(1, 8)}
    async with a_world(tmp_path, LISTENS, contacts=0, start=night, windows=always) as world:
        await world.put(pre_due_days=[4, 3], windows=always, attempts=1, gap_minutes="0.5", stages=["pre_due"])
        await take(world.store, "B-1", row("D1", due=date(2026, 11, 27), stage=Stage.PRE_DUE), now=night)
        await world.engine.lanes.refresh()
        world.start()
        await world.until_called(1)
        await world.until_due(night + MINUTE - SECOND)
        assert called(world) == 1
        await world.until_finished()
        assert [moment >= night + MINUTE for moment in (each.at for each in world.carrier.carried)] == [False, True]


@in_virtual_time
async def test_a_contact_waits_for_the_day_on_which_there_is_something_to_say(tmp_path: Path) -> None:
    night = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # a minute before midnight in Warsaw
    always = {str(day): [("00:00", "00:00")] for day in range(1, 8)}
    async with a_world(tmp_path, BUSY, contacts=1, start=night, windows=always) as world:
        # Due on 29 October: 26 days overdue on the 24th.
        await world.put(segment={"min_days_overdue": 26}, windows=always, attempts=1)
        world.start()
        await world.until_due(night + MINUTE - SECOND)
        assert called(world) == 0
        assert {contact.due_at for contact in await world.contacts()} == {night + MINUTE}
        await world.until_finished()
        [placed] = world.carrier.carried
        assert placed.at - (night + MINUTE) < 10 * SECOND


@in_virtual_time
async def test_no_demand_is_made_before_a_reminder(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=2, after_reminder={"tried": 2}) as world:
        world.start()
        await passes(MINUTE)
        assert called(world) == 0
        assert await held(world) == {
            "no reminder of another campaign was heard yet, and 0 of 2 calls were tried",
        }  # fmt: skip
        await world.put(after_reminder=None)
        await world.until_called(2)
