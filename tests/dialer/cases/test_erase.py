"""Is nobody called who is being erased, and does an erasure come to its end, whatever breaks off?"""

from pathlib import Path

from dialer.cases.erase import EVERY
from dialer.ports.store import Erasure, ErasureState
from tests.support.carrier import LISTENS, RINGS
from tests.support.clock import SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

CLIENT, KEY = "CL-CZYNSZ", "key:abcd"


async def erase(world: World, debtor: str = "D0") -> Erasure:
    erased = await world.engine.erasing.erase(CLIENT, debtor, KEY)
    assert erased is not None
    return erased.erasure


@in_virtual_time
async def test_a_ringing_call_has_ended_and_the_debtor_is_forgotten_before_the_answer(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)

        erasure = await erase(world)

        assert erasure.state is ErasureState.DONE
        assert [each.disposition for each in await world.attempts()] == ["cancelled"]
        assert world.voice.forgotten == [(CLIENT, "D0")] * 2
        await world.add(1, batch_id="B-2")
        await passes(10 * EVERY)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_what_is_kept_beside_the_database_is_asked_for_by_either_name(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        asked: list[tuple[str, str]] = []

        async def forget(client_id: str, debtor: str) -> int:
            asked.append((client_id, debtor))
            return 2

        world.engine.erasing.forgets.append(forget)
        erasure = await erase(world)
        assert asked == [(CLIENT, "D0"), (CLIENT, erasure.pseudonym)]
        assert erasure.removed["audio_files"] == 6


@in_virtual_time
async def test_an_erasure_waits_for_a_disk_that_fails(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        fails = [True]

        async def forget(client_id: str, debtor: str) -> int:
            if fails:
                fails.clear()
                raise OSError(5, "Input/output error")
            return 0

        world.engine.erasing.forgets.append(forget)
        await world.store.begin_erasure(CLIENT, "D0", KEY, world.clock.now())
        world.start()
        await passes(3 * EVERY)
        assert await world.store.unfinished_erasures() == []


@in_virtual_time
async def test_a_message_that_plays_takes_its_leave_first(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        assert (await erase(world)).state is ErasureState.DONE
        assert [each.disposition for each in await world.attempts()] == ["broken_off"]


@in_virtual_time
async def test_an_erasure_that_was_ordered_before_a_kill_is_carried_out_after_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=2) as world:
        world.start()
        await world.until_called(2)
        await world.store.begin_erasure(CLIENT, "D0", KEY, world.clock.now())
        await world.kill()
        world.start()
        await passes(2 * EVERY)
        [erasure] = await world.store.erasures(None, 0, 10)
        assert erasure.state is ErasureState.DONE
        assert [each.number.startswith("#") for each in await world.attempts()].count(True) == 1


@in_virtual_time
async def test_audio_that_a_kill_left_is_removed_by_the_next_start(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        begun = await world.store.begin_erasure(CLIENT, "D0", KEY, world.clock.now())
        assert begun is not None
        assert await world.store.wipe(begun.erasure.id, 0, world.clock.now())
        await world.kill()
        world.voice.forgotten.clear()
        world.start()
        await passes(2 * EVERY)
        assert world.voice.forgotten == [(CLIENT, "D0")]
        assert await world.store.unfinished_erasures() == []


@in_virtual_time
async def test_who_is_not_known_is_not_erased(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        assert await world.engine.erasing.erase(CLIENT, "D-NOBODY", KEY) is None
