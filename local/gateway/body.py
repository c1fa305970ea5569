"""The body of a request, up to a limit."""

from typing import Final

from werkzeug.wrappers import Request

_PIECE: Final = 1024 * 1024
_PATIENCE: Final = 640  # pieces of a body that is too long


class BodyTooLargeError(Exception):
    """It is longer than the limit."""


def read_body(request: Request, *, limit: int) -> bytes:
    """Raises BodyTooLargeError. The rest is read all the same, or the client would not hear the answer."""
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        for _ in range(_PATIENCE):
            if not request.stream.read(_PIECE):
                break
        raise BodyTooLargeError
    return body
