"""Which certificate does the API show, and whose certificates does it take?

TLS 1.2 and 1.3 only, with forward secrecy and authenticated ciphers. The files are looked at whenever somebody
connects, and before a certificate that was shown opens anything: a renewed certificate takes effect on the next
connection and open ones go on, a newer revocation list ends what it revokes on open ones, too.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from aiohttp import web
from cryptography.x509 import load_der_x509_certificate

from api.revocations import Revocations

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all good

T = TypeVar("T")
_Stamp = tuple[tuple[int, int, int], ...]

log = structlog.get_logger(__name__)


class TlsProblem(Exception):
    """The files cannot be used; the message says which, and what is wrong."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """All PEM. The key is not encrypted: it is protected by its rights."""

    certificate: Path  # the API's own, then those between it and its authority
    key: Path
    client_authority: Path | None = None  # senders with keys show a certificate of it; None: nobody is asked for one
    revoked: Path | None = None  # the authority's revocation list

    def __iter__(self) -> Iterator[Path]:
        return filter(None, (self.certificate, self.key, self.client_authority, self.revoked))


class Tls:
    """The files as they are now, ready for a handshake.

    Raises:
        TlsProblem: they cannot be used.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._seen = _stamp(files)
        self._context, self._revocations = _loaded(files)

    @property
    def context(self) -> ssl.SSLContext:
        """For the next connection. Files that became unusable leave what held before them in force."""
        self._look()
        return self._context

    def objection(self, request: web.Request, now: datetime) -> str | None:
        """Why the certificate that was shown when the connection began is good no longer; None: it is, or none was."""
        secret: ssl.SSLObject | None = request.transport.get_extra_info("ssl_object") if request.transport else None
        shown = secret.getpeercert(binary_form=True) if secret else None
        if not shown:
            return None
        certificate = load_der_x509_certificate(shown)
        if certificate.not_valid_after_utc < now:
            return "certificate has expired"
        self._look()
        return self._revocations.objection(certificate, now) if self._revocations else None

    def _look(self) -> None:
        try:
            seen = _stamp(self._files)
            if seen != self._seen:
                self._seen = seen
                self._context, self._revocations = _loaded(self._files)
                log.info("tls_renewed")
        except TlsProblem as problem:
            log.error("tls_not_renewed", because=str(problem))


TLS = web.AppKey[Tls | None]("tls", Tls)
"""None: plain HTTP is spoken."""


def names_shown(request: web.Request) -> Sequence[str] | None:
    """What the sender's certificate calls it, such as ``DNS:crm.example`` and ``CN:crm``; None: it showed none.

    Only a certificate that the handshake has verified is ever seen here.
    """
    shown: Mapping[str, Any] | None = request.transport.get_extra_info("peercert") if request.transport else None
    if not shown:
        return None
    others = [f"{kind}:{name}" for kind, name in shown.get("subjectAltName", ()) if kind in ("DNS", "URI", "email")]
    common = [f"CN:{name}" for part in shown.get("subject", ()) for kind, name in part if kind == "commonName"]
    return [*others, *common]


def reason(error: Exception) -> str:
    """Why a handshake failed, in OpenSSL's words: they name no person."""
    match error:
        case ssl.SSLCertVerificationError():
            return error.verify_message
        case ssl.SSLError():
            return (error.reason or "unknown").lower().replace("_", " ")
    return "it took too long" if "longer" in str(error) else "the peer left"


def _stamp(files: TlsFiles) -> _Stamp:
    """Changes whenever a file does."""
    found = []
    for path in files:
        try:
            state = path.stat()
        except OSError as error:
            raise TlsProblem(f"{path} cannot be read: {error.strerror}") from error
        found.append((state.st_mtime_ns, state.st_size, state.st_ino))
    return tuple(found)


def _loaded(files: TlsFiles) -> tuple[ssl.SSLContext, Revocations | None]:
    context = _context(files)
    if files.revoked is None:
        return context, None
    revoked = files.revoked
    return context, _load(revoked, lambda: Revocations(revoked.read_bytes()))


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0  # a resumed session would not be asked again whether its certificate was revoked since
    context.options |= ssl.OP_NO_TICKET
    _load(files.certificate, lambda: context.load_cert_chain(files.certificate, files.key, _no_password))
    if files.client_authority:
        authority = files.client_authority
        # People with sessions have none, so nobody is sent away for it here; what is shown has to be good.
        context.verify_mode = ssl.CERT_OPTIONAL
        _load(authority, lambda: context.load_verify_locations(authority))
    if files.revoked:
        revoked = files.revoked
        _load(revoked, lambda: context.load_verify_locations(revoked))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def _load(path: Path, load: Callable[[], T]) -> T:
    try:
        return load()
    except OSError as error:  # what OpenSSL complains of is one, too
        raise TlsProblem(f"{path} cannot be used: {error.strerror or error}") from error
    except ValueError as error:
        raise TlsProblem(f"{path} cannot be used: {error}") from error


def _no_password() -> str:
    raise TlsProblem("the key is encrypted: store it in clear, readable for the engine's user only")
