"""What we show to recipients that want to know who calls: from a secret of the merchant's, read once per process."""

import json
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import MerchantFileError, ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretCredentials:
    """The secret is a JSON object: domain of a recipient -> the value of the header Authorization.

    Without an ARN nobody is shown anything.
    """

    def __init__(self, secret_arn: str, secretsmanager: "SecretsManagerClient | None" = None) -> None:
        self._secret_arn = secret_arn
        self._given = secretsmanager

    def __call__(self, domain: str) -> str | None:
        """Raises ServiceUnavailableError, and MerchantFileError for a secret that is none of this kind."""
        return self._known.get(domain) if self._secret_arn else None

    @cached_property
    def _known(self) -> dict[str, str]:
        try:
            answer = (self._given or client("secretsmanager")).get_secret_value(SecretId=self._secret_arn)
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailableError("secret") from error
        try:
            known = json.loads(answer["SecretString"])
        except ValueError:
            known = None
        if not isinstance(known, dict) or not all(_is_header(value) for value in known.values()):
            raise MerchantFileError("the secret of RecipientCredentialsArn: not a JSON object of header values")
        return known


def _is_header(value: object) -> bool:
    """Visible ASCII and spaces: a line of its own would be a header of its own."""
    return isinstance(value, str) and value.isascii() and value.isprintable()
