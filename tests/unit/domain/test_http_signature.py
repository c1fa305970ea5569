"""HTTP Message Signatures: checked by a second and a third implementation, `cryptography` and `openssl`."""

import base64
import hashlib
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.http_signature import content_digest, key_id, raw_signature, signed
from tests.support.fake_signer import FakeSigner

SIGNER = FakeSigner()
URL = "https://take.portable.example/v1/in?token=t0ken"
CONTENT = b"PK a package"
CREATED = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
NUMBERS = st.integers(min_value=1, max_value=2**256 - 1)


def headers() -> dict[str, str]:
    named = {"Content-Type": "application/zip", "Content-Digest": content_digest(hashlib.sha256(CONTENT).hexdigest())}
    return signed("POST", URL, named, created=CREATED, keyid=key_id(SIGNER.public_key()), sign=SIGNER.sign)


def base_of(sent: dict[str, str], *, url: str = URL) -> bytes:
    """As a receiver makes it, from what came and from nothing else (RFC 9421, 2.5)."""
    parameters = sent["Signature-Input"].removeprefix("rightsdesk=")
    values = {"@method": "POST", "@target-uri": url} | {name.lower(): value for name, value in sent.items()}
    covered = re.findall(r'"([^"]+)"', parameters.partition(")")[0])
    lines = [f'"{name}": {values[name]}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def signature_of(sent: dict[str, str]) -> bytes:
    found = re.fullmatch(r"rightsdesk=:([A-Za-z0-9+/=]+):", sent["Signature"])
    assert found
    return base64.b64decode(found[1])


def test_what_is_covered_and_by_which_key_stands_in_the_call() -> None:
    parameters = headers()["Signature-Input"]
    fingerprint = hashlib.sha256(base64.b64decode("".join(SIGNER.public_key().splitlines()[1:-1]))).hexdigest()
    assert parameters == (
        'rightsdesk=("@method" "@target-uri" "content-digest" "content-type")'
        f';created={int(CREATED.timestamp())};keyid="{fingerprint}";alg="ecdsa-p256-sha256"'
    )


def test_the_digest_is_that_of_the_content() -> None:
    found = re.fullmatch(r"sha-256=:(.+):", headers()["Content-Digest"])
    assert found
    assert base64.b64decode(found[1]) == hashlib.sha256(CONTENT).digest()


def test_cryptography_finds_the_signature_right_and_every_change_wrong() -> None:
    sent = headers()
    key = load_pem_public_key(SIGNER.public_key().encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    raw = signature_of(sent)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, base_of(sent), ec.ECDSA(SHA256()))
    changed = [
        base_of(sent, url="https://evil.example/"),
        base_of(sent | {"Content-Digest": content_digest("0" * 64)}),
        base_of(sent | {"Content-Type": "text/html"}),
        base_of(sent | {"Signature-Input": sent["Signature-Input"].replace("created=1", "created=2")}),
    ]
    for base in changed:
        with pytest.raises(InvalidSignature):
            key.verify(der, base, ec.ECDSA(SHA256()))


def test_openssl_finds_it_right_by_what_the_documentation_says(tmp_path: Path) -> None:
    sent = headers()
    raw = signature_of(sent)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    files = {"key.pem": SIGNER.public_key().encode(), "base": base_of(sent), "signature": der}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    check = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "base"]  # of the path
    assert "Verified OK" in subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    key_der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", "key.pem", "-outform", "DER"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert f'keyid="{hashlib.sha256(key_der).hexdigest()}"' in sent["Signature-Input"]


@given(NUMBERS, NUMBERS)
def test_both_numbers_come_out_of_der_whatever_their_length(r: int, s: int) -> None:
    raw = raw_signature(encode_dss_signature(r, s))
    assert (int.from_bytes(raw[:32]), int.from_bytes(raw[32:])) == (r, s)


@given(st.binary(max_size=80))
def test_what_is_no_signature_is_refused_and_nothing_else_happens(content: bytes) -> None:
    try:
        raw = raw_signature(content)
    except ValueError:
        return
    assert len(raw) == 64


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        encode_dss_signature(7, 9)[:-1],
        encode_dss_signature(7, 9) + b"\x00",
        b"\x31" + encode_dss_signature(7, 9)[1:],
        encode_dss_signature(2**256, 9),
        b"\x30\x06\x02\x01\x07\x03\x01\x09",
        b"\x30\x09\x02\x01\x07\x02\x01\x09\x02\x01\x01",
    ],
)
def test_half_a_signature_is_none(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r"DER|signature|P-256"):
        raw_signature(broken)
