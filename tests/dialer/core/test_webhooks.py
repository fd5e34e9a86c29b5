"""Can a receiver verify what it is told, and is it told again for as long as promised?"""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from dialer.core.feed import EventType, FeedEvent
from dialer.core.webhooks import (
    BACK_OFF,
    GIVEN_UP_AFTER,
    Answered,
    Next,
    Verdict,
    following,
    headers,
    is_private,
    may_be_told,
    message,
    new_secret,
)

NOW = datetime.now(UTC).replace(microsecond=0)  # the independent witness compares with its own clock
SETTLED = FeedEvent(EventType.CASE_SETTLED, NOW, "CL-ENERGIA", "EN/1", "key:dz1", body={"balance": "0.00", "ł": "ń"})
SECRET, OTHER = new_secret(lambda count: b"\x01" * count), new_secret(lambda count: b"\x02" * count)


# ---- the signature --------------------------------------------------------------------------------------


def test_a_receiver_verifies_it_with_the_library_of_the_standard() -> None:
    body = message(7, 5, SETTLED)
    sent = dict(headers(7, body, [SECRET], datetime.now(UTC)))
    assert Webhook(SECRET).verify(body, sent) == json.loads(body)
    assert sent["webhook-id"] == "evt_7"


def test_while_a_secret_is_replaced_either_verifies() -> None:
    body = message(7, 5, SETTLED)
    sent = dict(headers(7, body, [SECRET, OTHER], datetime.now(UTC)))
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(body, sent)


@pytest.mark.parametrize("spoiled", ["body", "secret", "id", "time"])
def test_whatever_is_altered_is_noticed(spoiled: str) -> None:
    body = message(7, 5, SETTLED)
    sent = dict(headers(7, body, [SECRET], datetime.now(UTC)))
    match spoiled:
        case "body":
            body += b" "
        case "id":
            sent["webhook-id"] = "evt_8"
        case "time":
            sent["webhook-timestamp"] = str(int(sent["webhook-timestamp"]) + 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER if spoiled == "secret" else SECRET).verify(body, sent)


def test_it_says_what_the_feed_says() -> None:
    told = json.loads(message(7, 5, SETTLED))
    assert (told["type"], told["timestamp"]) == ("case.settled", NOW.isoformat().replace("+00:00", "Z"))
    assert (told["data"]["seq"], told["data"]["previous"], told["data"]["case_id"]) == (7, 5, "EN/1")
    assert told["data"]["data"] == {"balance": "0.00", "ł": "ń"}


# ---- again, and until when ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_takes_it(status: int) -> None:
    assert following(Answered(status), 1, NOW, NOW) == Next(Verdict.DELIVERED)


@pytest.mark.parametrize("status", [None, 100, 301, 302, 400, 401, 404, 408, 429, 500, 503])
def test_whatever_else_is_answered_it_is_told_again(status: int | None) -> None:
    assert following(Answered(status), 1, NOW, NOW) == Next(Verdict.AGAIN, NOW + BACK_OFF[0])


def test_a_receiver_that_is_gone_is_told_no_more() -> None:
    assert following(Answered(410), 1, NOW, NOW).verdict is Verdict.GONE


def test_the_waits_grow_up_to_some_hours_and_then_stay() -> None:
    waits = [(following(Answered(500), tries, NOW, NOW).at or NOW) - NOW for tries in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] <= timedelta(seconds=10)
    assert timedelta(hours=1) < waits[-1] <= timedelta(hours=12)


def test_it_is_tried_for_days_and_then_given_up() -> None:
    since, now, tries = NOW, NOW, 0
    while (step := following(Answered(503), tries := tries + 1, since, now)).verdict is Verdict.AGAIN:
        now = step.at or now
    assert step.verdict is Verdict.GIVEN_UP
    assert GIVEN_UP_AFTER <= now - since < GIVEN_UP_AFTER + max(BACK_OFF)
    assert tries > len(BACK_OFF)


# ---- where to -------------------------------------------------------------------------------------------

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_what_only_a_network_within_reaches_is_not_told(address: str) -> None:
    assert not may_be_told(ip_address(address), [], is_encrypted=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_world_is_told_encrypted_only(address: str) -> None:
    assert may_be_told(ip_address(address), [], is_encrypted=True)
    assert not may_be_told(ip_address(address), [], is_encrypted=False)


def test_a_network_that_is_named_is_told_in_any_way() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1"):
        assert may_be_told(ip_address(address), allowed, is_encrypted=False)
    for address in ("10.2.0.1", "127.0.0.1", "fe80::1"):
        assert not may_be_told(ip_address(address), allowed, is_encrypted=True)


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_what_it_is(address: IPv4Address) -> None:
    for disguise in (f"::ffff:{address}", f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"):
        assert is_private(IPv6Address(disguise)) == is_private(address)
