"""What does the API stand on, and what may one client take of it?"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from api.known_keys import KnownKeys
from api.passwords import Passwords
from dialer.core.profiles import Profiles
from dialer.core.rates import Rate
from dialer.core.webhooks import Network
from dialer.engine import Engine
from dialer.lists.intake import Intake
from dialer.ports import Clock
from dialer.ports.store import Store
from dialer.ports.voice import Sources, Voice
from dialer.recorded_talks import Tapes


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """The bounds of one request and of one connection."""

    body: int = 1 << 20
    """Bytes of a JSON body, call lists apart."""
    list_rows: int = 1 << 30
    """Decompressed bytes of a call list that is read row by row (CSV, NDJSON)."""
    list_document: int = 64 << 20
    """Decompressed bytes of a call list that is read as a whole (JSON)."""
    balances: int = 32 << 20
    """Decompressed bytes of a file of balances."""
    silence: timedelta = timedelta(seconds=20)
    """How long a client may send or take nothing while it is its turn; also how long a connection may idle."""
    upload: timedelta = timedelta(minutes=15)
    """How long sending a call list may take altogether."""
    database: timedelta = timedelta(seconds=2)
    """How long the database may take for the answer that it is well."""
    head: int = 8 << 10
    """Bytes of the request line, and of one header."""
    headers: int = 64
    connections: int = 500
    rate: Rate | None = None
    """Requests of one person, or of one key that has no rate of its own; None: as many as they like."""
    strangers: Rate | None = field(default_factory=lambda: Rate(per_second=2.0, burst=60.0))
    """Tries to sign in from one address: a whole shift may begin at once."""
    long_jobs: int = 2
    """Lists, files of balances and exports of one key that may go on at once."""
    all_long_jobs: int = 8


def _no_counts() -> Mapping[str, int]:
    return {}


def _any_number(_: str) -> str | None:
    return None


def _no_troubles() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Service:
    """The engine's parts that the API serves, put together by the entry point."""

    store: Store
    engine: Engine
    intake: Intake
    voice: Voice
    flow_sources: Sources
    """What a scenario's flow says, checked."""
    clock: Clock
    tapes: Tapes
    """Recorded talks."""
    profiles: Profiles
    limits: ApiLimits = field(default_factory=ApiLimits)
    shortest_gap: timedelta = timedelta(minutes=5)
    """Below it no campaign may set its spacing."""
    trusted_proxy: str = ""
    """The address of the proxy in front: what it says of the sender's address is believed."""
    wants_certificates: bool = False
    """Whether senders with keys have to show a certificate of the authority that the operator named."""
    webhook_networks: Sequence[Network] = ()
    """Networks whose receivers may be told of events although they are private, or not encrypted."""
    spool: Path = Path("var/spool")
    """A folder of the API's own: call lists lie in it while they are taken, and whatever a crash left is removed."""
    version: str = field(default_factory=lambda: version("dzwonek"))
    known_keys: KnownKeys = field(default_factory=KnownKeys)
    passwords: Passwords = field(default_factory=Passwords)
    proving: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while somebody proves who they are."""
    session_idle: timedelta = timedelta(minutes=30)
    """A session in which nothing is asked for so long has ended."""
    session_lasts: timedelta = timedelta(hours=12)
    """So long a session lasts at most."""
    set_up_hash: str | None = None
    """SHA-256 of the secret that makes the first user; None: there were users when the engine started."""
    presentable: Callable[[str], str | None] = _any_number
    """Why a number may not be presented to those who are called; None if it may."""
    troubles: Callable[[], Mapping[str, str]] = _no_troubles
    """What keeps parts of the engine from working now (``dialing``, ``voice``), and why; shown by /health."""
    outstanding: Callable[[], int] = int
    """Calls sent that the switch has not begun yet."""
    flow_counts: Callable[[], Mapping[str, int]] = _no_counts
    """Totals of the FastAGI server, for /metrics."""
