"""With which certificates does the API speak, if it does so in secret?"""

from pathlib import Path

from api.tls import Tls, TlsFiles, TlsProblem
from dialer.config import ConfigurationProblem, Settings


def tls_in(settings: Settings) -> Tls | None:
    """None: the API speaks plain HTTP.

    Raises:
        ConfigurationProblem: a file cannot be used.
    """
    if not settings.tls_certificate:
        return None
    authority, revoked = settings.tls_client_authority, settings.tls_revoked
    try:
        return Tls(
            TlsFiles(
                Path(settings.tls_certificate),
                Path(settings.tls_key),
                Path(authority) if authority else None,
                Path(revoked) if revoked else None,
            )
        )
    except TlsProblem as problem:
        raise ConfigurationProblem(f"TLS: {problem}") from problem
