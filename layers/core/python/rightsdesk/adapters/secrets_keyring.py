"""Keys from the one secret of the stack, derived by purpose; read once per process."""

import hashlib
import hmac
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretKeyring:
    """Keeps the port Keyring. HMAC-SHA256 of the purpose under the secret: one key never serves two purposes."""

    def __init__(self, secret_arn: str, secretsmanager: "SecretsManagerClient | None" = None) -> None:
        self._secret_arn = secret_arn
        self._given = secretsmanager

    def key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    @cached_property
    def _secret(self) -> bytes:
        try:
            secrets = self._given or client("secretsmanager")
            answer = secrets.get_secret_value(SecretId=self._secret_arn)
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailableError("secret") from error
        return str(answer["SecretString"]).encode()
