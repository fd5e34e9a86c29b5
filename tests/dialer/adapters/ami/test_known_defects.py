"""Does our link have the defects that were found in panoramisk 1.4? One test per defect, in the order of the decision
record docs/decisions/0002-own-ami-protocol.md."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from dialer.core.call import Answered, End, Started
from dialer.ports import Presence, SwitchAway
from tests.support.ami_server import RINGS, SILENT, TALKS, FakeAsterisk
from tests.support.asterisk_switch import MS, a_call, a_ready_switch, a_switch, link_to, settings_for
from tests.support.ear import Ear
from tests.support.transcripts import transcript

NUMBER = "+48280000001"


async def test_01_an_originate_in_flight_when_the_link_drops_is_never_sent_again() -> None:
    async with FakeAsterisk({NUMBER: "busy"}) as server, a_ready_switch(server, ear := Ear()) as switch:
        server.drops_on = "Originate"
        switch.place(call := a_call(NUMBER))
        await ear.hears_presence(Presence.READY, times=2)
        assert (await ear.hears_end(call.attempt_id)).why is End.LOST
        assert [action["ActionID"] for action in server.named("Originate")] == [call.attempt_id]


async def test_01_a_call_placed_while_the_link_is_down_is_refused_and_never_sent() -> None:
    async with FakeAsterisk({NUMBER: "busy"}) as server, a_ready_switch(server, ear := Ear()) as switch:
        server.cut()
        await ear.hears_presence(Presence.AWAY)
        with pytest.raises(SwitchAway):
            switch.place(a_call(NUMBER))
        await ear.hears_presence(Presence.READY, times=2)
        await switch.live_calls()
        assert server.named("Originate") == []


async def test_02_every_originate_is_asynchronous() -> None:
    # A synchronous one freezes the whole session, its events included, until the call is answered.
    async with FakeAsterisk({NUMBER: "busy"}) as server, a_ready_switch(server, Ear()) as switch:
        switch.place(a_call(NUMBER))
        [originate] = await server.hears("Originate")
        assert originate["Async"] == "true"


async def test_03_a_listener_that_raises_costs_neither_the_link_nor_anybody_elses_event() -> None:
    async with (
        FakeAsterisk({NUMBER: "busy"}) as server,
        a_ready_switch(server, ear := Ear(breaks_on=Started)) as switch,
    ):
        with capture_logs() as lines:
            calls = [a_call(NUMBER) for _ in range(3)]
            for call in calls:
                switch.place(call)
            for call in calls:
                assert (await ear.hears_end(call.attempt_id)).why is End.BUSY
        errors = [line["attempt"] for line in lines if line["log_level"] == "error"]
        assert errors == [call.attempt_id for call in calls]
        assert ear.presences == [Presence.READY]


async def test_04_a_half_open_link_is_noticed_and_replaced() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, ear := Ear()):
        server.is_deaf = True
        await ear.hears_presence(Presence.AWAY)
        server.is_deaf = False
        await ear.hears_presence(Presence.READY, times=2)


async def test_05_a_line_end_in_a_value_injects_no_action() -> None:
    async with FakeAsterisk({NUMBER: "busy"}) as server, a_ready_switch(server, Ear()) as switch:
        call = replace(
            a_call(NUMBER), caller_number="+48388000001\r\n\r\nAction: Originate\r\nChannel: PJSIP/1@carrier"
        )
        with pytest.raises(ValueError, match="CallerID"):
            switch.place(call)
        assert switch.outstanding == 0
        await switch.live_calls()
        assert server.named("Originate") == []


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_06_letters_and_messages_split_over_reads_arrive_whole(size: int) -> None:
    async with FakeAsterisk({NUMBER: "callee_hangs_up"}) as server:
        server.bytes_per_write = size
        async with a_ready_switch(server, ear := Ear()) as switch:
            switch.place(call := a_call(NUMBER))
            await ear.hears_end(call.attempt_id)
            assert ear.kinds(call.attempt_id) == ["Started", "Rang", "Answered", "Ended"]


async def test_07_a_refused_login_is_surfaced_and_tried_slowly() -> None:
    async with FakeAsterisk() as server:
        server.refuses_login = True
        link = replace(link_to(server), first_pause=1 * MS, longest_pause=2 * MS, refused_pause=150 * MS)
        with capture_logs() as lines:
            async with a_switch(server, ear := Ear(), replace(settings_for(server), link=link)) as switch:
                await ear.hears_presence(Presence.REFUSED)
                before = asyncio.get_running_loop().time()
                await server.hears("Login", times=2)
                assert asyncio.get_running_loop().time() - before > 0.1
                with pytest.raises(SwitchAway, match="refused"):
                    switch.place(a_call(NUMBER))
                server.refuses_login = False
                await ear.hears_presence(Presence.READY)
        assert ear.presences[:2] == [Presence.REFUSED, Presence.READY]
        told = next(line for line in lines if line["log_level"] == "error")
        assert told["event"].startswith("the switch refuses our login: compare user, secret and permit")
        assert (told["why"], told["user"]) == ("Authentication failed", "dzwonek")


async def test_08_closing_during_a_pause_between_links_ends_it() -> None:
    async with FakeAsterisk() as server:
        link = replace(link_to(server), first_pause=200 * MS, longest_pause=200 * MS)
        async with a_ready_switch(server, ear := Ear(), replace(settings_for(server), link=link)):
            server.cut()
            await ear.hears_presence(Presence.AWAY)
        # Whoever comes next is the first to log in since.
        async with a_ready_switch(server, Ear()):
            assert server.logins == 2


async def test_09_every_wait_ends_and_events_keep_their_order() -> None:
    async with FakeAsterisk({NUMBER: "callee_hangs_up"}) as server, a_ready_switch(server, ear := Ear()) as switch:
        calls = [a_call(NUMBER) for _ in range(50)]
        for call in calls:
            switch.place(call)
        for call in calls:
            await ear.hears_end(call.attempt_id)
            assert ear.kinds(call.attempt_id) == ["Started", "Rang", "Answered", "Ended"]
        server.is_mute = True
        with pytest.raises(SwitchAway, match="no answer within"):
            await switch.live_calls()


async def test_10_list_actions_give_their_items_while_other_events_go_on() -> None:
    async with FakeAsterisk({NUMBER: TALKS}) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(NUMBER))
        live, _ = await asyncio.gather(switch.live_calls(), ear.hears(Answered, call.attempt_id))
        assert set(live) == {call.attempt_id}


async def test_11_calls_are_told_apart_by_our_own_identity() -> None:
    # Ids that share everything before a dot, or none with a dot at all, must not collide.
    calls = {NUMBER: "busy", "+48280000002": RINGS}
    async with FakeAsterisk(calls) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(ringing := a_call("+48280000002"))
        switch.place(busy := a_call(NUMBER))
        await ear.hears_end(busy.attempt_id)
        assert ear.kinds(ringing.attempt_id) == ["Started", "Rang"]


async def test_12_a_response_without_its_outcome_does_not_wait_for_ever() -> None:
    async with FakeAsterisk({NUMBER: SILENT}) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(NUMBER, ring_time=20 * MS))
        assert (await ear.hears_end(call.attempt_id)).why is End.LOST


async def test_13_the_outcome_of_a_call_from_a_former_link_is_heard() -> None:
    async with FakeAsterisk({NUMBER: RINGS}) as server, a_ready_switch(server, ear := Ear()) as switch:
        switch.place(call := a_call(NUMBER))
        await ear.hears(Started, call.attempt_id)
        server.cut()
        await ear.hears_presence(Presence.READY, times=2)
        server.say(*transcript("busy", call.attempt_id))
        assert (await ear.hears_end(call.attempt_id)).why is End.BUSY


async def test_14_a_flood_of_events_nobody_wants_delays_no_call() -> None:
    async with FakeAsterisk({NUMBER: "busy"}) as server, a_ready_switch(server, ear := Ear()) as switch:
        server.say(b"Event: VarSet\r\nUniqueid: 1795300120.17\r\nValue: x\r\n\r\n" * 50_000)
        switch.place(call := a_call(NUMBER))
        assert (await ear.hears_end(call.attempt_id)).why is End.BUSY
        assert ear.presences == [Presence.READY]
