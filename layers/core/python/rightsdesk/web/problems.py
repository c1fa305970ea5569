"""Errors as HTTP: the one map from the error tree to `application/problem+json` (RFC 9457).

A problem names fields and reasons, never a value. What is not in the map is a fault of ours: 500, with a reference to
quote, and it rings. What is unknown and what is another's are one and the same 404 (abuse cases 22 and 52).
"""

from datetime import datetime
from http import HTTPStatus
from math import ceil

from aws_lambda_powertools.event_handler.api_gateway import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoSuchRouteError
from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.errors import (
    AccessGoesFirstError,
    ConflictError,
    GoneError,
    InvalidInputError,
    MailRejectedError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    OnHoldError,
    RetryableError,
    RightsdeskError,
    TooManyAttemptsError,
)

MEDIA_TYPE = "application/problem+json"
MAX_FIELDS = 20  # a body with thousands of wrong fields gets a short answer
_RETRY_AFTER_OUTAGE = 5  # seconds
_SAY_WHICH = (AccessGoesFirstError, OnHoldError)  # the reference that goes first, the reason of the hold

# Every answer of a JSON door: kept by nobody, read as nothing else, framed by nobody, over TLS only.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class UnsupportedMediaTypeError(RightsdeskError):
    """The body is not plain `application/json` in UTF-8. Of HTTP alone, hence not in the domain's tree."""

    code = "unsupported_media_type"


class PayloadTooLargeError(RightsdeskError):
    code = "payload_too_large"


class UnsupportedEventError(RightsdeskError):
    """The function is wired to something that does not send API Gateway REST (v1) proxy events."""

    code = "unsupported_event"


STATUS: dict[type[Exception], HTTPStatus] = {
    InvalidInputError: HTTPStatus.BAD_REQUEST,
    NotAuthenticatedError: HTTPStatus.UNAUTHORIZED,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    NoSuchRouteError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    MailRejectedError: HTTPStatus.CONFLICT,  # staff have to reach the person in another way
    GoneError: HTTPStatus.GONE,
    PayloadTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    RetryableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class FieldReason(BaseModel):
    """A field that does not fit, and a stable code for why."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    field: str
    reason: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` is for programs; `request_id` is for quoting to the merchant.

    `detail` says what stands in the way, where that is a thing of its own: a reference (`access_goes_first`), a reason
    (`on_hold`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: tuple[FieldReason, ...] = Field(default=(), max_length=MAX_FIELDS)
    request_id: str | None = None


def status_of(error: type[BaseException]) -> HTTPStatus:
    """The status for a class of errors; 500 for what is not in the map."""
    return next((STATUS[kind] for kind in error.__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_response(error: Exception, *, now: datetime, request_id: str) -> Response[str]:
    """The answer for an error. `request_id` is shown for faults of ours only."""
    status = status_of(type(error))
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    problem = Problem(
        title=status.phrase,
        status=status,
        code=_code(error, status),
        detail=str(error) if isinstance(error, _SAY_WHICH) else None,
        errors=_fields(error),
        request_id=request_id if ours else None,
    )
    return Response(
        status_code=status,
        content_type=MEDIA_TYPE,
        body=problem.model_dump_json(exclude_none=True),
        headers=HEADERS | _extra_headers(error, status, now),
    )


def _code(error: Exception, status: HTTPStatus) -> str:
    if status is HTTPStatus.NOT_FOUND:
        return NotFoundError.code
    return error.code if isinstance(error, RightsdeskError) else "unexpected"


def _fields(error: Exception) -> tuple[FieldReason, ...]:
    if not isinstance(error, InvalidInputError):
        return ()
    return tuple(FieldReason(field=p.field, reason=p.reason) for p in error.problems[:MAX_FIELDS])


def _extra_headers(error: Exception, status: HTTPStatus, now: datetime) -> dict[str, str]:
    if isinstance(error, TooManyAttemptsError):
        return {"Retry-After": str(max(1, ceil((error.retry_at - now).total_seconds())))}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_RETRY_AFTER_OUTAGE)}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="rightsdesk"'}
    if status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return {"Accept": "application/json"}
    return {}
