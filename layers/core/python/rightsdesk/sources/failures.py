"""From what AWS says to our two answers: trying again may help, or a person must look. By code, never by message."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ConnectionError,  # noqa: A004 - the SDK's own name
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import ClientError as ServiceAnswer

from rightsdesk.domain.errors import RightsdeskError, SourceBrokenError, SourceUnavailableError

_PASSES = {
    "InternalError",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "PreconditionFailed",  # the object changed while it was read
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_TRANSPORT = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError)


@contextmanager
def reading(place: str) -> Iterator[None]:
    """Translate what the SDK raises while `place` (a table, a bucket) is read, or written. Places are named, values
    never."""
    try:
        yield
    except ServiceAnswer as error:
        raise _from_answer(error, place) from error
    except _TRANSPORT as error:
        raise SourceUnavailableError(f"{place}: {type(error).__name__}") from error
    except BotoCoreError as error:
        raise SourceBrokenError(f"{place}: {type(error).__name__}") from error


def answer_code(error: ServiceAnswer) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _from_answer(error: ServiceAnswer, place: str) -> RightsdeskError:
    code = answer_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _PASSES or status >= 500 or status == 429:
        return SourceUnavailableError(f"{place}: {code}")
    return SourceBrokenError(f"{place}: {code}")
