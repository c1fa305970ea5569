"""Errors as pages: the one map from our errors to a status and a text that says what happened and what to do now."""

from math import ceil

from rightsdesk.domain.errors import (
    ConflictError,
    GoneError,
    InvalidInputError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    RetryableError,
    RightsdeskError,
    TooManyAttemptsError,
)
from rightsdesk.web.forms import PageRefusedError
from rightsdesk.web.page_visit import Answer, PageVisit

# The first that fits. Each code has its texts below `problem`.
_KNOWN: tuple[tuple[type[RightsdeskError], int, str], ...] = (
    (InvalidInputError, 400, "malformed"),
    (NotAuthenticatedError, 403, "foreign"),
    (NotAllowedError, 403, "foreign"),
    (NotFoundError, 404, "not_found"),
    (ConflictError, 409, "conflict"),
    (TooManyAttemptsError, 429, "too_many_attempts"),
    (RetryableError, 503, "try_again"),
)
_WHY_GONE = ("download_window_ended", "download_limit_reached", "notice_replaced")
CODES = (
    *dict.fromkeys(code for _, _, code in _KNOWN),
    *_WHY_GONE,
    "gone",
    "method",
    "unsupported",
    "too_large",
    "unknown_host",
    "unexpected",
)


def problem_page(visit: PageVisit, error: Exception, *, incident: str) -> Answer:
    """The page for an error. `incident` is the number by which we find an unexpected one in our logs."""
    status, code = status_and_code(error)
    headers, retry_at = {}, None
    if isinstance(error, TooManyAttemptsError):
        retry_at = error.retry_at
        headers["Retry-After"] = str(max(1, ceil((retry_at - visit.now).total_seconds())))
    if isinstance(error, PageRefusedError) and error.allow:
        headers["Allow"] = error.allow
    return visit.page(
        "problem.html",
        status=status,
        headers=headers,
        code=code,
        incident=incident if status == 500 else None,
        retry_at=retry_at,
    )


def status_and_code(error: Exception) -> tuple[int, str]:
    if isinstance(error, PageRefusedError):
        return error.status, error.code
    if isinstance(error, GoneError):
        return 410, error.code if error.code in _WHY_GONE else "gone"
    return next(((status, code) for kind, status, code in _KNOWN if isinstance(error, kind)), (500, "unexpected"))
