"""Who is told of events, how far have they been told, and what could not be told?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.feed import EventType
from dialer.core.webhooks import WebhookState


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. ``revision`` counts what people change of it; deliveries change the rest."""

    id: int
    client_id: str | None  # whose events; None: every client's, and the installation's
    url: str
    types: frozenset[EventType] | None  # None: all
    state: WebhookState
    secrets: Sequence[str]  # the one in force, and the one before it for as long as both sign
    created_at: datetime
    revision: int
    told: int  # the number of the last event that was delivered or given up
    tries: int = 0  # of the event behind it
    tried_since: datetime | None = None
    next_at: datetime | None = None  # not before; None: as soon as there is something to tell
    because: str | None = None  # why the last try failed


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """What is to be different; None leaves it as it is."""

    url: str | None = None
    types: Collection[EventType] | None = None  # empty: all
    is_paused: bool | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscription's deliveries have come."""

    told: int
    tries: int = 0
    tried_since: datetime | None = None
    next_at: datetime | None = None
    because: str | None = None
    state: WebhookState = WebhookState.ACTIVE


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was tried for days, and given up."""

    seq: int
    tries: int
    because: str
    given_up_at: datetime


class Webhooks(Protocol):
    async def add_webhook(
        self,
        client_id: str | None,
        url: str,
        types: Collection[EventType] | None,
        secret: str,
        after: int | None,
        actor: str,
        now: datetime,
    ) -> Webhook:
        """Tell of events from behind ``after`` on; None: of those to come."""
        ...

    async def webhook(self, webhook_id: int, now: datetime) -> Webhook | None: ...

    async def webhooks(self, client_id: str | None, after: int, limit: int, now: datetime) -> Sequence[Webhook]:
        """A page by id, one client's or all."""
        ...

    async def change_webhook(self, webhook_id: int, change: WebhookChange, actor: str, now: datetime) -> Webhook:
        """Raises KeyError: there is none."""
        ...

    async def rotate_webhook(
        self, webhook_id: int, secret: str, former_until: datetime, actor: str, now: datetime
    ) -> Webhook:
        """Sign with another secret, and until then with the one before it, too. Raises KeyError: there is none."""
        ...

    async def replay_webhook(self, webhook_id: int, after: int, actor: str, now: datetime) -> Webhook:
        """Tell again what comes behind ``after``, at once. Raises KeyError: there is none."""
        ...

    async def remove_webhook(self, webhook_id: int, actor: str, now: datetime) -> bool: ...

    async def due_webhooks(self, now: datetime) -> Sequence[Webhook]:
        """Those that may be told something now."""
        ...

    async def told_webhook(self, webhook: Webhook, progress: Progress, dead: DeadLetter | None = None) -> bool:
        """Note how far it has come; False: somebody has changed it since it was read, and nothing was noted."""
        ...

    async def dead_letters(self, webhook_id: int, after: int, limit: int) -> Sequence[DeadLetter]:
        """A page by number."""
        ...
