"""Where the desk may call to, and what came back: the rules that keep a URL of somebody else from reaching inside
(server-side request forgery, abuse case 50).

A URL is read strictly: what two readers could take for two hosts is refused, not repaired. An address is judged as
the number that is connected to, never as a text. `adapters/outbound_https.py` does both, once for each call.
"""

# serves: B-5, E-07

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import BinaryIO, Literal, NamedTuple

from rightsdesk.domain.errors import OutboundRefusedError

Network = IPv4Network | IPv6Network

LONGEST_URL = 2_048
_LONGEST_HOST = 253  # RFC 1035 2.3.4, without the last dot

# After the host only what RFC 3986 has there. No user, for whom another host could be taken; no backslash, which
# browsers take for a slash; no fragment, which is not sent. ASCII: else a long s would be an s where case is ignored.
_STEP = r"(?:[a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})"
_URL = re.compile(
    rf"https://(?P<host>[^/?#\\@:\[\]%\s]{{1,{_LONGEST_HOST}}})(?::(?P<port>[0-9]{{1,5}}))?"
    rf"(?P<path>/{_STEP}*)?(?P<query>\?(?:{_STEP}|\?)*)?",
    re.IGNORECASE | re.ASCII,
)
# "Ends in a number": the last label of an IPv4 address in any notation, decimal, octal or hexadecimal.
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Names that never belong to somebody else's host (RFC 6761, 6762, 7686, 8375, and what clouds answer to inside).
_INSIDE = ("localhost", "local", "internal", "intranet", "localdomain", "home.arpa", "onion")

# IANA's registries of special-purpose addresses, and those by which clouds answer questions about themselves.
_REFUSED_V4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            *("224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # public by its number, but answered by the platform of a cloud
        ),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all that was ever given out for hosts of the internet
_REFUSED_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them: it wraps an IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4, which wraps one as well
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
# An IPv4 address in the last 32 bits, which is what is reached in the end.
_WRAPS_V4 = tuple(map(IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96")))


@dataclass(frozen=True, kw_only=True)
class OutboundRules:
    """`ports`: which may be called. `opened`: networks that may be, though they are not of the internet.

    Nothing is opened but by who runs the desk; never by what somebody sends.
    """

    ports: frozenset[int] = frozenset({443})
    opened: tuple[Network, ...] = ()


class Target(NamedTuple):
    """A URL that may be called. `host` is in ASCII and lower case, `path` with its query."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the header Host has it."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of one call. `seconds`: from the first look-up to the last byte; `connect`: to the end of the handshake.

    `head` and `body`: most bytes of the answer.
    """

    seconds: float = 10.0
    connect: float = 10.0
    head: int = 16 * 1024
    body: int = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One call. `content` is what is sent, or a file of which `length` bytes are sent from where it stands.

    Never shown: a path may hold a token, a body a person.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | BinaryIO = field(default=b"", repr=False)
    length: int | None = None
    limits: Limits = Limits()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. Names of headers in lower case; of one that came twice, the values with a comma between."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


def target_of(url: str, *, ports: Iterable[int] = (443,)) -> Target:
    """The host, port and path of a URL that may be called, as far as the text can tell.

    Raises OutboundRefusedError (`url`, `port`, `host`, `address`).
    """
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None:
        raise OutboundRefusedError("url")
    port = int(found["port"] or 443)
    if port not in frozenset(ports):
        raise OutboundRefusedError("port")
    return Target(host=_host(found["host"]), port=port, path=f"{found['path'] or '/'}{found['query'] or ''}")


def _host(typed: str) -> str:
    """In ASCII, as IDNA 2008 writes it. A name of at least two labels, and never a number."""
    import idna  # most functions call nobody

    try:
        host = idna.encode(typed, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise OutboundRefusedError("host") from None
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # after IDNA, which makes 127 of full-width digits
        raise OutboundRefusedError("address")
    if len(host) > _LONGEST_HOST or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        raise OutboundRefusedError("host")
    if any(host == name or host.endswith(f".{name}") for name in _INSIDE):
        raise OutboundRefusedError("host")
    return host


def may_be_called(address: str, *, opened: Iterable[Network] = ()) -> bool:
    """Whether this number (`192.0.2.1`, `2001:db8::1`) is one of the internet, or of a network that was opened."""
    try:
        number = ip_address(address)
    except ValueError:
        return False
    if any(number.version == network.version and number in network for network in opened):
        return True
    if isinstance(number, IPv4Address):
        return not any(number in network for network in _REFUSED_V4)
    return _is_global(number)


def _is_global(number: IPv6Address) -> bool:
    if any(number in network for network in _WRAPS_V4):
        return may_be_called(str(IPv4Address(int(number) & 0xFFFF_FFFF)))
    return number.scope_id is None and number in _GLOBAL_V6 and not any(number in network for network in _REFUSED_V6)


def require_callable(addresses: Iterable[str], *, opened: Iterable[Network] = ()) -> tuple[str, ...]:
    """The addresses of one host, each of which may be called. Raises OutboundRefusedError (`address`).

    One that may not bars the host: a name that leads outside and inside by turns is a trick.
    """
    found = tuple(dict.fromkeys(addresses))
    networks = tuple(opened)
    if not found or not all(may_be_called(address, opened=networks) for address in found):
        raise OutboundRefusedError("address")
    return found
