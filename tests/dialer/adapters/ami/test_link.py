import asyncio
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict, Processor

from dialer.adapters.ami.link import Link, LinkSettings
from dialer.adapters.ami.protocol import Message
from dialer.ports import Presence, SwitchAway
from tests.support.ami_server import SECRET, SILENT, FakeAsterisk
from tests.support.asterisk_switch import MS, a_call, a_ready_switch, a_switch, link_to, settings_for
from tests.support.ear import PATIENCE, Ear
from tests.support.transcripts import transcript


async def test_the_secret_never_crosses_the_wire() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, Ear()):
        assert server.logins == 1
        assert SECRET not in str(server.actions)


def test_the_secret_is_never_shown() -> None:
    assert SECRET not in repr(LinkSettings("127.0.0.1", 5038, "dzwonek", SECRET))


async def test_calls_wait_until_the_switch_has_finished_starting() -> None:
    async with FakeAsterisk({"+48280000001": "busy"}, boots=False) as server, a_switch(server, ear := Ear()) as switch:
        await server.hears("Login")
        await server.hears("Ping")
        assert switch.presence is Presence.AWAY
        with pytest.raises(SwitchAway):
            switch.place(a_call())
        server.say_booted()
        await ear.hears_presence(Presence.READY)
        switch.place(a_call())
        await server.hears("Originate")


async def test_a_switch_that_never_says_it_started_is_explained() -> None:
    with capture_logs() as lines:
        async with FakeAsterisk(boots=False) as server, a_switch(server, Ear()):
            await server.hears("Ping", times=2)
    warnings = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert warnings == ["the switch has not finished starting, or its AMI user lacks read=system"]


async def test_ready_is_told_once_per_link() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, ear := Ear()):
        server.say_booted()
        await server.hears("Ping", times=2)
        assert ear.presences == [Presence.READY]
        server.cut()
        await ear.hears_presence(Presence.READY, times=2)
        assert ear.presences == [Presence.READY, Presence.AWAY, Presence.READY]


async def test_an_asterisk_that_is_not_there_is_awaited() -> None:
    server = FakeAsterisk()
    await server.open()
    await server.shut()
    async with a_switch(server, ear := Ear()) as switch:
        assert switch.presence is Presence.AWAY
        await server.open()
        await ear.hears_presence(Presence.READY)
    await server.shut()


@pytest.mark.parametrize(
    "banner", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"Asterisk Call Manager/11\r\n\xff\r\n\r\n"]
)
async def test_a_peer_that_is_no_asterisk_is_left_and_tried_again(banner: bytes) -> None:
    async with FakeAsterisk() as server:
        server.banner, server.is_mute = banner, True
        async with a_switch(server, ear := Ear()):
            await server.until(lambda: server.connections >= 2)
            server.banner, server.is_mute = b"Asterisk Call Manager/11.0.0\r\n", False
            await ear.hears_presence(Presence.READY)


async def test_garbage_in_the_middle_drops_the_link_and_a_new_one_comes() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, ear := Ear()):
        server.say(b"\x00\x01 garbage\r\n\r\n")
        await ear.hears_presence(Presence.READY, times=2)


async def test_pauses_grow_to_their_limit() -> None:
    with capture_logs() as lines:
        async with FakeAsterisk() as server:
            server.is_mute = True
            link = replace(link_to(server), answer_within=2 * MS, first_pause=4 * MS, longest_pause=64 * MS)
            async with a_switch(server, Ear(), replace(settings_for(server), link=link)):
                await server.hears("Challenge", times=8)
    pauses = [line["next_try_seconds"] for line in lines if "next_try_seconds" in line]
    assert pauses[:7] == [0.003, 0.006, 0.012, 0.024, 0.048, 0.048, 0.048]


async def test_pauses_begin_anew_after_a_success() -> None:
    async with FakeAsterisk() as server:
        with capture_logs() as lines:
            async with a_ready_switch(server, ear := Ear()):
                for times in (2, 3):
                    server.cut()
                    await ear.hears_presence(Presence.READY, times)
    assert {line["next_try_seconds"] for line in lines if "next_try_seconds" in line} == {0.015}


