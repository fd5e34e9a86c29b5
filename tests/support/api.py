"""A running API over a database of its own, and a client that says who it is."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from argon2 import PasswordHasher

from api.key_form import new_key
from api.passwords import Passwords
from api.scopes import Scope
from api.server import serving
from api.service import ApiLimits, Service
from api.session_access import COOKIE, TOKEN, token_of
from dialer.adapters.clock import new_id
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.spoken_flows import flow_sources
from dialer.adapters.store import Database, SqlStore
from dialer.core.call import Answered, Detected, End, Ended, MessageEnded, MessageStarted, Rang, Started
from dialer.core.choice import Candidate
from dialer.core.machines import Detection
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.lists.intake import Intake
from dialer.model import Attempt
from dialer.ports.store import Key, Proof, Role, Session, User
from dialer.ports.voice import Unusable
from dialer.recorded_talks import Tapes
from tests.support.calllists import read, read_json_fixture
from tests.support.ear import PATIENCE
from tests.support.migrated import migrated
from tests.support.profiles import PROFILES

Json = dict[str, Any]
CSV = "text/csv"
NDJSON = "application/x-ndjson"
NOON = datetime(2026, 11, 21, 11, tzinfo=UTC)


class Ticking:
    """The Clock port: every look at it is a millisecond later than the one before."""

    def __init__(self, start: datetime = NOON) -> None:
        self._start = start
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return self._start + timedelta(milliseconds=self._looks)

    def monotonic(self) -> float:
        return (self.now() - self._start).total_seconds()


@dataclass
class StillVoice(SilentVoice):
    """A voice that knows which texts it could speak."""

    unusable: set[str] = field(default_factory=set)

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        unusable = settings.message in self.unusable
        return [Unusable("message", f"no text is called {settings.message}")] if unusable else []


@dataclass(frozen=True)
class Said:
    """An answer, read."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.text.splitlines()]


