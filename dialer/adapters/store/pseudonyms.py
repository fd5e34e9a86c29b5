"""How does the database know somebody again who was erased?"""

import secrets
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from dialer.adapters.store.access_tables import pseudonym_key
from dialer.core.pseudonyms import Erased, pseudonym

_KEY = sa.select(pseudonym_key.c.key)


class Pseudonyms:
    """Those of one installation; there are none before its first erasure."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def debtor(self, client_id: str, ref: str) -> str:
        return pseudonym(self._key, Erased.DEBTOR, client_id, ref)

    def number(self, e164: str) -> str:
        return pseudonym(self._key, Erased.NUMBER, e164)


def pseudonyms(connection: sa.Connection) -> Pseudonyms | None:
    key = connection.execute(_KEY).scalar_one_or_none()
    return None if key is None else Pseudonyms(key)


def first_pseudonyms(connection: sa.Connection) -> Pseudonyms:
    """The key is made with the first erasure, under the caller's lock."""
    known = pseudonyms(connection)
    if known is not None:
        return known
    key = secrets.token_bytes(32)
    connection.execute(pseudonym_key.insert(), {"id": 1, "key": key})
    return Pseudonyms(key)


def erased_numbers(connection: sa.Connection, e164: Iterable[str]) -> Mapping[str, str]:
    """The numbers by their pseudonyms; empty while nobody was erased."""
    known = pseudonyms(connection)
    return {} if known is None else {known.number(number): number for number in e164}
