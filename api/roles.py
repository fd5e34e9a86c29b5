"""What may the people of each role do?

One table, asked wherever a key's scopes are asked: a person is permitted in the same place as a program.
"""

from collections.abc import Mapping

from api.scopes import Scope
from dialer.ports.store import Role

_SEEN = frozenset(
    {
        Scope.ACCOUNT,
        Scope.BRANDS_READ,
        Scope.CAMPAIGNS_READ,
        Scope.CASES_READ,
        Scope.CLIENTS_READ,
        Scope.CONTACTS_READ,
        Scope.EVENTS_READ,
        Scope.SCENARIOS_READ,
        Scope.SUPPRESSIONS_READ,
    }
)

SCOPES_OF: Mapping[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset(Scope),
    Role.SUPERVISOR: _SEEN
    | {
        Scope.AGENTS_ACT,
        Scope.AGENTS_LISTEN,
        Scope.AGENTS_READ,
        Scope.AGENTS_WRITE,
        Scope.BALANCES_WRITE,
        Scope.BRANDS_WRITE,
        Scope.CAMPAIGNS_WRITE,
        Scope.CASES_WRITE,
        Scope.CLIENTS_WRITE,
        Scope.ENGINE_STOP,
        Scope.LISTS_WRITE,
        Scope.SCENARIOS_WRITE,
        Scope.SUPPRESSIONS_WRITE,
    },
    Role.AGENT: frozenset({Scope.ACCOUNT, Scope.AGENTS_ACT}),
    Role.CONTROLLER: _SEEN | {Scope.AGENTS_READ, Scope.AUDIT_READ, Scope.METRICS},
    Role.CLIENT: _SEEN | {Scope.AUDIT_READ, Scope.CASES_WRITE, Scope.CLIENTS_WRITE, Scope.SUPPRESSIONS_WRITE},
}

WITH_SECOND_FACTOR = frozenset({Role.ADMIN})  # nobody in these roles does anything without one
