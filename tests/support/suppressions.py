"""Wishes not to be called, with the values a test is about."""

from datetime import datetime

from dialer.adapters.store import SqlStore
from dialer.core.suppressions import EVERY_CLIENT, SuppressionReason, Wish
from dialer.ports.store import Suppressed
from tests.support.stores import NOW

CALLEE = "callee"


def wish(
    number: str | None = None,
    debtor: str | None = None,
    client: str = "CL-CZYNSZ",
    reason: SuppressionReason = SuppressionReason.OPT_OUT,
    until: datetime | None = None,
) -> Wish:
    return Wish(client, number, debtor, reason, None, until)


def everywhere(number: str) -> Wish:
    return wish(number, client=EVERY_CLIENT, reason=SuppressionReason.DO_NOT_CALL)


def wrong(number: str, debtor: str) -> Wish:
    return wish(number, debtor, reason=SuppressionReason.WRONG_NUMBER)


async def suppress(store: SqlStore, asked: Wish, now: datetime = NOW) -> Suppressed:
    return await store.suppress(asked, CALLEE, now)
