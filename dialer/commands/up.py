"""How does the engine start, and how does it stop? The one place where every adapter meets."""

import asyncio
import gc
import grp
import random
import signal
import sys
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import NamedTuple, TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.first_user import new_secret
from api.server import serving
from api.service import ApiLimits, Service
from audio.phrases import Phrases
from audio.voices import DEFAULT
from dialer.adapters.ami.switch import AsteriskSwitch
from dialer.adapters.clock import SystemClock
from dialer.adapters.courier import courier
from dialer.adapters.flows import MessageFlows, SpokenFarewell, SpokenToMachines
from dialer.adapters.inbound_flows import InboundFlows
from dialer.adapters.meetings import AgentFlows, Meetings
from dialer.adapters.placing import PlacingFiles
from dialer.adapters.prepared import Prepared
from dialer.adapters.reading import ReadElsewhere
from dialer.adapters.recordings import RecordedPhrases
from dialer.adapters.spoken_flows import SpokenFlows, flow_sources
from dialer.adapters.store import Database, SqlStore, claimed
from dialer.adapters.voices import SpokenMessages
from dialer.agents.inbound_talks import InboundTalks
from dialer.cases.opt_outs import OptOuts
from dialer.cases.suppress import Suppressing
from dialer.commands.asterisk import fastagi, manager, paths_in_asterisk, switch_trouble, tapes_in_asterisk
from dialer.commands.tls import tls_in
from dialer.config import ConfigurationProblem, Settings, address, networks, rate_of_each
from dialer.config_files import callers_in, profiles_in, routes_in, voices_in
from dialer.core.brands import caller_problem
from dialer.engine import Bounds, Engine
from dialer.inbound import Inbound
from dialer.lists.intake import Intake
from dialer.recorded_talks import Tapes
from dialer.webhooks import Telling

EVICT_EVERY = timedelta(hours=1)
AUDIO_UNUSED = timedelta(days=7)  # how long rendered audio is kept without being needed

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def up(settings: Settings) -> None:
    """Run the engine until it is told to stop.

    Raises:
        ConfigurationProblem, DatabaseUnusable, AudioFailed: it cannot start; the message says what to do.
    """
    clock, profiles = SystemClock(), profiles_in(settings.profiles)
    callers = callers_in(settings)
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        database.migrate()
        stack.enter_context(claimed(database))
        store = SqlStore(database)
        reading = ReadElsewhere(store, settings.database)
        stack.push_async_callback(reading.close)
        voices = voices_in(settings)
        phrases = await stack.enter_async_context(
            Phrases(settings.sounds, voices[DEFAULT].engine, group=_group(settings.sounds_group))
        )
        prepared = Prepared(phrases, paths_in_asterisk(settings))
        voice = SpokenMessages(phrases, voices, SpokenFlows(store, prepared), RecordedPhrases(store, phrases).of)
        await voice.make_ready(await store.campaigns(None))
        placing = _placing(stack, settings)
        engine = Engine(store, voice, clock, placing.new_id, bounds(settings), placing)
        await engine.load()
        wishes = OptOuts(Suppressing(store, engine.calloff, clock), store)
        tapes = _tapes(settings, store, clock)
        engine.erasing.forgets.append(tapes.forget)
        tape = tapes_in_asterisk(settings)
        agents = AgentFlows(engine.tracker, engine.lanes, engine.joins, clock, wishes.take, tape, tapes.begun)
        paths = paths_in_asterisk(settings)
        flows = MessageFlows(
            engine.tracker, engine.lanes, phrases, voice.standing, clock, paths, prepared, agents, voice.for_machines
        )
        inbound = Inbound(store, store, voice, engine.lanes, clock, settings.plan, settings.inbound_calls, tapes.begun)
        stack.push_async_callback(inbound.write_down)
        talks = engine.wrapping_up.callers = InboundTalks(inbound, store, engine.joins, engine.roster, engine.screens)
        agi = fastagi(settings, flows, InboundFlows(inbound, talks, voice.standing, prepared, paths, tape), agents)
        await _listen(stack, "agi_listen", settings.agi_listen, agi)
        switch = AsteriskSwitch(manager(settings), clock, random.random)
        set_up = None if await store.has_users() else new_secret()
        service = Service(
            store=store,
            engine=engine,
            intake=Intake(store, engine.lanes, clock, settings.plan, settings.min_gap_minutes, profiles, reading),
            voice=voice,
            tapes=tapes,
            flow_sources=flow_sources,
            clock=clock,
            profiles=profiles,
            limits=ApiLimits(
                list_rows=settings.max_batch_mib << 20,
                rate=rate_of_each(settings),
            ),
            shortest_gap=timedelta(minutes=settings.min_gap_minutes),
            trusted_proxy=settings.trusted_proxy,
            wants_certificates=bool(settings.tls_client_authority),
            session_idle=timedelta(minutes=settings.session_idle_minutes),
            session_lasts=timedelta(hours=settings.session_hours),
            set_up_hash=set_up.secret_hash if set_up else None,
            webhook_networks=networks("webhook_networks", settings.webhook_networks),
            spool=settings.spool,
            presentable=partial(caller_problem, plan=settings.plan, known=callers),
            troubles=lambda: engine.troubles() | switch_trouble(settings, switch.presence),
            outstanding=lambda: switch.outstanding,
            flow_counts=lambda: asdict(agi.counts),
        )
        await _serve(stack, settings, service)
        if set_up:
            _invite(set_up.secret)
        _housekeeping(stack, settings, phrases, clock)
        # What is loaded now stays: a full collection would look through all of it and hold up the calls meanwhile.
        gc.collect()
        gc.freeze()
        bringing = await stack.enter_async_context(courier(service.webhook_networks))
        beside = Beside(wishes, Telling(store, bringing, clock), tapes, inbound)
        speaking = Speaking(
            SpokenFarewell(agi, flows), Meetings(agi, beep=settings.agent_beep), SpokenToMachines(agi, flows)
        )
        await _dial(engine, switch, speaking, beside)


