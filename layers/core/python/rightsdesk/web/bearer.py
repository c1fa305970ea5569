"""The bearer token of a request (RFC 6750): from one Authorization header, strictly."""

import re
from collections.abc import Sequence

from rightsdesk.domain.errors import NotAuthenticatedError

_MAX_LENGTH = 2048
_BEARER = re.compile(r"bearer ([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def bearer_token(authorization: Sequence[str]) -> str:
    """The token in the values of the Authorization header. Raises NotAuthenticatedError unless there is just one."""
    if len(authorization) != 1 or len(authorization[0]) > _MAX_LENGTH:
        raise NotAuthenticatedError
    match = _BEARER.fullmatch(authorization[0])
    if match is None:
        raise NotAuthenticatedError
    return match[1]
