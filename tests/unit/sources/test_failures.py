import botocore.exceptions as sdk
import pytest

from rightsdesk.domain.errors import RightsdeskError, SourceBrokenError, SourceUnavailableError
from rightsdesk.sources.failures import reading


def answer(code: str, status: int = 400) -> sdk.ClientError:
    return sdk.ClientError(
        {"Error": {"Code": code, "Message": "jane@example.com"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Query",
    )


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (answer("ProvisionedThroughputExceededException"), SourceUnavailableError),
        (answer("ThrottlingException"), SourceUnavailableError),
        (answer("TransactionConflictException"), SourceUnavailableError),
        (answer("TransactionInProgressException"), SourceUnavailableError),
        (answer("SlowDown", 503), SourceUnavailableError),
        (answer("SomethingNew", 500), SourceUnavailableError),
        (answer("PreconditionFailed", 412), SourceUnavailableError),
        (sdk.EndpointConnectionError(endpoint_url="https://x"), SourceUnavailableError),
        (sdk.ConnectTimeoutError(endpoint_url="https://x"), SourceUnavailableError),
        (sdk.ReadTimeoutError(endpoint_url="https://x"), SourceUnavailableError),
        (sdk.ConnectionClosedError(endpoint_url="https://x"), SourceUnavailableError),
        (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), SourceUnavailableError),
        (sdk.ResponseStreamingError(error="cut"), SourceUnavailableError),
        (answer("AccessDeniedException"), SourceBrokenError),
        (answer("AccessDenied", 403), SourceBrokenError),
        (answer("ResourceNotFoundException"), SourceBrokenError),
        (answer("ValidationException"), SourceBrokenError),
        (answer("NoSuchBucket", 404), SourceBrokenError),
        (answer("InvalidObjectState", 403), SourceBrokenError),
        (sdk.NoCredentialsError(), SourceBrokenError),
        (sdk.ParamValidationError(report="x"), SourceBrokenError),
    ],
)
def test_what_may_pass_is_tried_again_and_the_rest_is_for_a_person(
    raised: Exception, expected: type[RightsdeskError]
) -> None:
    with pytest.raises(expected) as caught, reading("members"):
        raise raised
    assert str(caught.value).startswith("members: ")
    assert "jane" not in str(caught.value), "places are named, values never"
    assert caught.value.__cause__ is raised


def test_our_own_errors_pass() -> None:
    with pytest.raises(KeyError), reading("members"):
        raise KeyError
