"""What is missing before calls can be placed, and what is to be done about it?"""

import asyncio
import random
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from audio.voices import DEFAULT, VoiceProblem, Voices
from dialer.adapters.ami.connection import ActionRefused, OutcomeUnknown
from dialer.adapters.ami.contract import AGI_DEFAULT, AGI_VARIABLE, CONTEXT, EXTENSION, PRIORITY, USER
from dialer.adapters.ami.link import Link, LinkSettings
from dialer.adapters.ami.modules import MODULES, REMEDY, Module
from dialer.adapters.store import Database, DatabaseUnusable, SqlStore
from dialer.adapters.voices import voices_wanted
from dialer.commands.tls import tls_in
from dialer.config import ConfigurationProblem, Settings, address
from dialer.config_files import profiles_in, routes_in, voices_in
from dialer.core.routes import Route
from dialer.ports import Presence, SwitchAway
from dialer.ports.store import StoreFailed

PATIENCE = timedelta(seconds=8)
ENOUGH_SPACE = 1 << 30  # bytes for rendered messages: some ten thousand


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``remedy`` is what to do; empty when all is well."""

    subject: str
    state: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        return not self.remedy


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that placing calls needs; changes nothing."""
    local = [
        *_python(),
        *_tls(settings),
        *_profiles(settings),
        *_trunks(settings),
        *_database(settings),
        *_sounds(settings),
        *_ports(settings),
    ]
    return [
        *local,
        *[finding async for finding in _voices(settings)],
        *[finding async for finding in _asterisk(settings)],
    ]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", version, "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        Database(settings.database).migrate()
    except DatabaseUnusable as error:
        yield Finding("database", str(error), f"check DZWONEK_DATABASE={settings.database} and the rights on it")
    except OSError as error:
        yield Finding("database", error.strerror or "error", "create its folder, writable for the engine's user")
    else:
        yield Finding("database", "reachable, schema up to date")


def _tls(settings: Settings) -> Iterator[Finding]:
    try:
        tls = tls_in(settings)
    except ConfigurationProblem as error:
        yield Finding("TLS", str(error), "mend the files that DZWONEK_TLS_CERTIFICATE and those beside it name")
    else:
        yield Finding("TLS", "spoken by the API itself" if tls else "not spoken: loopback, or a proxy in front")


def _profiles(settings: Settings) -> Iterator[Finding]:
    try:
        known = profiles_in(settings.profiles)
    except ConfigurationProblem as error:
        yield Finding("profiles", str(error), "mend the file that DZWONEK_PROFILES names")
    else:
        yield Finding("profiles", ", ".join(known))


def _trunks(settings: Settings) -> Iterator[Finding]:
    try:
        routes = routes_in(settings)
    except ConfigurationProblem as error:
        yield Finding("trunks", str(error), "mend the file that DZWONEK_TRUNKS names, or the limits")
    else:
        yield Finding("trunks", ", ".join(route.name for route in routes))


def _routes(settings: Settings) -> Sequence[Route]:
    """Those that can be asked after; what is wrong with others was said."""
    try:
        return routes_in(settings)
    except ConfigurationProblem:
        return ()


async def _voices(settings: Settings) -> AsyncIterator[Finding]:
    """The first voice, and those that campaigns name."""
    try:
        voices = voices_in(settings)
    except ConfigurationProblem as error:
        yield Finding("voices", str(error), "mend the file that DZWONEK_VOICES names")
        return
    wanted = {DEFAULT: "used by campaigns that name none"}
    try:
        database = Database(settings.database)
        try:
            wanted |= voices_wanted(await SqlStore(database).campaigns(None))
        finally:
            await database.close()
    except (DatabaseUnusable, StoreFailed):
        pass  # which is a finding of its own
    for name, by in wanted.items():
        yield await asyncio.to_thread(_voice, voices, name, by)


def _voice(voices: Voices, name: str, by: str) -> Finding:
    try:
        missing = voices.missing(name)
    except VoiceProblem as error:
        return Finding(f"voice {name}", by, f"{error}: name one of these in the campaign, or add it to DZWONEK_VOICES")
    if missing:
        return Finding(f"voice {name}", f"cannot speak, {by}", missing)
    engine = voices[name].engine
    return Finding(f"voice {name}", f"{engine.name} {engine.version}, voice {engine.voice}")


def _sounds(settings: Settings) -> Iterator[Finding]:
    try:
        settings.sounds.mkdir(parents=True, exist_ok=True)
        trial = settings.sounds / ".writable"
        trial.touch()
        trial.unlink()
        free = shutil.disk_usage(settings.sounds).free
    except OSError as error:
        yield Finding("sounds", f"{settings.sounds}: {error.strerror}", "make it writable for the engine's user")
        return
    remedy = "" if free >= ENOUGH_SPACE else "make room: a message takes about 100 KB"
    yield Finding("sounds", f"{settings.sounds} writable, {free >> 20} MiB free", remedy)


def _ports(settings: Settings) -> Iterator[Finding]:
    for name in ("listen", "agi_listen"):
        host, port = address(name, getattr(settings, name))
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError as error:
                yield Finding(name, f"{host}:{port}: {error.strerror}", "end what uses it, or choose another address")
            else:
                yield Finding(name, f"{host}:{port} is free")


