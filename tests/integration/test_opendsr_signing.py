"""The key of KMS that signs what is said over OpenDSR: what it makes is checked by cryptography and by OpenSSL."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from moto import mock_aws

from local.moto_fixes import Patches, digest_is_signed_as_it_is
from rightsdesk.adapters.kms_signer import KmsSigner
from tests.infrastructure.deployed_template import deploy

CONTENT = b'{"subject_request_id":"a7551968-d5d6-44b2-9831-815ac9017798"}' * 100  # more than KMS takes as a message


@pytest.fixture
def signer() -> Iterator[KmsSigner]:
    key = deploy(UseOpenDsr="true").one("OpenDsrSigningKey")
    patches = Patches()
    digest_is_signed_as_it_is(patches)
    with mock_aws():
        kms = boto3.client("kms", region_name="eu-west-1")
        arn = kms.create_key(KeySpec=key["KeySpec"], KeyUsage=key["KeyUsage"])["KeyMetadata"]["Arn"]
        yield KmsSigner(arn, kms, algorithm="RSASSA_PKCS1_V1_5_SHA_256")
    patches.undo()


def test_what_kms_signs_is_what_others_check(signer: KmsSigner, tmp_path: Path) -> None:
    signature, public_key = signer.sign(CONTENT), signer.public_key()
    key = load_pem_public_key(public_key.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    assert (key.key_size, len(signature)) == (4096, 512)
    key.verify(signature, CONTENT, padding.PKCS1v15(), SHA256())

    for name, content in (("key.pem", public_key.encode()), ("signature", signature), ("content", CONTENT)):
        (tmp_path / name).write_bytes(content)
    verify = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "content"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, timeout=30).returncode == 0
    (tmp_path / "content").write_bytes(CONTENT + b" ")
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, timeout=30).returncode != 0
