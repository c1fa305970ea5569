"""Signatures by an asymmetric key of KMS: only digests go there, and the private key never comes out."""

import base64
import hashlib
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_kms.literals import SigningAlgorithmSpecType


class KmsSigner:
    """Keeps the port Signer, with a key of the kind ECC_NIST_P256.

    With RSASSA_PKCS1_V1_5_SHA_256 and a key of the kind RSA_4096, the port ContentSigner.
    """

    def __init__(
        self,
        key_arn: str,
        kms: "KMSClient | None" = None,
        *,
        algorithm: "SigningAlgorithmSpecType" = "ECDSA_SHA_256",
    ) -> None:
        self._key_arn = key_arn
        self._given = kms
        self._algorithm: SigningAlgorithmSpecType = algorithm

    @property
    def _kms(self) -> "KMSClient":
        return self._given or client("kms")

    def sign(self, content: bytes) -> bytes:
        with _translated_errors():
            answer = self._kms.sign(
                KeyId=self._key_arn,
                Message=hashlib.sha256(content).digest(),
                MessageType="DIGEST",
                SigningAlgorithm=self._algorithm,
            )
        return answer["Signature"]

    def public_key(self) -> str:
        with _translated_errors():
            answer = self._kms.get_public_key(KeyId=self._key_arn)
        lines = textwrap.wrap(base64.b64encode(answer["PublicKey"]).decode(), 64)
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ServiceUnavailableError("signing key") from error
