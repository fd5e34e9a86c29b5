"""An authority of one's own, whose certificates are as good or as bad as a test wants them."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True)
class Paper:
    """A certificate with its key, in a file each."""

    certificate: Path
    key: Path
    number: int


@dataclass
class Authority:
    """Signs whatever it is asked to."""

    folder: Path
    name: str = "Test authority"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        made = self._begun(self.name, self.key.public_key(), timedelta(days=30)).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        signed = made.add_extension(usage, critical=True).sign(self.key, hashes.SHA256())
        self.file.write_bytes(signed.public_bytes(Encoding.PEM))

    def issue(self, name: str, *, lasts: timedelta = DAY, hosts: Sequence[str] = ()) -> Paper:
        """A certificate of that common name; ``lasts`` below zero: it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._begun(name, key.public_key(), lasts)
        if hosts:
            told = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
            made = made.add_extension(x509.SubjectAlternativeName(told), critical=False)
        signed = made.sign(self.key, hashes.SHA256())
        paper = Paper(self.folder / f"{name}.pem", self.folder / f"{name}.key", signed.serial_number)
        paper.certificate.write_bytes(signed.public_bytes(Encoding.PEM))
        paper.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return paper

    def revoke(self, *papers: Paper, lasts: timedelta = DAY) -> Path:
        """The list of those that are revoked: these, and no others; ``lasts`` below zero: its time is over."""
        now = datetime.now(UTC)
        made = x509.CertificateRevocationListBuilder().issuer_name(_name(self.name))
        made = made.last_update(now - 30 * DAY).next_update(now + lasts)
        for paper in papers:
            entry = x509.RevokedCertificateBuilder().serial_number(paper.number).revocation_date(now - DAY)
            made = made.add_revoked_certificate(entry.build())
        file = self.folder / "revoked.pem"
        file.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        return file

    def trusted(self, shown: Paper | None = None) -> ssl.SSLContext:
        """What a client of ours connects with."""
        context = ssl.create_default_context(cafile=str(self.file))
        if shown:
            context.load_cert_chain(shown.certificate, shown.key)
        return context

    def _begun(self, name: str, key: ec.EllipticCurvePublicKey, lasts: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + lasts)
        )
