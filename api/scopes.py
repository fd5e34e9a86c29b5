"""What may a key be used for?"""

from enum import StrEnum


class Scope(StrEnum):
    LISTS_WRITE = "lists:write"  # send call lists, and read what was said of their rows
    BALANCES_WRITE = "balances:write"  # send balances, which end calls
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"  # their names, and what they have decided
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"  # change settings; start, pause and stop
    BRANDS_READ = "brands:read"  # brands, and what is recorded for them
    BRANDS_WRITE = "brands:write"
    SCENARIOS_READ = "scenarios:read"  # what callees hear, and who approved it
    SCENARIOS_WRITE = "scenarios:write"  # draft, approve and retire
    CONTACTS_READ = "contacts:read"  # contacts and attempts, with numbers and messages
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"  # flags, disputes, stages
    SUPPRESSIONS_READ = "suppressions:read"  # who asked not to be called
    SUPPRESSIONS_WRITE = "suppressions:write"
    ERASURES_MANAGE = "erasures:manage"  # have debtors forgotten, and see what was removed
    RETENTION_MANAGE = "retention:manage"  # how long personal data is kept
    AGENTS_READ = "agents:read"  # who they are and what they are doing
    AGENTS_WRITE = "agents:write"  # their telephones and skills
    AGENTS_ACT = "agents:act"  # log in and out, pause, take calls
    RECORDINGS_READ = "recordings:read"  # hear recorded talks
    AGENTS_LISTEN = "agents:listen"  # hear agents' talks, whisper and barge in
    ENGINE_STOP = "engine:stop"  # the global stop
    EVENTS_READ = "events:read"  # the feed of what has happened
    WEBHOOKS_MANAGE = "webhooks:manage"  # be told of events: as good as reading them
    KEYS_MANAGE = "keys:manage"  # see, make, rotate and revoke keys; say whose certificates are
    AUDIT_READ = "audit:read"  # who changed what
    METRICS = "metrics"
    USERS_MANAGE = "users:manage"  # people, their roles, and who has signed in
    ACCOUNT = "account"  # one's own password, second factor and session: a person's, never a key's


OPERATORS = frozenset(  # of all clients: never a client's key
    {
        Scope.ENGINE_STOP,
        Scope.KEYS_MANAGE,
        Scope.METRICS,
        Scope.AGENTS_READ,
        Scope.AGENTS_WRITE,
        Scope.AGENTS_ACT,
        Scope.AGENTS_LISTEN,
        Scope.USERS_MANAGE,
    }
)
OF_KEYS = frozenset(Scope) - {Scope.ACCOUNT}
