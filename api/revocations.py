"""Is a certificate that was good when its connection began still good?

OpenSSL asks once, in the handshake; a connection may live on for as long as it is used. What it would refuse to a new
one is refused here, in its words.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from cryptography.x509 import Certificate, CertificateRevocationList, load_pem_x509_crl

_ONE = re.compile(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)


class Revocations:
    """Lists of authorities that were verified by whoever loaded them into OpenSSL.

    Raises:
        ValueError: that is no revocation list.
    """

    def __init__(self, pem: bytes) -> None:
        self._lists: Sequence[CertificateRevocationList] = [load_pem_x509_crl(each) for each in _ONE.findall(pem)]

    def objection(self, shown: Certificate, now: datetime) -> str | None:
        """Why the certificate is good no longer. Without a list in force it is not, as in the handshake."""
        of_authority = [each for each in self._lists if each.issuer == shown.issuer]
        in_force = [each for each in of_authority if each.next_update_utc is None or now < each.next_update_utc]
        if not in_force:
            return "CRL has expired" if of_authority else "unable to get certificate CRL"
        is_listed = any(each.get_revoked_certificate_by_serial_number(shown.serial_number) for each in in_force)
        return "certificate revoked" if is_listed else None
