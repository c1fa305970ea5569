"""Signs a call so that who takes it can check what was sent, where to, and by whom: HTTP Message Signatures (RFC 9421)
over a digest of the content (RFC 9530), by ECDSA on P-256.
"""

# serves: E-07

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

ALGORITHM = "ecdsa-p256-sha256"
LABEL = "rightsdesk"  # of our signature among others that a message may have
_COVERED = ("@method", "@target-uri", "content-digest", "content-type")
_HALF = 32  # bytes of r, and of s
_SEQUENCE, _INTEGER = 0x30, 0x02  # tags of DER


def content_digest(sha256: str) -> str:
    """The header `Content-Digest` for a SHA-256 in hex."""
    return f"sha-256={_bytes(bytes.fromhex(sha256))}"


def key_id(public_key_pem: str) -> str:
    """What a key is called: the SHA-256 of its SubjectPublicKeyInfo, hex. `openssl pkey -pubin -outform DER` has it."""
    lines = [line for line in public_key_pem.splitlines() if line and not line.startswith("-----")]
    return hashlib.sha256(base64.b64decode("".join(lines))).hexdigest()


def signed(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    created: datetime,
    keyid: str,
    sign: Callable[[bytes], bytes],
) -> dict[str, str]:
    """The headers with `Signature-Input` and `Signature`. `sign` gives a signature in DER.

    `headers` have Content-Digest and Content-Type; `url` is exactly the one that is called.
    """
    covered = " ".join(f'"{name}"' for name in _COVERED)
    parameters = f'({covered});created={int(created.timestamp())};keyid="{keyid}";alg="{ALGORITHM}"'
    signature = raw_signature(sign(signature_base(method, url, headers, parameters)))
    return {
        **headers,
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}={_bytes(signature)}",
    }


def signature_base(method: str, url: str, headers: Mapping[str, str], parameters: str) -> bytes:
    """What is signed (RFC 9421, 2.5): a line for each part that is covered, and one for the parameters."""
    named = {name.lower(): value.strip() for name, value in headers.items()}
    values = {"@method": method, "@target-uri": url} | named
    lines = [f'"{name}": {values[name]}' for name in _COVERED]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def raw_signature(der: bytes) -> bytes:
    """r and s side by side, 32 bytes each, as RFC 9421 (3.3.4) has them, of a signature in DER. Raises ValueError."""
    if len(der) < 8 or der[0] != _SEQUENCE or der[1] != len(der) - 2:
        raise ValueError("not a signature in DER")
    r, rest = _integer(der[2:])
    s, rest = _integer(rest)
    if rest:
        raise ValueError("more than a signature")
    return r + s


def _integer(der: bytes) -> tuple[bytes, bytes]:
    """The next number, and what follows it. DER puts a zero before a number whose first bit is set."""
    if len(der) < 3 or der[0] != _INTEGER or not 0 < der[1] <= len(der) - 2:
        raise ValueError("not a number in DER")
    end = 2 + der[1]
    number = int.from_bytes(der[2:end])
    if number >= 1 << (8 * _HALF):
        raise ValueError("not a number of P-256")
    return number.to_bytes(_HALF), der[end:]


def _bytes(content: bytes) -> str:
    """A byte sequence of structured fields (RFC 9651)."""
    return f":{base64.b64encode(content).decode()}:"
