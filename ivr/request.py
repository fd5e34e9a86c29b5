"""What does the switch ask us to play, and for which call?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl

MOST_QUERY_FIELDS = 32
INBOUND = "/inbound"


@dataclass(frozen=True, slots=True)
class Request:
    """One call's request, from ``AGI(agi://host:port/route?name=value)`` in the dialplan.

    ``uniqueid`` is the identity the dialer gave the call when it placed it. The environment holds the callee's
    number and name, and so is never shown.
    """

    route: str
    query: Mapping[str, str]
    uniqueid: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def is_inbound(self) -> bool:
        """Whether somebody calls us: it rings, and nobody has answered yet."""
        return self.route == INBOUND

    @property
    def dialled(self) -> str:
        """The number at which we are called."""
        return self.environment.get("agi_extension", "")

    @property
    def caller(self) -> str:
        """The number of whoever calls us, as the network tells it; ``unknown`` if it is withheld."""
        return self.environment.get("agi_callerid", "")

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Raises ValueError when the environment names no call, or the query has too many fields."""
        uniqueid = environment.get("agi_uniqueid", "")
        if not uniqueid:
            raise ValueError("an AGI environment without agi_uniqueid")
        # Asterisk sends the part of the URL after "host:port/", and nothing at all when that is empty.
        path, _, query = environment.get("agi_network_script", "").partition("?")
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_QUERY_FIELDS)
        return cls("/" + path.lstrip("/"), dict(fields), uniqueid, environment)
