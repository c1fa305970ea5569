"""A threaded HTTP server on loopback for WSGI applications, which tells them the request's target as it came."""

import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def make_environ(self) -> "WSGIEnvironment":
        environ = super().make_environ()
        # The standard library collapses slashes at the start of a path: API Gateway would not.
        environ["RAW_TARGET"] = self.requestline.split(" ")[1]
        return environ

    def log(self, *args: Any) -> None:
        """Nobody needs a line per request."""


class Server:
    """Bound at once, so that its address is known; serves from `start` to `stop`."""

    def __init__(self, *, port: int = 0, handler: type[WSGIRequestHandler] = _Handler) -> None:
        self._application: WSGIApplication | None = None
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, self._serve, threaded=True, request_handler=handler
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="http-server"
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self, application: "WSGIApplication") -> None:
        self._application = application
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _serve(self, environ: Any, start_response: Any) -> Any:
        assert self._application is not None, "started before it is asked"  # noqa: S101
        return self._application(environ, start_response)
