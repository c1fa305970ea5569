"""Certificates of processors: whether one is to be believed for a domain at a time, and what it has signed.

A certificate is good where an authority that we know has issued it for a server of that name, and its time runs: by
the rules that browsers go by. That rules out those that sign themselves. Whether one was revoked is not asked: few
authorities answer that any more; a certificate is fetched again every hour, which is how a processor takes one back.
"""

# serves: E-04, T-2

import ssl
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from rightsdesk.domain.errors import OutboundRefusedError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from cryptography.x509.verification import Store

_MOST_OF_A_CHAIN = 8


@dataclass(frozen=True)
class BelievedCertificate:
    """A certificate that was checked, until its time is over."""

    pem: bytes = field(repr=False)
    ends_at: datetime

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """RSA with PKCS #1 v1.5, as most do it, or ECDSA, as the certificate's key is; SHA-256."""
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256

        key = x509.load_pem_x509_certificates(self.pem)[0].public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, content, padding.PKCS1v15(), SHA256())
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, content, ec.ECDSA(SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


class CertificateAuthorities:
    """Whose certificates are believed, as PEM; those of the system without."""

    def __init__(self, authorities: str | None = None) -> None:
        self._authorities = authorities

    def believed(self, pem: bytes, *, domain: str, at: datetime) -> BelievedCertificate:
        """The certificate of a file, which may have those between it and the authority behind it.

        Raises OutboundRefusedError (`certificate`).
        """
        from cryptography import x509
        from cryptography.x509.verification import PolicyBuilder, VerificationError

        try:
            chain = x509.load_pem_x509_certificates(pem)
            if len(chain) > _MOST_OF_A_CHAIN:
                raise OutboundRefusedError("certificate")
            verifier = PolicyBuilder().store(self._store).time(at).build_server_verifier(x509.DNSName(domain))
            verifier.verify(chain[0], chain[1:])
        except (ValueError, VerificationError, x509.DuplicateExtension):
            raise OutboundRefusedError("certificate") from None
        return BelievedCertificate(pem=pem, ends_at=min(each.not_valid_after_utc for each in chain))

    @cached_property
    def _store(self) -> "Store":
        from cryptography import x509
        from cryptography.x509.verification import Store

        if self._authorities is not None:
            return Store(x509.load_pem_x509_certificates(self._authorities.encode()))
        return Store(list(_readable(ssl.create_default_context().get_ca_certs(binary_form=True))))


def _readable(known: Iterable[bytes]) -> "Iterator[Certificate]":
    """Old systems have an authority or two whose certificate breaks the standard: nobody is believed on its word."""
    from cryptography import x509
    from cryptography.utils import CryptographyDeprecationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        for each in known:
            with suppress(ValueError, CryptographyDeprecationWarning):
                yield x509.load_der_x509_certificate(each)
