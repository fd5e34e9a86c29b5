"""Is a port still free?"""

from __future__ import annotations

import socket

from lab import LaboratoryError
from lab.settings import Endpoint


def is_free(endpoint: Endpoint, kind: socket.SocketKind) -> bool:
    """Whether nobody listens there (TCP) or has bound it (UDP)."""
    with socket.socket(socket.AF_INET, kind) as probe:
        # Connections of a former run that still wait to time out are no listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind is socket.SOCK_STREAM))
        try:
            probe.bind((endpoint.host, endpoint.port))
        except OSError:
            return False
        return True


def require_free(endpoint: Endpoint, kind: socket.SocketKind) -> None:
    if not is_free(endpoint, kind):
        raise LaboratoryError(
            f"{endpoint} is taken: another laboratory or Asterisk runs there; end it or choose another LAB_NETWORK"
        )
