"""The AWS endpoint of the stack: moto over HTTP on a loopback port, for worker processes and any other AWS client.

One thing is added in front: a presigned URL ends when it says so, by the clock of the stack.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.wrappers import Response

from local.gateway.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _Quiet(MotoRequestHandler):
    def log(self, *args: Any) -> None:
        """Nobody needs a line per request."""


class AwsEndpoint:
    def __init__(self) -> None:
        self._server = Server(handler=_Quiet)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server.start(self._answer)

    @property
    def url(self) -> str:
        return self._server.url

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if link_is_over(environ.get("QUERY_STRING", ""), now=datetime.now(UTC)):
            body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
            return Response(body, 403, content_type="application/xml")(environ, start_response)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer


def link_is_over(query: str, *, now: datetime) -> bool:
    """Whether `query` is that of a presigned URL (SigV4) whose time has passed."""
    fields = parse_qs(query)
    if "X-Amz-Date" not in fields or "X-Amz-Expires" not in fields:
        return False
    signed_at = datetime.strptime(fields["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return now > signed_at + timedelta(seconds=int(fields["X-Amz-Expires"][0]))
