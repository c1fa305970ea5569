"""The body of a request, up to a limit."""

from contextlib import suppress
from functools import partial
from typing import IO, Final

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

_PIECE: Final = 1024 * 1024
_PATIENCE: Final = 640  # pieces of a body that is too long
_MOST_DIGITS: Final = 18  # of a length; what has more is larger than any limit


class BodyTooLargeError(Exception):
    """It is longer than the limit."""


class BodyLengthError(Exception):
    """The request does not say how long its body is, or says it wrong. `status` is what HTTP has for that."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_body(request: Request, *, limit: int) -> bytes:
    """Raises BodyTooLargeError. The rest is read all the same, or the client would not hear the answer."""
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        _read_rest(request.stream)
        raise BodyTooLargeError
    return body


def read_measured_body(request: Request, *, limit: int) -> bytes:
    """A body that must be there; one that is too long is refused before it is read, and needs `after_answer`.

    Raises BodyTooLargeError, BodyLengthError.
    """
    in_pieces = request.environ.get("wsgi.input_terminated")  # the last says that it is the last
    length = None if in_pieces else _length(request)
    if length is not None and length > limit:
        raise BodyTooLargeError
    try:
        body = read_body(request, limit=limit)
    except ClientDisconnected:
        body = b""
    if length and len(body) < length:
        raise BodyLengthError(400, "the body is shorter than Content-Length says")
    if not body:
        raise BodyLengthError(400, "the body is empty")
    return body


def _length(request: Request) -> int:
    given = request.environ.get("CONTENT_LENGTH", "")
    if not given:
        raise BodyLengthError(411, "Content-Length is missing: how long is the body?")
    if not (given.isascii() and given.isdigit()):
        raise BodyLengthError(400, f"Content-Length: {given!r} is no length")
    return int(given) if len(given) <= _MOST_DIGITS else 10**_MOST_DIGITS


def after_answer(request: Request, response: Response) -> Response:
    """`response`, after which the rest of the body is read: a client that still sends would not hear it otherwise."""
    response.call_on_close(partial(_read_rest, request.environ["wsgi.input"]))
    return response


def _read_rest(stream: IO[bytes]) -> None:
    with suppress(OSError, ClientDisconnected):  # the client is gone
        for _ in range(_PATIENCE):
            if not stream.read(_PIECE):
                break
