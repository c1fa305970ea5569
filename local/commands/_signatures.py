"""The signature of evidence, checked here: nothing that ships to Lambda needs to."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def signature_fits(public_key: bytes, signature: bytes, content: bytes) -> bool:
    """ECDSA on P-256 with SHA-256. Raises ValueError for what is no public key of that curve in PEM."""
    key = require_evidence_key(public_key)
    try:
        key.verify(signature, content, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def require_evidence_key(public_key: bytes) -> ec.EllipticCurvePublicKey:
    """Raises ValueError."""
    try:
        key = load_pem_public_key(public_key)
    except UnsupportedAlgorithm as error:
        raise ValueError("not a public key on P-256") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a public key on P-256")
    return key
