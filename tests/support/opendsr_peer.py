"""A small OpenDSR processor on loopback, written from the standard and not with the product's code; and bad ones.

`OpenDsrPeer` does what it should. `lie` makes one thing of it false; `SilentPeer` takes connections and says nothing. A
dead one is a name of the net where no host is (`LoopbackNet.add_dead`).
"""

import base64
import json
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.tls_host import FIRST_DAY, LAST_DAY, Authority, TlsHost, answer, read_request

COMPLETED_BY = "2026-12-31T00:00:00Z"
Lie = Literal[
    "signature",  # by another key
    "no signature",
    "no base64",
    "other domain",  # in the header
    "no domain",
    "other id",  # of the request
    "other request",  # in `encoded_request`
    "no json",
    "unknown status",
    "certificate elsewhere",  # on another host than the one that names it
    "certificate over http",
    "certificate is none",
]


@lru_cache
def signing_key(name: str = "processor") -> rsa.RSAPrivateKey:
    """Made once for each name: it takes a while."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def signed(content: bytes, key: rsa.RSAPrivateKey) -> str:
    return base64.b64encode(key.sign(content, padding.PKCS1v15(), hashes.SHA256())).decode()


def self_signed(domain: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """A certificate that nobody vouches for but who it is of."""
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, domain)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST_DAY)
        .not_valid_after(LAST_DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Callback:
    """One callback, signed: what is posted to the controller."""

    url: str
    content: bytes
    headers: dict[str, str]


@dataclass
class OpenDsrPeer:
    """A processor. `requests`: the bodies that it was given, by id. `states`: how far each is."""

    domain: str
    authority: Authority
    lie: Lie | None = None
    key: rsa.RSAPrivateKey = field(default_factory=signing_key)
    certificate: bytes = b""
    identities: tuple[tuple[str, str], ...] = (("email", "raw"), ("controller_customer_id", "raw"))
    types: tuple[str, ...] = ("access", "erasure", "portability")
    wants: str | None = None  # as Authorization
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # "GET /v1/discovery"

    def __post_init__(self) -> None:
        self.certificate = self.certificate or pem_of(self.authority.issue(self.domain, key=self.key))

    @property
    def host(self) -> TlsHost:
        return TlsHost(self.domain, self.authority, self._talk)

    def callback(
        self,
        subject_request_id: str,
        status: str,
        *,
        at: str | None = None,
        key: rsa.RSAPrivateKey | None = None,
        **fields: Any,
    ) -> Callback:
        """A callback to the first URL that the request named, or to `at`. `fields` stand instead of what is true."""
        url = at or self.requests[subject_request_id]["status_callback_urls"][0]
        content = json.dumps(
            {
                "controller_id": "merchant",
                "expected_completion_time": COMPLETED_BY,
                "status_callback_url": url,
                "subject_request_id": subject_request_id,
                "request_status": status,
            }
            | fields
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "X-OpenDSR-Processor-Domain": self.domain,
            "X-OpenDSR-Signature": signed(content, key or self.key),
        }
        return Callback(url, content, headers)

    def _talk(self, connection: ssl.SSLSocket) -> None:
        first, headers, body = read_request(connection)
        method, path, _ = first.decode().split(" ")
        self.asked.append(f"{method} {path}")
        if path == "/v1/discovery":
            self._say(connection, "200 OK", self._discovery(), sign=False)
        elif path == "/certificate.pem":
            answer(connection, "200 OK", b"none" if self.lie == "certificate is none" else self.certificate)
        elif self.wants is not None and headers.get("authorization") != self.wants:
            self._say(connection, "401 Unauthorized", {"error": {"code": 401}}, sign=False)
        elif (method, path) == ("POST", "/v1/requests"):
            self._take(connection, body)
        elif method == "GET" and path.startswith("/v1/requests/"):
            self._tell(connection, path.rpartition("/")[2])
        else:
            self._say(connection, "404 Not Found", {"error": {"code": 404}}, sign=False)

    def _discovery(self) -> dict[str, Any]:
        host = {"certificate elsewhere": "elsewhere.example"}.get(self.lie or "", self.domain)
        return {
            "api_version": "2.0",
            "supported_identities": [
                *({"identity_type": kind, "identity_format": form} for kind, form in self.identities),
                {"identity_type": "of a later version", "identity_format": "raw"},
            ],
            "supported_subject_request_types": self.types,
            "processor_certificate": f"http{'' if self.lie == 'certificate over http' else 's'}://{host}/certificate.pem",
            "something": "more",
        }

    def _take(self, connection: ssl.SSLSocket, body: bytes) -> None:
        request = json.loads(body)
        subject_request_id = request["subject_request_id"]
        if subject_request_id in self.requests or request["subject_request_type"] not in self.types:
            self._say(connection, "400 Bad Request", {"error": {"code": 400}}, sign=False)
            return
        self.requests[subject_request_id] = request
        self.states[subject_request_id] = "pending"
        other = b"{}" if self.lie == "other request" else body
        receipt = self._about(subject_request_id) | {
            "received_time": "2026-11-01T00:00:00Z",
            "encoded_request": base64.b64encode(other).decode(),
        }
        self._say(connection, "201 Created", receipt)

    def _tell(self, connection: ssl.SSLSocket, subject_request_id: str) -> None:
        if subject_request_id not in self.states:
            self._say(connection, "404 Not Found", {"error": {"code": 404}}, sign=False)
            return
        status = "lost" if self.lie == "unknown status" else self.states[subject_request_id]
        self._say(connection, "200 OK", self._about(subject_request_id) | {"request_status": status})

    def _about(self, subject_request_id: str) -> dict[str, Any]:
        other = "00000000-0000-4000-8000-000000000000"
        return {
            "controller_id": "merchant",
            "expected_completion_time": COMPLETED_BY,
            "subject_request_id": other if self.lie == "other id" else subject_request_id,
        }

    def _say(self, connection: ssl.SSLSocket, status: str, said: dict[str, Any], *, sign: bool = True) -> None:
        content = b"{" if sign and self.lie == "no json" else json.dumps(said).encode()
        headers = {"Content_Type": "application/json"}
        if sign:
            signature = signed(content, signing_key("forger") if self.lie == "signature" else self.key)
            domain = "other.example" if self.lie == "other domain" else self.domain
            headers |= {} if self.lie == "no domain" else {"X_OpenDSR_Processor_Domain": domain}
            if self.lie != "no signature":
                headers["X_OpenDSR_Signature"] = "no base64!" if self.lie == "no base64" else signature
        answer(connection, status, content, **headers)


def silent_host(domain: str, authority: Authority) -> TlsHost:
    """Takes what it is sent, and says nothing until its context ends."""
    host: TlsHost

    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        host.over.wait()

    host = TlsHost(domain, authority, talk)
    return host
