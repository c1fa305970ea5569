"""Between Python values and DynamoDB items, and from DynamoDB's errors to ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()

_RETRYABLE = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
}


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """An item from JSON-like values; what is None is left out."""
    return {name: _serializer.serialize(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-like values of an item; whole numbers come back as int."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(element) for name, element in value.items()}
    return value


@contextmanager
def translated_errors() -> Iterator[None]:
    """DynamoDB's errors by code: a failed condition is a ConflictError, what may pass is ServiceUnavailableError."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "TransactionCanceledException":
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            if reasons <= {"None", "ConditionalCheckFailed"}:
                raise ConflictError("the case has moved on") from error
            raise ServiceUnavailableError(code) from error
        if code == "ConditionalCheckFailedException":
            raise ConflictError("the item has moved on") from error
        if code in _RETRYABLE:
            raise ServiceUnavailableError(code) from error
        raise
    except BotoCoreError as error:
        raise ServiceUnavailableError(type(error).__name__) from error
