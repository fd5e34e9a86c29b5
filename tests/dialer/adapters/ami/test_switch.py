from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.core.call import Answered, End, Rang, Started
from dialer.ports import CallPhase, Presence
from tests.support.ami_server import RINGS, SILENT, TALKS, FakeAsterisk
from tests.support.asterisk_switch import MS, a_call, a_ready_switch, settings_for
from tests.support.ear import Ear
from tests.support.transcripts import transcript

BUSY, RINGING, TALKING, DEAF = "+48280000001", "+48280000002", "+48280000003", "+48280000004"
CALLS = {BUSY: "busy", RINGING: RINGS, TALKING: TALKS, DEAF: SILENT}
SOMEBODY = "000000000000000000000000000000ff"


async def test_a_call_is_one_originate_with_the_attempt_as_its_identity() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, Ear()) as switch:
        call = a_call(BUSY, ring_time=timedelta(seconds=25))
        switch.place(call)
        [originate] = await server.hears("Originate")
        assert originate == {
            "Action": "Originate",
            "ActionID": call.attempt_id,
            "Channel": "PJSIP/+48280000001@carrier",
            "Context": "dzwonek",
            "Exten": "message",
            "Priority": "1",
            "Timeout": "25000",
            "CallerID": "+48388000001",
            "Async": "true",
            "ChannelId": call.attempt_id,
        }


async def test_a_trunk_that_wants_no_plus_gets_digits() -> None:
    async with FakeAsterisk({"0048280000001": "busy"}) as server:
        settings = replace(settings_for(server), dial="PJSIP/00{digits}@{trunk}")
        async with a_ready_switch(server, ear := Ear(), settings) as switch:
            switch.place(call := a_call(BUSY))
            assert (await ear.hears_end(call.attempt_id)).why is End.BUSY


@pytest.mark.parametrize("number", ["+48280000001&PJSIP/+48280000002", "48280000001@other", "", "+", "+4828 0000"])
async def test_what_is_no_number_is_never_dialled(number: str) -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, Ear()) as switch:
        with pytest.raises(ValueError, match="a number has digits"):
            switch.place(a_call(number))
        await switch.live_calls()
        assert server.named("Originate") == []


async def test_an_attempt_is_placed_once() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, Ear()) as switch:
        switch.place(call := a_call(RINGING))
        with pytest.raises(ValueError, match="placed already"):
            switch.place(call)
        await switch.live_calls()
        assert len(server.named("Originate")) == 1


async def test_calls_that_the_switch_has_not_begun_are_outstanding() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(a_call(DEAF))
        switch.place(ringing := a_call(RINGING))
        assert switch.outstanding == 2
        await ear.hears(Started, ringing.attempt_id)
        assert switch.outstanding == 1


async def test_a_call_that_asterisk_refuses_is_not_outstanding() -> None:
    async with FakeAsterisk({BUSY: "refused_action"}) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(BUSY))
        ended = await ear.hears_end(call.attempt_id)
        assert (ended.why, ended.platform_code) == (End.NOT_PLACED, "Extension does not exist.")
        assert switch.outstanding == 0


async def test_a_hang_up_that_comes_before_the_channel_waits_for_it() -> None:
    # Asterisk says "No such channel" until Newchannel, and goes on with the call.
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(RINGING))
        switch.hang_up(call.attempt_id)
        assert (await ear.hears_end(call.attempt_id)).why is End.BY_US
        assert len(server.named("Hangup")) == 1


async def test_a_call_that_was_placed_and_never_heard_of_is_lost_after_its_time() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(DEAF, ring_time=50 * MS))
        assert (await ear.hears_end(call.attempt_id)).why is End.LOST
        assert switch.outstanding == 0


async def test_a_call_that_only_seems_overdue_is_left_alone() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(DEAF, ring_time=1 * MS))
        server.live[call.attempt_id] = "6"
        await ear.hears(Answered, call.attempt_id)
        assert ear.kinds(call.attempt_id) == ["Answered"]


async def test_a_call_that_ended_while_the_link_was_down_is_lost() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(TALKING))
        await ear.hears(Answered, call.attempt_id)
        server.live.clear()
        server.cut()
        assert (await ear.hears_end(call.attempt_id)).why is End.LOST


async def test_a_call_that_lived_through_the_loss_of_the_link_goes_on() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(TALKING))
        await ear.hears(Answered, call.attempt_id)
        server.cut()
        await ear.hears_presence(Presence.READY, times=2)
        await server.hears("CoreShowChannels")
        switch.hang_up(call.attempt_id)
        assert (await ear.hears_end(call.attempt_id)).why is End.NORMAL


async def test_an_answer_that_nobody_heard_is_learnt_after_the_link_is_back() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(RINGING))
        await ear.hears(Rang, call.attempt_id)
        server.live[call.attempt_id] = "6"
        server.cut()
        await ear.hears(Answered, call.attempt_id)


async def test_a_hang_up_that_was_lost_with_the_link_is_asked_for_again() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(TALKING))
        await ear.hears(Answered, call.attempt_id)
        server.drops_on = "Hangup"
        switch.hang_up(call.attempt_id)
        await ear.hears_presence(Presence.AWAY)
        server.drops_on = None
        assert (await ear.hears_end(call.attempt_id)).why is End.NORMAL
        assert len(server.named("Hangup")) == 2


async def test_a_call_of_an_earlier_run_is_adopted_and_can_be_hung_up() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        server.live[SOMEBODY] = "6"
        assert await switch.live_calls() == {SOMEBODY: CallPhase.ANSWERED}
        switch.adopt(SOMEBODY, CallPhase.ANSWERED)
        switch.hang_up(SOMEBODY)
        assert (await ear.hears_end(SOMEBODY)).why is End.NORMAL
        assert ear.kinds(SOMEBODY) == ["Ended"]


async def test_calls_of_an_earlier_run_are_told_without_being_adopted() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()):
        server.say(*transcript("busy", SOMEBODY))
        assert (await ear.hears_end(SOMEBODY)).why is End.BUSY


async def test_calls_that_are_not_ours_are_not_told() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        server.say(*transcript("busy", "1795300120.17"))
        switch.place(call := a_call(BUSY))
        await ear.hears_end(call.attempt_id)
        assert {event.attempt_id for event in ear.events} == {call.attempt_id}


async def test_late_events_of_an_ended_call_begin_no_new_one() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(BUSY))
        await ear.hears_end(call.attempt_id)
        server.say(*transcript("busy", call.attempt_id))
        await switch.live_calls()
        assert ear.kinds(call.attempt_id) == ["Started", "Ended"]


async def test_calls_of_a_lost_link_are_not_outstanding_on_the_next() -> None:
    async with FakeAsterisk(CALLS) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(a_call(DEAF))
        server.cut()
        await ear.hears_presence(Presence.AWAY)
        assert switch.outstanding == 0
