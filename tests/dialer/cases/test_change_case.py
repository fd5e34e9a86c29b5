"""Is nobody called about what is disputed or blocked, from the moment on at which it is said?"""

from pathlib import Path

import pytest

from dialer.calloff import Found
from dialer.cases.change_case import CaseChanging, Changed
from dialer.core.blocks import CaseChange, NotPossible, Ordered
from dialer.core.cases import CaseOrder, Dispute, Flag, HoldReason, Stage
from dialer.model import Disposition
from tests.support.carrier import BUSY, LISTENS, RINGS
from tests.support.clock import MINUTE, SECOND, passes
from tests.support.engines import CAMPAIGN, World, a_world, in_virtual_time
from tests.support.stores import row, take

KEY = "key:abcd"


async def change(world: World, to: CaseChange, case: str = "RENT/D0") -> Changed:
    changing = CaseChanging(world.store, world.engine.calloff, world.clock)
    changed = await changing.change("CL-CZYNSZ", case, to, KEY)
    assert changed is not None
    return changed


@in_virtual_time
async def test_a_ringing_call_about_a_disputed_case_is_hung_up_and_not_repeated(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)

        changed = await change(world, CaseChange(dispute=Dispute.OPEN))

        assert [(each.found, each.outcome) for each in changed.calls] == [(Found.RINGING, Disposition.CANCELLED)]
        await passes(2 * MINUTE)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_calls_go_on_once_the_dispute_is_rejected(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        await change(world, CaseChange(dispute=Dispute.OPEN))
        await passes(2 * MINUTE)
        await change(world, CaseChange(dispute=Dispute.REJECTED))
        await world.until_called(2)


@in_virtual_time
async def test_a_list_does_not_end_a_dispute(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        await change(world, CaseChange(dispute=Dispute.OPEN))
        await world.add(1, batch_id="B-2")
        await passes(5 * MINUTE)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_the_heirs_of_a_debtor_hear_no_more_of_the_message(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        changed = await change(world, CaseChange(add=frozenset({Flag.DECEASED})))
        assert [(each.found, each.outcome) for each in changed.calls] == [(Found.PLAYING, Disposition.BROKEN_OFF)]
        await world.until_finished()
        assert [contact.finished for contact in await world.contacts()] == ["blocked"]


@in_virtual_time
async def test_of_two_cases_the_other_is_called_about_with_another_message(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await take(world.store, "B-2", row("D0", "C2", numbers=["+48280000000"]), now=world.clock.now())
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        changed = await change(world, CaseChange(dispute=Dispute.OPEN), "C2")
        assert [(each.found, each.outcome) for each in changed.calls] == [(Found.RINGING, Disposition.CANCELLED)]
        await world.until_called(2)
        [contact] = await world.contacts()
        assert contact.cases == ["RENT/D0"]


@pytest.mark.parametrize(
    ("stage", "because"), [(Stage.BLOCK_NOTICE, "does not handle"), (Stage.PRE_DUE, "contradicts the due date")]
)
@in_virtual_time
async def test_nobody_may_say_a_stage_that_a_list_may_not(tmp_path: Path, stage: Stage, because: str) -> None:
    async with a_world(tmp_path, BUSY, stages=[Stage.OVERDUE, Stage.PRE_DUE]) as world:
        with pytest.raises(NotPossible, match=because):
            await change(world, CaseChange(stage=stage))


@in_virtual_time
async def test_a_case_that_is_not_there_is_none(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        changing = CaseChanging(world.store, world.engine.calloff, world.clock)
        assert await changing.change("CL-CZYNSZ", f"{CAMPAIGN}/none", CaseChange(), KEY) is None


@in_virtual_time
async def test_calls_about_cases_that_their_client_pauses_have_ended_before_the_answer(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=3) as world:
        world.start()
        await world.until_called(3)
        await passes(2 * SECOND)

        changing = CaseChanging(world.store, world.engine.calloff, world.clock)
        paused = CaseChange(ordered=Ordered(CaseOrder.PAUSE, HoldReason.COMPLAINT))
        changed = await changing.change_all("CL-CZYNSZ", ["RENT/D0", "RENT/D1"], paused, KEY)

        assert changed.finished == 2
        assert [(each.found, each.outcome) for each in changed.calls] == [(Found.RINGING, Disposition.CANCELLED)] * 2
        await passes(2 * MINUTE)
        assert len(world.carrier.carried) == 3 + await _calls_of(world, "RENT/D2")


async def _calls_of(world: World, case_id: str) -> int:
    [contact] = [each for each in await world.contacts() if each.cases == [case_id]]
    return len(await world.store.attempts_of(contact.id)) - 1
