"""Is nobody called whom a call list blocks, leaves out or tells otherwise, from the reply on?"""

import asyncio
import csv
import hashlib
import io
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from dialer.adapters.store.intake_rows import PORTION
from dialer.calloff import Found
from dialer.lists.calllist import BadRow, Format, Part
from dialer.lists.intake import Intake, Offer, ReadHere, Rules
from dialer.lists.take_list import ListTaking, Taken
from dialer.model import Disposition
from dialer.ports.store import Batches, StoreFailed
from tests.support.calllists import clean_row
from tests.support.carrier import LISTENS, RINGS
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time
from tests.support.profiles import PROFILES

_serial = count(2)


class Reading(ReadHere):
    """Reads as ever; then something else happens before the list is wholly in."""

    def __init__(self, store: Batches, then: Callable[[], Awaitable[None]]) -> None:
        super().__init__(store)
        self._then = then

    async def judge(self, batch: int, offer: Offer, rules: Rules, now: datetime, parts: Sequence[Part]) -> list[BadRow]:
        bad = await super().judge(batch, offer, rules, now, parts)
        await self._then()
        return bad


def listed(debtor: int, **changes: str) -> dict[str, str | None]:
    """The row that the world's own list has of the debtor, with changes."""
    return clean_row(
        case_id=f"RENT/D{debtor}",
        client_id="CL-CZYNSZ",
        campaign_id="RENT",
        debtor_id=f"D{debtor}",
        phone_1=f"+4828{debtor:04d}000",
        phone_2="",
        phone_3="",
        stage="overdue",
        due_date="2026-10-29",
        **changes,
    )


def offer(folder: Path, *rows: dict[str, str | None], mode: str = "upsert") -> Offer:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    batch_id = f"B-{next(_serial)}"
    path = folder / f"{batch_id}.csv"
    path.write_text(text.getvalue())
    return Offer(None, Format.CSV, path, hashlib.sha256(path.read_bytes()).hexdigest(), batch_id, mode=mode)


def taking(world: World, then: Callable[[], Awaitable[None]] | None = None) -> ListTaking:
    reading = Reading(world.store, then) if then else None
    intake = Intake(world.store, world.engine.lanes, world.clock, world.bounds.plan, 0, PROFILES, reading)
    return ListTaking(intake, world.store, world.engine.calloff)


def becomes(taken: Taken) -> list[tuple[Found, Disposition | None]]:
    return [(each.found, each.outcome) for each in taken.calls]


async def ringing(world: World, calls: int = 1) -> None:
    world.start()
    await world.until_called(calls)
    await passes(2 * SECOND)


@in_virtual_time
async def test_a_ringing_call_is_hung_up_before_the_reply_to_a_list_that_blocks_its_case(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await ringing(world)
        sent_at = world.clock.now()

        taken = await taking(world).take(offer(tmp_path, listed(0, flags="deceased")))

        assert becomes(taken) == [(Found.RINGING, Disposition.CANCELLED)]
        assert taken.batch.counts == {"rows": 1, "accepted_blocked": 1}
        assert world.clock.now() - sent_at < SECOND
        await world.until_finished()
        assert [contact.finished for contact in await world.contacts()] == ["blocked"]
        await passes(2 * MINUTE)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_a_message_takes_its_leave_when_a_new_list_leaves_its_debtor_out(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=2) as world:
        world.start()
        await world.until_called(2)
        await passes(5 * SECOND)

        taken = await taking(world).take(offer(tmp_path, listed(1), mode="replace"))

        gone = [each for each in taken.calls if each.called_off.finished]
        assert [(each.found, each.outcome) for each in gone] == [(Found.PLAYING, Disposition.BROKEN_OFF)]


@in_virtual_time
async def test_a_call_with_the_former_sum_is_given_up_and_repeated_with_the_new_one(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await taking(world).take(offer(tmp_path, listed(0, amount_due="10.00")))
        await ringing(world)

        taken = await taking(world).take(offer(tmp_path, listed(0, amount_due="11.00", balance_version="2")))

        assert becomes(taken) == [(Found.RINGING, Disposition.CANCELLED)]
        await world.until_called(2)


@in_virtual_time
async def test_a_list_that_says_the_same_again_lets_calls_go_on(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await taking(world).take(offer(tmp_path, listed(0)))
        await ringing(world)
        assert becomes(await taking(world).take(offer(tmp_path, listed(0)))) == []
        assert len(world.engine.tracker) == 1


def long_list(folder: Path) -> Offer:
    """Its first portion blocks the world's first contact; another follows."""
    return offer(folder, listed(0, flags="deceased"), *(listed(1 + n) for n in range(PORTION)))


@in_virtual_time
async def test_calls_end_while_a_long_list_is_still_being_taken(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await ringing(world)
        world.database.heard_after["keep"] = 10 * SECOND

        sending = asyncio.create_task(taking(world).take(long_list(tmp_path)))
        await world.until(lambda: not len(world.engine.tracker), within=2 * SECOND)
        assert not sending.done()

        assert becomes(await sending) == [(Found.RINGING, Disposition.CANCELLED)]


@in_virtual_time
async def test_a_list_that_is_broken_off_has_ended_the_calls_of_those_it_had_reached(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await ringing(world)
        kept: list[str] = []
        world.database.after["keep"] = lambda: kept.append("a portion")
        world.database.fails = lambda work: work == "keep" and bool(kept)
        with pytest.raises(StoreFailed):
            await taking(world).take(long_list(tmp_path))
        await world.until(lambda: not len(world.engine.tracker), within=SECOND)


@in_virtual_time
async def test_a_list_whose_sender_goes_away_half_way_is_taken_to_its_end(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        await ringing(world)
        world.database.heard_after["keep"] = SECOND
        sent = long_list(tmp_path)
        sending = asyncio.create_task(taking(world).take(sent))
        await world.until(lambda: not len(world.engine.tracker), within=3 * SECOND)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        again = await taking(world).take(sent)
        assert again.batch.counts == {"rows": 1 + PORTION, "accepted": PORTION, "accepted_blocked": 1}


@in_virtual_time
async def test_a_list_whose_sender_goes_away_while_it_is_read_changes_nothing(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def stand_still() -> None:
        reached.set()
        await asyncio.Event().wait()

    async with a_world(tmp_path, RINGS) as world:
        await ringing(world)
        sending = asyncio.create_task(
            taking(world, then=stand_still).take(offer(tmp_path, listed(0, flags="deceased")))
        )
        await reached.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await passes(2 * SECOND)
        assert len(world.engine.tracker) == 1


@in_virtual_time
async def test_the_same_list_sent_again_waits_for_a_call_that_is_still_up(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        sent = offer(tmp_path, listed(0, flags="deceased"))
        first = asyncio.create_task(taking(world).take(sent))
        await passes(100 * MS)

        again = await taking(world).take(sent)

        assert becomes(again) == becomes(await first) == [(Found.PLAYING, Disposition.BROKEN_OFF)]