async def test_an_action_without_an_answer_has_an_unknown_outcome() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, ear := Ear()) as switch:
        server.is_mute = True
        with pytest.raises(SwitchAway, match="no answer"):
            await switch.live_calls()
        await ear.hears_presence(Presence.AWAY)


async def test_a_link_lost_while_a_list_is_awaited_ends_the_wait() -> None:
    async with FakeAsterisk() as server, a_ready_switch(server, Ear()) as switch:
        server.drops_on = "CoreShowChannels"
        with pytest.raises(SwitchAway, match="link was lost"):
            await switch.live_calls()


async def test_a_switch_that_reads_nothing_gets_no_more_than_the_bound() -> None:
    async with FakeAsterisk({"+48280000001": SILENT}) as server:
        link = replace(link_to(server), unsent_limit=4096, ping_every=30_000 * MS)
        async with a_ready_switch(server, Ear(), replace(settings_for(server), link=link)) as switch:
            server.is_deaf = True
            with pytest.raises(SwitchAway, match="does not read"):  # noqa: PT012 - the socket's own buffers come first
                for _ in range(100_000):
                    switch.place(a_call())
            placed = switch.outstanding
            with pytest.raises(SwitchAway):
                switch.place(a_call())
            assert switch.outstanding == placed < 100_000


async def test_a_message_or_a_presence_that_cannot_be_taken_costs_no_other() -> None:
    taken: list[str] = []

    def take(message: Message) -> None:
        taken.append(message.name)
        raise RuntimeError("broken")

    def refuse(presence: Presence) -> None:
        raise RuntimeError(f"broken: {presence}")

    async with FakeAsterisk() as server:
        link = Link(link_to(server), take, refuse, lambda: 0.5)
        with capture_logs() as lines:
            running = asyncio.create_task(link.run())
            await server.hears("Ping")
            server.say(*transcript("busy"))
            await server.hears("Ping", times=3)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert taken[-4:] == ["Newchannel", "HangupRequest", "OriginateResponse", "Hangup"]
    assert server.logins == 1
    assert [line["event"] for line in lines].count("a message of the switch was not understood") == len(taken)


@pytest.mark.parametrize("moment", ["connecting", "waiting for an answer", "ready", "pausing", "refused"])
async def test_it_closes_at_once_whatever_it_is_doing(moment: str) -> None:
    async with FakeAsterisk() as server:
        link = replace(link_to(server), first_pause=60_000 * MS, longest_pause=60_000 * MS, refused_pause=60_000 * MS)
        ear = Ear()
        async with a_switch(server, ear, replace(settings_for(server), link=link)) as switch:
            match moment:
                case "waiting for an answer":
                    server.is_mute = True
                    await server.hears("Challenge")
                case "ready":
                    await ear.hears_presence(Presence.READY)
                case "pausing":
                    await ear.hears_presence(Presence.READY)
                    server.cut()
                    await ear.hears_presence(Presence.AWAY)
                case "refused":
                    server.refuses_login = True
                    await ear.hears_presence(Presence.REFUSED)
            logins = server.logins
        assert switch.presence is not Presence.READY
        await server.until(lambda: server.sessions == 0)
        assert server.logins == logins


async def test_tls_is_checked_against_the_name_in_the_certificate(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path, "localhost")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)
    async with FakeAsterisk(tls=serving) as server:
        right = replace(link_to(server), tls=trusting, tls_hostname="localhost")
        async with a_ready_switch(server, Ear(), replace(settings_for(server), link=right)):
            assert server.logins == 1
        refused = asyncio.Event()
        with capture_logs([_on("Hostname mismatch", refused.set)]):
            wrong = replace(right, tls_hostname="pbx.example")
            async with a_switch(server, Ear(), replace(settings_for(server), link=wrong)), asyncio.timeout(PATIENCE):
                await refused.wait()
        assert server.logins == 1


def _on(why: str, act: Callable[[], None]) -> Processor:
    def look(_: object, __: str, line: EventDict) -> EventDict:
        if why in line.get("why", ""):
            act()
        return line

    return look


def _certificate(folder: Path, name: str) -> tuple[str, str]:
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-out", certificate, "-keyout", key]
    subprocess.run([*make, *names], check=True, capture_output=True)
    return certificate, key