class Client:
    """Somebody who holds a key, or none."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str | None, cookie: str | None = None) -> None:
        self._session = session
        self._base = base
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if cookie:
            self._headers = {"Cookie": f"{COOKIE}={cookie}", TOKEN: token_of(cookie)}

    def at(self, base: str) -> Client:
        """The same key, at another server."""
        return Client(self._session, base, self.token)

    async def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Said:
        async with self._session.request(
            method, self._base + path, headers={**self._headers, **(headers or {})}, **more
        ) as response:
            return Said(response.status, response.headers.copy(), await response.text())

    @asynccontextmanager
    async def opened(self, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose body is left unread."""
        async with self._session.get(self._base + path, headers=self._headers) as response:
            yield response

    async def get(self, path: str, **more: Any) -> Said:
        return await self.ask("GET", path, **more)

    async def read(self, path: str) -> bytes:
        """The bytes of a file."""
        async with self.opened(path) as response:
            return await response.read()

    async def post(self, path: str, **more: Any) -> Said:
        return await self.ask("POST", path, **more)

    async def put(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Said:
        return await self.ask("PUT", path, headers, json=body)

    async def send(self, body: Any, batch_id: str = "B-1", media: str = CSV, packing: str | None = None) -> Said:
        """A call list."""
        headers = {"Content-Type": media} | ({"Content-Encoding": packing} if packing else {})
        address = "/v1/batches" if media == "application/json" else f"/v1/batches?batch_id={batch_id}"
        return await self.ask("POST", address, headers, data=body)


@dataclass(frozen=True)
class Api:
    """What a test needs of the API, and what is behind it."""

    service: Service
    store: SqlStore
    engine: Engine
    voice: StillVoice
    address: tuple[str, int]
    session: aiohttp.ClientSession

    @property
    def base(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    def stranger(self) -> Client:
        return Client(self.session, self.base, None)

    def with_token(self, token: str) -> Client:
        return Client(self.session, self.base, token)

    async def holder(self, scopes: Iterable[str] = Scope, client_id: str | None = None) -> Client:
        """Somebody with a fresh key; of the operator's unless a client is named."""
        prefix, secret, secret_hash = new_key(secrets.token_bytes)
        await self.store.add_key(Key(prefix, frozenset(scopes), client_id, "test"), secret_hash, NOON)
        return self.with_token(f"{prefix}.{secret}")

    def with_cookie(self, cookie: str) -> Client:
        return Client(self.session, self.base, None, cookie)

    async def signed_in(self, name: str, role: Role, **more: Any) -> Client:
        """A person with a session, to whom nothing is owed."""
        user = replace(User(name, role, "no password", must_change=False, totp_secret="A" * 32), **more)
        await self.store.add_user(user, NOON, "test")
        made, now = new_key(secrets.token_bytes), self.service.clock.now()
        session = Session(made.prefix, name, "127.0.0.1", now, now, now + timedelta(hours=1))
        assert await self.store.begin_session(session, made.secret_hash, Proof())
        return self.with_cookie(f"{made.prefix}.{made.secret}")

    async def with_campaigns(self) -> Client:
        """The operator, after having put the five campaigns of the fixtures."""
        operator = await self.holder()
        for campaign in campaigns():
            answer = await operator.put(f"/v1/campaigns/{campaign['campaign_id']}", campaign)
            assert answer.status == 201, answer.text
        return operator


@asynccontextmanager
async def api_on(
    folder: Path, limits: ApiLimits | None = None, store_of: type[SqlStore] = SqlStore, **parts: Any
) -> AsyncIterator[Api]:
    """The API, served on loopback; ``parts`` replace those of the service."""
    file = folder / "dzwonek.db"
    if not file.exists():  # another run of the same test may have left it
        file.write_bytes(await asyncio.to_thread(migrated))
    database = Database(f"sqlite:///{file}")
    try:
        store, clock, voice = store_of(database), Ticking(), StillVoice()
        engine = Engine(
            store, voice, clock, new_id, Bounds([Route("carrier", TrunkLimits(5, 30, 50))], NumberingPlan.TEST)
        )
        await engine.stopping.look()
        await engine.load()
        given: dict[str, Any] = {
            "store": store,
            "engine": engine,
            "intake": Intake(store, engine.lanes, clock, NumberingPlan.TEST, 5, PROFILES),
            "profiles": PROFILES,
            "voice": voice,
            "flow_sources": flow_sources,
            "clock": clock,
            "limits": limits or ApiLimits(),
            "passwords": Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
            "spool": folder / "spool",
            "tapes": Tapes(store, folder / "recordings", clock, timedelta(days=90)),
        }
        service = Service(**given | parts)
        async with serving(service, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
            yield Api(service, store, engine, voice, address, session)
    finally:
        await database.close()


def figure(answer: Said, name: str) -> float:
    """One of the figures for monitoring."""
    [line] = [line for line in answer.text.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


def campaigns() -> list[Json]:
    found: list[Json] = read_json_fixture("campaigns.json")
    return found


def campaign(**changes: Any) -> Json:
    """EN-OVERDUE of CL-ENERGIA, with the changes a test is about; None leaves a field out."""
    [found] = [each for each in campaigns() if each["campaign_id"] == "EN-OVERDUE"]
    return {name: value for name, value in (found | changes).items() if value is not None}


def call_list(rows: int = 20) -> bytes:
    """The first rows of the sample list."""
    return b"".join(read("calllist_2000.csv").splitlines(keepends=True)[: rows + 1])


async def one_saved(api: Api, campaign_id: str = "EN-OVERDUE") -> Attempt:
    """An attempt of the campaign that is not placed yet."""
    await voiced(api, campaign_id)
    await api.engine.lanes.refresh()
    [lane] = [lane for lane, _ in await api.store.lanes() if lane.campaign_id == campaign_id]
    await api.store.wake(api.service.clock.now())

    def decide(contact: Candidate) -> Attempt:
        now, number = api.service.clock.now(), contact.stand.numbers[0].e164
        ordinal, message = contact.attempts + 1, contact.message_key
        return Attempt(new_id(now), contact.contact_id, campaign_id, lane.id, ordinal, number, message, now)

    [attempt] = await api.store.lease(lane.id, 1, decide, api.service.clock.now(), timedelta(days=8))
    return attempt


async def one_call(
    api: Api,
    campaign_id: str = "EN-OVERDUE",
    *,
    answered_for: timedelta | None = None,
    verdict: Detection | None = None,
) -> Attempt:
    """One call of the campaign, over and written down: its message was heard for so long, or nobody answered.

    ``verdict``: on who did, where that is asked.
    """
    attempt = await one_saved(api, campaign_id)
    tracker, at = api.engine.tracker, attempt.started_at
    tracker.begin(attempt, api.engine.routes.trunks[0])
    tracker.on_call(Started(attempt.id, at))
    tracker.on_call(Rang(attempt.id, at + timedelta(seconds=1)))
    if verdict is not None:
        tracker.on_call(Detected(attempt.id, at, verdict))
    if answered_for is None:
        tracker.on_call(Ended(attempt.id, at + timedelta(seconds=25), End.NO_ANSWER, "19"))
    else:
        tracker.on_call(Answered(attempt.id, at + timedelta(seconds=5)))
        tracker.on_call(MessageStarted(attempt.id, at + timedelta(seconds=5, milliseconds=3)))
        over = at + timedelta(seconds=5) + answered_for
        tracker.on_call(MessageEnded(attempt.id, over, answered_for, whole=True))
        tracker.on_call(Ended(attempt.id, over, End.NORMAL, "16"))
    writing = asyncio.create_task(api.engine.concluder.run())
    async with asyncio.timeout(PATIENCE):
        await api.engine.concluder.all_written()
    writing.cancel()
    return attempt


async def voiced(api: Api, campaign_id: str) -> None:
    """Gives every contact of the campaign its message."""
    found = await api.store.campaign(campaign_id)
    assert found is not None
    lanes = [lane.id for lane, _ in await api.store.lanes() if lane.campaign_id == campaign_id]
    now = api.service.clock.now()
    contacts = await api.store.unvoiced(lanes, now, now, 1000)
    if contacts:
        await api.store.voice(contacts, [await api.voice.render(each, found.settings, now.date()) for each in contacts])
