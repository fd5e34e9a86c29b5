"""Who is told of events, how can the receiver be sure that we told it, and when is it told again?

Signatures, ids and headers are those of Standard Webhooks (standardwebhooks.com).
"""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from dialer.core.feed import FeedEvent, shown

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
GIVEN_UP_AFTER = timedelta(days=3)
BACK_OFF = (
    timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30),
    timedelta(hours=1), timedelta(hours=3), timedelta(hours=6),
)  # fmt: skip

_NAT64 = IPv6Network("64:ff9b::/96")


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # somebody ordered it
    GONE = "gone"  # the receiver answered 410: it wants no more


class Verdict(StrEnum):
    """What becomes of an event that was sent."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GIVEN_UP = "given_up"  # it is kept among the dead letters, and the next one is sent
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the receiver did. ``status`` None: it answered nothing that could be read; ``because`` says why."""

    status: int | None
    because: str = ""

    @property
    def reason(self) -> str:
        return self.because or f"answered {self.status}"


@dataclass(frozen=True, slots=True)
class Next:
    verdict: Verdict
    at: datetime | None = None  # when it is sent again


def following(answered: Answered, tries: int, since: datetime, now: datetime) -> Next:
    """What follows a try.

    Args:
        tries: of this event, this one among them.
        since: when it was tried first.
    """
    if answered.status is not None and 200 <= answered.status < 300:
        return Next(Verdict.DELIVERED)
    if answered.status == 410:
        return Next(Verdict.GONE)
    wait = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    if now - since >= GIVEN_UP_AFTER:
        return Next(Verdict.GIVEN_UP)
    return Next(Verdict.AGAIN, now + wait)


def new_secret(random: Callable[[int], bytes]) -> str:
    return SECRET_PREFIX + b64encode(random(32)).decode()


def message(seq: int, previous: int, event: FeedEvent) -> bytes:
    """The body that is sent: the event as the feed shows it."""
    told = shown(seq, previous, event)
    return json.dumps(
        {"type": told["type"], "timestamp": told["at"], "data": told}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def headers(seq: int, body: bytes, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """What goes with it; while a secret is being replaced, it is signed with both."""
    name, moment = f"evt_{seq}", str(int(now.timestamp()))
    signed = f"{name}.{moment}.".encode() + body
    signatures = [hmac.digest(b64decode(each.removeprefix(SECRET_PREFIX)), signed, sha256) for each in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{b64encode(each).decode()}" for each in signatures),
        "content-type": "application/json",
    }


def is_private(address: Address) -> bool:
    """Whether it is an address that only those within a network reach, or one that hides such an address."""
    if isinstance(address, IPv6Address):
        if (inner := _within(address)) is not None:
            return is_private(inner)
        if address.is_site_local:
            return True
    return not address.is_global or address.is_multicast


def may_be_told(address: Address, allowed: Sequence[Network], *, is_encrypted: bool) -> bool:
    """Whether events may be sent there: to the world encrypted, within named networks in any way."""
    plain = _within(address) or address if isinstance(address, IPv6Address) else address
    if any(plain in network for network in allowed if network.version == plain.version):
        return True
    return is_encrypted and not is_private(address)


def _within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        inner = ip_address(int(address) & 0xFFFFFFFF)
        return inner if isinstance(inner, IPv4Address) else None
    return None
