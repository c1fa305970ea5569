"""A certificate signing request (PKCS #10) for a key that never leaves KMS.

No library signs one with a key that it does not have. So one is made with a key that is thrown away, and its public
key and its signature are exchanged for those of KMS: both are of one length for RSA keys of one size.
"""

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


def certificate_request(domain: str, *, public_key: str, sign: Callable[[bytes], bytes]) -> str:
    """The request as PEM. `sign`: RSA, PKCS #1 v1.5, with SHA-256. Raises ValueError where it does not fit the key."""
    key = load_pem_public_key(public_key.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    stand_in = rsa.generate_private_key(public_exponent=key.public_numbers().e, key_size=key.key_size)
    draft = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, domain)]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(stand_in, hashes.SHA256())
    )
    told = _exchanged(draft.tbs_certrequest_bytes, _encoded(stand_in.public_key()), _encoded(key))
    whole = _exchanged(draft.public_bytes(Encoding.DER), draft.tbs_certrequest_bytes, told)
    request = x509.load_der_x509_csr(_exchanged(whole, draft.signature, sign(told)))
    if not request.is_signature_valid:
        raise ValueError("the signature is not by this key")
    return request.public_bytes(Encoding.PEM).decode()


def _encoded(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _exchanged(whole: bytes, part: bytes, other: bytes) -> bytes:
    if len(part) != len(other) or whole.count(part) != 1:
        raise ValueError("the parts do not fit")
    return whole.replace(part, other)