async def _asterisk(settings: Settings) -> AsyncIterator[Finding]:
    async with _link(settings) as (link, presence):
        if presence is not Presence.READY:
            remedy = (
                "set DZWONEK_AMI_SECRET to the secret of [dzwonek] in manager.conf (asterisk_conf/README.md)"
                if presence is Presence.REFUSED
                else f"start Asterisk with its manager interface on {settings.ami}, or set DZWONEK_AMI"
            )
            yield Finding("Asterisk", f"{settings.ami}: {presence}", remedy)
            return
        yield Finding("Asterisk", f"{settings.ami}: logged in as {settings.ami_user}")
        yield await _asked(link, "rights", _rights)
        for missing in await _modules(link):
            yield missing
        for route in _routes(settings):
            yield await _asked(link, "trunk", partial(_trunk, route.name))
        yield await _asked(link, "dialplan", partial(_dialplan, settings.agi_listen))
        yield await _asked(link, "bridging", _bridging)


@asynccontextmanager
async def _link(settings: Settings) -> AsyncIterator[tuple[Link, Presence]]:
    host, port = address("ami", settings.ami)
    heard: asyncio.Queue[Presence] = asyncio.Queue()
    login = LinkSettings(host, port, settings.ami_user, settings.ami_secret)
    link = Link(login, lambda _: None, heard.put_nowait, random.random)
    running = asyncio.create_task(link.run())
    try:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while (presence := await heard.get()) is Presence.AWAY:
                    pass
        except TimeoutError:
            presence = Presence.AWAY
        yield link, presence
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _asked(link: Link, subject: str, look: Callable[[Link], Awaitable[Finding]]) -> Finding:
    try:
        return await look(link)
    except ActionRefused as error:
        return Finding(subject, str(error), f"give [{USER}] the rights of asterisk_conf/manager_dzwonek.conf")
    except (OutcomeUnknown, SwitchAway) as error:
        return Finding(subject, str(error), "Asterisk does not answer: see its log")


async def _rights(link: Link) -> Finding:
    calls = await link.ask_list("CoreShowChannels")
    return Finding("rights", f"calls can be listed; there are {len(calls)}")


async def _trunk(trunk: str, link: Link) -> Finding:
    codecs = await _value(link, f"PJSIP_ENDPOINT({trunk},allow)")
    if not codecs:
        return Finding(
            "trunk",
            f"no endpoint {trunk}",
            "name the trunk's endpoint of pjsip.conf in DZWONEK_TRUNK or DZWONEK_TRUNKS",
        )
    remedy = "" if "alaw" in codecs else "allow=alaw for the trunk: messages are A-law and would have to be transcoded"
    return Finding("trunk", f"{trunk} {codecs}", remedy)


async def _dialplan(agi_listen: str, link: Link) -> Finding:
    there = await _value(link, f"DIALPLAN_EXISTS({CONTEXT},{EXTENSION},{PRIORITY})")
    leads_to = await _value(link, AGI_VARIABLE) or AGI_DEFAULT
    if there != "1":
        remedy = (
            "include asterisk_conf/extensions_dzwonek.conf in extensions.conf, then: asterisk -rx 'dialplan reload'"
        )
        return Finding("dialplan", f"no {EXTENSION} in context {CONTEXT}", remedy)
    if leads_to != agi_listen:
        remedy = f"set {AGI_VARIABLE} in [globals] of extensions.conf, or DZWONEK_AGI_LISTEN, so that they agree"
        return Finding("dialplan", f"{AGI_VARIABLE} is {leads_to}, we listen on {agi_listen}", remedy)
    return Finding("dialplan", f"{CONTEXT},{EXTENSION} leads to {leads_to}")


async def _bridging(link: Link) -> Finding:
    match await _value(link, "IFMODULE(bridge_native_rtp.so)"):
        case "0":
            return Finding("bridging", "sequence numbers go on when an agent joins")
        case "1":
            remedy = "noload = bridge_native_rtp.so in modules.conf, and restart (asterisk_conf/README.md says why)"
            return Finding("bridging", "bridge_native_rtp is loaded", remedy)
    return Finding("bridging", "unknown: func_module is not loaded", "load = func_module.so in modules.conf")


async def _modules(link: Link) -> Sequence[Finding]:
    """Each that is not loaded; one finding if all are."""
    found = [await _asked(link, "modules", partial(_module, each)) for each in MODULES]
    return [each for each in found if not each.is_well] or [
        Finding("modules", f"the {len(found)} that we use are there")
    ]


async def _module(module: Module, link: Link) -> Finding:
    is_wanted = not module.variable or await _value(link, module.variable)
    if is_wanted and await _value(link, f"IFMODULE({module.name}.so)") == "0":
        state = f"{module.name} is not loaded: needed for {module.serves}"
        return Finding("modules", state, REMEDY.format(name=module.name))
    return Finding("modules", module.name)


async def _value(link: Link, variable: str) -> str:
    """A global variable or function of Asterisk; empty if there is none."""
    return (await link.ask("Getvar", (("Variable", variable),))).get("Value")
