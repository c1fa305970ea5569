"""Calls to hosts of others over HTTPS, so that nobody leads one of them inside (abuse case 50).

A name is looked up once; the numbers are judged, and the connection goes to one of them. The certificate has to be for
the name all the same. No redirect is followed, no proxy is asked, nothing is unpacked, and one clock runs over all of
it: a host that answers a byte at a time is cut off.
"""

# serves: B-5, E-07

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from typing import Any, BinaryIO, cast

from rightsdesk import __version__
from rightsdesk.domain.errors import OutboundRefusedError, PeerUnavailableError
from rightsdesk.domain.outbound import Answer, Limits, OutboundRules, Outgoing, Target, require_callable, target_of
from rightsdesk.observability import logger

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) -> the numbers that it has. Raises OSError."""
Connect = Callable[[tuple[str, int], float], socket.socket]
"""((number, port), seconds) -> a connection. Raises OSError."""

_MOST_ADDRESSES = 4  # of one host are tried
_PIECE = 64 * 1024  # bytes of a file that are sent at a time


class HttpsOutbound:
    """Keeps the port Outbound. `authorities`: whose certificates are believed, as PEM; those of the system without."""

    def __init__(
        self,
        rules: OutboundRules | None = None,
        *,
        resolve: Resolve | None = None,
        connect: Connect | None = None,
        authorities: str | None = None,
    ) -> None:
        self._rules = rules or OutboundRules()
        self._resolve = resolve or look_up
        self._connect = connect or reach
        self._authorities = authorities

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """TLS 1.2 and later. Made once: to read the authorities takes 20 ms."""
        context = ssl.create_default_context(cadata=self._authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _Tls
        return context

    def send(self, outgoing: Outgoing) -> Answer:
        target = target_of(outgoing.url, ports=self._rules.ports)
        begins_at = time.monotonic()
        ends_at = begins_at + outgoing.limits.seconds
        connected_by = min(ends_at, begins_at + outgoing.limits.connect)
        with _translated_errors():
            found = _within(connected_by, lambda: self._resolve(target.host, target.port))
            addresses = require_callable(found, opened=self._rules.opened)
            connection = _Connection(
                target,
                addresses[:_MOST_ADDRESSES],
                connect=self._connect,
                context=self._context,
                limits=outgoing.limits,
                connected_by=connected_by,
                ends_at=ends_at,
            )
            try:
                return connection.exchange(outgoing)
            finally:
                connection.close()


class _Tls(ssl.SSLSocket):
    """A TLS socket under one clock and one count, which every read and write passes."""

    ends_at: float = float("inf")
    most: int = 0  # bytes that may still come

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(_remaining(self.ends_at))
        count = super().recv_into(buffer, nbytes, flags)
        self.most -= count
        if self.most < 0:
            raise OutboundRefusedError("too_large")
        return count

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(_remaining(self.ends_at))
        return super().send(data, flags)


class _Connection(http.client.HTTPConnection):
    """One exchange with one host, at one of the numbers that were judged."""

    sock: _Tls

    def __init__(
        self,
        target: Target,
        addresses: Sequence[str],
        *,
        connect: Connect,
        context: ssl.SSLContext,
        limits: Limits,
        connected_by: float,
        ends_at: float,
    ) -> None:
        super().__init__(target.host, target.port)
        self._target = target
        self._addresses = addresses
        self._reach = connect
        self._tls = context
        self._limits = limits
        self._connected_by = connected_by
        self._ends_at = ends_at

    def connect(self) -> None:
        plain = self._reached()
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(_remaining(self._connected_by))
            # The name for the certificate is the host's, whichever number it has.
            secured = cast("_Tls", self._tls.wrap_socket(plain, server_hostname=self._target.host))
        except BaseException:
            plain.close()
            raise
        secured.ends_at, secured.most = self._ends_at, self._limits.head + io.DEFAULT_BUFFER_SIZE
        self.sock = secured

    def _reached(self) -> socket.socket:
        """A connection to the first of the numbers that takes one; each gets its share of the time that is left."""
        for left in range(len(self._addresses), 0, -1):
            address = self._addresses[-left]
            try:
                return self._reach((address, self._target.port), _remaining(self._connected_by) / left)
            except OSError:
                if left == 1:
                    raise
        raise OSError("no address")

    def exchange(self, outgoing: Outgoing) -> Answer:
        self.connect()
        tls = self.sock  # the connection lets go of it once the answer begins
        try:
            self._put(outgoing)
        except (BrokenPipeError, ConnectionResetError):
            logger.info("a host stopped listening before all was sent")  # it may have said why
        with self.getresponse() as response:  # it keeps the socket open until it is closed itself
            if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
                raise OutboundRefusedError("redirect")
            most = self._limits.body
            tls.most = 6 * most + self._limits.head  # chunks of one byte take six
            body = response.read(most + 1)
            if len(body) > most:
                raise OutboundRefusedError("too_large")
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            headers: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                headers[key] = f"{headers[key]}, {value}" if key in headers else value
            return Answer(status=response.status, headers=headers, body=body)

    def _put(self, outgoing: Outgoing) -> None:
        """The request: its length is always said, and from a file exactly that much is sent."""
        content = outgoing.content
        size = len(content) if isinstance(content, bytes) else outgoing.length
        if size is None:
            raise ValueError("the length of a file has to be given")
        self.putrequest(outgoing.method, self._target.path, skip_host=True, skip_accept_encoding=True)
        fixed = {
            "Host": self._target.authority,
            "User-Agent": f"Rightsdesk/{__version__}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **({"Content-Length": str(size)} if outgoing.method != "GET" else {}),
        }
        for name, value in {**outgoing.headers, **fixed}.items():
            self.putheader(name, value)
        self.endheaders()
        for piece in [content] if isinstance(content, bytes) else _pieces(content, size):
            self.send(piece)


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise ValueError("the file is shorter than its length")
        left -= len(piece)
        yield piece


def look_up(host: str, port: int) -> Sequence[str]:
    """The numbers of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def reach(address: tuple[str, int], seconds: float) -> socket.socket:
    """A connection to a number: nothing is looked up for it any more."""
    return socket.create_connection(address, seconds)


def _remaining(ends_at: float) -> float:
    """Seconds that are left. Raises TimeoutError."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _within(ends_at: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """What `ask` gives, if it does in time: a look-up of the system can't be given one."""
    given: list[Sequence[str]] = []
    failed: list[OSError] = []

    def run() -> None:
        try:
            given.append(ask())
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_remaining(ends_at))
    if failed:
        raise failed[0]
    if not given:
        raise TimeoutError
    return given[0]


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Causes are dropped: those of libraries quote hosts and lines of the answer."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise OutboundRefusedError("certificate") from None
    except http.client.LineTooLong:
        raise OutboundRefusedError("too_large") from None
    except (OSError, http.client.IncompleteRead):  # time-outs and what TLS refuses are among them
        raise PeerUnavailableError("no answer") from None
    except http.client.HTTPException:
        raise OutboundRefusedError("not_http") from None
