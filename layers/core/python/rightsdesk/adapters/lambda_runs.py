"""Starts another function, and waits for nothing."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError


class FunctionRuns:
    """Of one function. Lambda tries it again where it fails, and keeps in a queue what fails for good."""

    def __init__(self, function_arn: str, lambda_client: Any = None) -> None:
        self._function_arn = function_arn
        self._given = lambda_client

    def start(self, event: dict[str, Any]) -> None:
        """ServiceUnavailableError where it could not be started."""
        try:
            (self._given or client("lambda")).invoke(
                FunctionName=self._function_arn, InvocationType="Event", Payload=json.dumps(event).encode()
            )
        except ClientError as error:
            raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error
