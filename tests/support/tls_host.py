"""Hosts on loopback that speak TLS, with certificates of an authority that is made here.

`OpenedLoopback` is what lets the product call them: the name of a host leads to 127.0.0.1, which rules of a test open.
"""

import datetime as dt
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.domain.outbound import OutboundRules

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
FIRST_DAY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
LAST_DAY = dt.datetime(2049, 12, 31, tzinfo=dt.UTC)

Talk = Callable[[ssl.SSLSocket], object]
"""What a host does with a connection; it is closed afterwards."""


class Authority:
    """A certificate authority. `pem` is what those who trust it hold."""

    def __init__(self, name: str = "Authority of the tests") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self.name, self.key.public_key(), (), FIRST_DAY, LAST_DAY, authority=True)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self,
        *names: str,
        key: PrivateKey,
        first: dt.datetime = FIRST_DAY,
        last: dt.datetime = LAST_DAY,
    ) -> x509.Certificate:
        """A certificate for hosts of these names."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        return self._signed(subject, key.public_key(), names, first, last, authority=False)

    def certify(self, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, *names: str) -> x509.Certificate:
        """The same for who keeps the key to itself."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        return self._signed(subject, key, names, FIRST_DAY, LAST_DAY, authority=False)

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        names: Sequence[str],
        first: dt.datetime,
        last: dt.datetime,
        *,
        authority: bool,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(_usage(authority), critical=True)
        )
        if names:
            alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(alternative, critical=False)
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class TlsHost:
    """A host of a name on a port of loopback, while the context lasts. `connections`: how many came, TLS or not."""

    def __init__(self, name: str, authority: Authority, talk: Talk, *, certified: str | None = None) -> None:
        self.name = name
        self._talk = talk
        self.connections = 0
        self.over = threading.Event()  # a host that dawdles waits for this
        key = ec.generate_private_key(ec.SECP256R1())
        self._context = _server_context(authority.issue(certified or name, key=key), key)
        host = self

        class Handler(socketserver.BaseRequestHandler):
            request: socket.socket

            def handle(self) -> None:
                host.connections += 1
                try:
                    with host._context.wrap_socket(self.request, server_side=True) as secured:
                        host._talk(secured)
                except OSError:
                    pass  # whoever called has hung up

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        return f"https://{self.name}:{self.port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


def _server_context(certificate: x509.Certificate, key: PrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # OpenSSL reads files alone
        chain = Path(folder) / "host.pem"
        chain.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(chain)
    return context


class OpenedLoopback:
    """Our side of a call to hosts of a test. `asked`: the hosts that were looked up, in order."""

    def __init__(self, authority: Authority, *ports: int, addresses: Sequence[str] = ("127.0.0.1",)) -> None:
        self.asked: list[str] = []
        self.addresses = addresses
        self._authority = authority
        self.rules = OutboundRules(ports=frozenset(ports), opened=(ip_network("127.0.0.0/8"),))

    def look_up(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses

    @cached_property
    def outbound(self) -> HttpsOutbound:
        return HttpsOutbound(self.rules, resolve=self.look_up, authorities=self._authority.pem)


class LoopbackNet:
    """An internet of hosts on loopback: each has a name and a number of the internet, and is reached at port 443.

    `calls`: the hosts that were connected to, in order. A host that is not there takes no connection.
    """

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.calls: list[str] = []
        self._reach = socket.create_connection
        self._hosts: dict[str, TlsHost | None] = {}

    def add(self, host: TlsHost) -> None:
        self._hosts[host.name] = host

    def add_dead(self, name: str) -> None:
        """A name that leads to a number where nobody is."""
        self._hosts[name] = None

    def look_up(self, host: str, port: int) -> Sequence[str]:
        if host not in self._hosts:
            raise OSError("no such name")
        return [f"9.9.9.{list(self._hosts).index(host) + 1}"]

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        number, port = address
        name = list(self._hosts)[int(number.rpartition(".")[2]) - 1]
        self.calls.append(name)
        host = self._hosts[name]
        if host is None or port != 443:
            raise ConnectionRefusedError
        return self._reach(("127.0.0.1", host.port), seconds)

    @cached_property
    def outbound(self) -> HttpsOutbound:
        return HttpsOutbound(resolve=self.look_up, connect=self.connect, authorities=self.authority.pem)

    @contextmanager
    def around_the_process(self) -> Iterator[None]:
        """For functions that make their own way out: names of hosts here lead here, and their authority is believed."""
        look_up, connect = socket.getaddrinfo, socket.create_connection

        def getaddrinfo(host: Any, port: Any, *given: Any, **named: Any) -> Any:
            if host not in self._hosts:
                return look_up(host, port, *given, **named)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in self.look_up(host, port)]

        def create_connection(address: Any, timeout: Any = None, *given: Any, **named: Any) -> socket.socket:
            if str(address[0]).startswith("9.9.9."):
                return self.connect(address, timeout)
            return connect(address, timeout, *given, **named)

        with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
            believed = Path(folder) / "authorities.pem"
            believed.write_text(self.authority.pem, encoding="ascii")
            patched.setenv("SSL_CERT_FILE", str(believed))
            patched.setattr(socket, "getaddrinfo", getaddrinfo)
            patched.setattr(socket, "create_connection", create_connection)
            yield


def read_request(connection: ssl.SSLSocket) -> tuple[bytes, dict[str, str], bytes]:
    """The first line, the headers (names in lower case) and the body of a request whose length is said."""
    with connection.makefile("rb") as lines:
        first = lines.readline().rstrip()
        headers: dict[str, str] = {}
        while line := lines.readline().rstrip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
    return first, headers, body


def answer(connection: ssl.SSLSocket, status: str, body: bytes = b"", **headers: str) -> None:
    """An answer, closed afterwards. Headers with `_` for `-`."""
    head = {"Content-Length": str(len(body)), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    connection.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body)
