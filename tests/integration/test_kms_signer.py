"""The signature of KMS: over a digest, in a form that verifies with the public key that KMS gives."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.commands._signatures import signature_fits
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.domain.errors import ServiceUnavailableError
from tests.support.stack import PlayedStack

CONTENT = b'{"spec": "rightsdesk-evidence/1"}\n' * 1000  # more than KMS takes as a message


@pytest.fixture
def signer(stack: PlayedStack) -> KmsSigner:
    return KmsSigner(stack.local.ref("EvidenceSigningKey"), stack.client("kms"))


def test_what_is_signed_verifies_with_the_public_key_and_nothing_else_does(signer: KmsSigner) -> None:
    signature, public_key = signer.sign(CONTENT), signer.public_key().encode()
    assert public_key.startswith(b"-----BEGIN PUBLIC KEY-----\n")
    assert signature_fits(public_key, signature, CONTENT)
    assert not signature_fits(public_key, signature, CONTENT + b"x")
    assert not signature_fits(public_key, signature[:-1], CONTENT)


def test_only_the_digest_is_sent() -> None:
    class Kms:
        asked: dict[str, Any]

        def sign(self, **asked: Any) -> dict[str, bytes]:
            self.asked = asked
            return {"Signature": b"signature"}

    kms: Any = Kms()
    assert KmsSigner("arn:key", kms).sign(CONTENT) == b"signature"
    assert (len(kms.asked["Message"]), kms.asked["MessageType"]) == (32, "DIGEST")


def test_a_key_that_can_not_be_used_asks_for_patience() -> None:
    class Kms:
        def sign(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "KMSInternalException", "Message": ""}}, "Sign")

        def get_public_key(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "GetPublicKey")

    kms: Any = Kms()
    for use in (lambda: KmsSigner("arn:key", kms).sign(b"x"), KmsSigner("arn:key", kms).public_key):
        with pytest.raises(ServiceUnavailableError):
            use()
