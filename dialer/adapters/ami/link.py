"""Is there a usable link to Asterisk, and how does it come back? Nothing that was sent is ever sent again."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from dialer.adapters.ami.connection import ActionRefused, Connection, Headers, OutcomeUnknown
from dialer.adapters.ami.contract import BOOTED
from dialer.adapters.ami.protocol import Message, challenge_key
from dialer.ports import Presence, SwitchAway

log = structlog.get_logger(__name__)

MOST_DOUBLINGS: Final = 16  # of the pause; every sensible longest_pause is reached before


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Where Asterisk's manager interface is, who we are, and how patient.

    The secret never crosses the wire: login answers a challenge. That hides it from a listener and no more; beyond
    loopback give a ``tls`` context too (``tlsenable`` in manager.conf).
    """

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext | None = None
    tls_hostname: str | None = None  # the name in the certificate, when it is not the host
    connect_within: timedelta = timedelta(seconds=5)
    answer_within: timedelta = timedelta(seconds=5)
    ping_every: timedelta = timedelta(seconds=5)  # with answer_within: how soon a half-open link is noticed
    first_pause: timedelta = timedelta(milliseconds=250)  # after a restart Asterisk accepts again within that time
    longest_pause: timedelta = timedelta(seconds=30)
    refused_pause: timedelta = timedelta(seconds=30)  # each refusal is an entry in Asterisk's security log
    gathering: timedelta = timedelta(milliseconds=5)  # how long events may wait for the ones after them
    unsent_limit: int = 256 * 1024  # bytes, about 700 calls


class Link:
    """The link, through all its connections.

    ``on_message`` gets every message nobody asked for; ``on_presence`` every change. ``random`` (0 ≤ x < 1) spreads the
    pauses of several engines.
    """

    def __init__(
        self,
        settings: LinkSettings,
        on_message: Callable[[Message], None],
        on_presence: Callable[[Presence], None],
        random: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._on_message = on_message
        self._on_presence = on_presence
        self._random = random
        self._connection: Connection | None = None
        self._failures = 0  # since the last READY
        self.presence = Presence.AWAY

    def send(self, name: str, headers: Headers) -> None:
        """Write an action; raises SwitchAway when nothing was written, as does a link that is not READY."""
        self._ready().send(name, headers)

    async def ask(self, name: str, headers: Headers = ()) -> Message:
        """The answer to an action; raises as `ask_list`."""
        return await self._ready().ask(name, headers, within=self._settings.answer_within)

    async def ask_list(self, name: str, headers: Headers = ()) -> list[Message]:
        """The items of a list action.

        Raises:
            SwitchAway: nothing was written.
            OutcomeUnknown: no answer came.
            ActionRefused: the switch does not let us.
        """
        return await self._ready().ask_list(name, headers, within=self._settings.answer_within)

    async def run(self) -> None:
        """Keep the link up until cancelled; then it is closed, whatever it was doing."""
        while True:
            pause = await self._visit()
            await asyncio.sleep(pause.total_seconds())

    def _ready(self) -> Connection:
        if self.presence is not Presence.READY or self._connection is None:
            raise SwitchAway(f"the switch is {self.presence}")
        return self._connection

    async def _visit(self) -> timedelta:
        """One connection from beginning to end; the pause before the next."""
        try:
            connection = await self._connect()
        except OSError as error:
            return self._after_failure(f"no connection: {str(error) or 'no answer in time'}")
        self._connection = connection
        try:
            await self._log_in(connection)
            await self._keep_alive(connection)
        except ActionRefused as refusal:
            return self._after_refusal(str(refusal))
        except (OutcomeUnknown, SwitchAway) as error:
            connection.drop(str(error))
            return self._after_failure(str(error))
        finally:
            self._connection = None
            if self.presence is Presence.READY:
                self._become(Presence.AWAY, why=connection.why_lost)
            await connection.close()
        return self._after_failure(connection.why_lost)

    async def _connect(self) -> Connection:
        name = (self._settings.tls_hostname or self._settings.host) if self._settings.tls else None
        async with asyncio.timeout(self._settings.connect_within.total_seconds()):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self._hear, self._settings.unsent_limit, self._settings.gathering),
                self._settings.host,
                self._settings.port,
                ssl=self._settings.tls,
                server_hostname=name,
            )
        return connection

    async def _log_in(self, connection: Connection) -> None:
        within = self._settings.answer_within
        challenge = await connection.ask("Challenge", [("AuthType", "MD5")], within=within)
        key = challenge_key(challenge.get("Challenge"), self._settings.secret)
        login = [("AuthType", "MD5"), ("Username", self._settings.user), ("Key", key), ("Events", "on")]
        await connection.ask("Login", login, within=within)

    async def _keep_alive(self, connection: Connection) -> None:
        """Until the connection is lost; raises OutcomeUnknown when it only seems to be there."""
        warned = False
        while not await connection.is_lost(self._settings.ping_every):
            if self.presence is not Presence.READY and not warned:
                warned = True
                log.warning("the switch has not finished starting, or its AMI user lacks read=system")
            await connection.ask("Ping", within=self._settings.answer_within)

    def _hear(self, message: Message) -> None:
        if message.name == BOOTED and message.is_event:
            # Sent after every login, but only by a switch that has loaded its dialplan and trunks.
            self._failures = 0
            self._become(Presence.READY)
        else:
            self._on_message(message)

    def _after_failure(self, why: str) -> timedelta:
        doublings = min(self._failures, MOST_DOUBLINGS)
        self._failures += 1
        pause = min(self._settings.longest_pause, self._settings.first_pause * (1 << doublings))
        pause *= 0.5 + self._random() / 2
        self._become(Presence.AWAY)
        log.warning("no link to the switch", why=why, next_try_seconds=round(pause.total_seconds(), 3), **self._place)
        return pause

    def _after_refusal(self, why: str) -> timedelta:
        self._become(Presence.REFUSED, why=why)
        log.error(
            "the switch refuses our login: compare user, secret and permit with its manager.conf",
            why=why,
            user=self._settings.user,
            next_try_seconds=self._settings.refused_pause.total_seconds(),
            **self._place,
        )
        return self._settings.refused_pause

    @property
    def _place(self) -> dict[str, str | int]:
        return {"host": self._settings.host, "port": self._settings.port}

    def _become(self, presence: Presence, why: str = "") -> None:
        if presence is self.presence:
            return
        log.info("switch", was=self.presence, presence=presence, **({"why": why} if why else {}))
        self.presence = presence
        try:
            self._on_presence(presence)
        except Exception:
            log.exception("nobody could be told of the switch's presence", presence=presence)
