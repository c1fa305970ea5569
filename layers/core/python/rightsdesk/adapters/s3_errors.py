"""From S3's errors to ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.domain.errors import NotFoundError, ServiceUnavailableError

_RETRYABLE = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException", "503", "500"}


@contextmanager
def translated_errors() -> Iterator[None]:
    """What may pass is ServiceUnavailableError; what is not there is NotFoundError."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _RETRYABLE:
            raise ServiceUnavailableError(code) from error
        if code in {"NoSuchKey", "404"}:
            raise NotFoundError("no such object") from error
        raise
    except BotoCoreError as error:
        raise ServiceUnavailableError(type(error).__name__) from error