class Speaking(NamedTuple):
    """What is said and joined over FastAGI."""

    farewell: SpokenFarewell
    meetings: Meetings
    to_machines: SpokenToMachines


def _invite(secret: str) -> None:
    """Tell whoever starts the engine by what secret the first admin is made; it is kept nowhere."""
    log.warning("no_users", remedy="POST /v1/set-up with the secret that the engine has written to its terminal")
    sys.stderr.write(f"dzwonek: nobody can sign in yet; the set-up secret of this start is {secret}\n")


class Beside(NamedTuple):
    """What runs beside the calls."""

    wishes: OptOuts
    telling: Telling
    tapes: Tapes
    inbound: Inbound


async def _dial(engine: Engine, switch: AsteriskSwitch, speaking: Speaking, beside: Beside) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with asyncio.TaskGroup() as tasks:
        link = tasks.create_task(
            switch.run(engine.tracker, engine.lines, engine.listening, engine.machines), name="switch"
        )
        keeping = tasks.create_task(beside.wishes.run(), name="opt_outs")
        telling = tasks.create_task(beside.telling.run(), name="webhooks")
        recording = tasks.create_task(beside.tapes.run(), name="recordings")
        answering = tasks.create_task(beside.inbound.run(), name="inbound")
        try:
            await engine.run(switch, stop, speaking.farewell, switch, speaking.meetings, switch, speaking.to_machines)
        finally:
            link.cancel()
            keeping.cancel()
            telling.cancel()
            recording.cancel()
            answering.cancel()


def bounds(settings: Settings) -> Bounds:
    return Bounds(routes_in(settings), settings.plan, timedelta(seconds=settings.grace_seconds))


def _tapes(settings: Settings, store: SqlStore, clock: SystemClock) -> Tapes:
    try:
        settings.recordings.mkdir(mode=0o770, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationProblem(
            f"recordings={settings.recordings} cannot be used: {error.strerror}; name a folder that Asterisk may write"
        ) from error
    return Tapes(store, settings.recordings, clock, timedelta(days=settings.recordings_keep_days))


def _group(name: str) -> int | None:
    if not name:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise ConfigurationProblem(f"sounds_group: this machine has no group {name!r}") from error


def _placing(stack: AsyncExitStack, settings: Settings) -> PlacingFiles:
    try:
        files = PlacingFiles(settings.placing)
    except OSError as error:
        raise ConfigurationProblem(
            f"placing={settings.placing} cannot be used: {error.strerror}; name a folder that the engine may write"
        ) from error
    stack.callback(files.close)
    return files


async def _serve(stack: AsyncExitStack, settings: Settings, service: Service) -> None:
    try:
        settings.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationProblem(
            f"spool={settings.spool} cannot be used: {error.strerror}; name a folder that the engine may write"
        ) from error
    host, port = address("listen", settings.listen)
    tls = tls_in(settings)
    at, bound = await _listen(stack, "listen", settings.listen, serving(service, host, port, tls))
    log.info("api_listening", url=f"http{'s' if tls else ''}://{at}:{bound}")


async def _listen(stack: AsyncExitStack, name: str, where: str, server: AbstractAsyncContextManager[T]) -> T:
    try:
        return await stack.enter_async_context(server)
    except OSError as error:
        raise ConfigurationProblem(
            f"{name}={where} cannot be used: {error.strerror}; is another Dzwonek running?"
        ) from error


def _housekeeping(stack: AsyncExitStack, settings: Settings, phrases: Phrases, clock: SystemClock) -> None:
    """Periodic jobs; never retries of calls, which are rows."""

    def evict() -> None:
        removed = phrases.evict(clock.now(), unused_for=AUDIO_UNUSED, keep=settings.sounds_keep_mib << 20)
        if removed.files:
            log.info("audio_evicted", files=removed.files, bytes=removed.size)

    # Jobs run on worker threads, one at a time; one that is late runs once, not as often as it was missed.
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 3600, "max_instances": 1}
    )
    scheduler.add_job(evict, "interval", seconds=EVICT_EVERY.total_seconds(), executor="threads")
    scheduler.add_executor("threadpool", alias="threads", max_workers=1)
    scheduler.start()
    stack.callback(scheduler.shutdown, wait=False)
