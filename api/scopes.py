"""What may a key be used for?"""

from enum import StrEnum


class Scope(StrEnum):
    LISTS_WRITE = "lists:write"  # send call lists, and read what was said of their rows
    BALANCES_WRITE = "balances:write"  # send balances, which end calls
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"  # change settings; start, pause and stop
    CONTACTS_READ = "contacts:read"  # contacts and attempts, with numbers and messages
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"  # flags, disputes, stages
    SUPPRESSIONS_READ = "suppressions:read"  # who asked not to be called
    SUPPRESSIONS_WRITE = "suppressions:write"
    ENGINE_STOP = "engine:stop"  # the global stop
    EVENTS_READ = "events:read"  # the feed of what has happened
    KEYS_MANAGE = "keys:manage"  # see, make, rotate and revoke keys
    AUDIT_READ = "audit:read"  # who changed what
    METRICS = "metrics"


OPERATORS = frozenset({Scope.ENGINE_STOP, Scope.KEYS_MANAGE, Scope.METRICS})  # of all clients: never a client's key
