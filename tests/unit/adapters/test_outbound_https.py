"""Calls to hosts on loopback that behave well, and to such that do not (abuse case 50)."""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest

from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.domain.errors import OutboundRefusedError, PeerUnavailableError, RetryableError
from rightsdesk.domain.outbound import Answer, Limits, OutboundRules, Outgoing
from tests.support.tls_host import Authority, OpenedLoopback, Talk, TlsHost, answer, read_request

NAME = "peer.example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def called(authority: Authority, talk: Talk, *, path: str = "/", limits: Limits | None = None) -> Answer:
    with TlsHost(NAME, authority, talk) as host:
        outgoing = Outgoing(method="GET", url=host.origin + path, limits=limits or Limits(seconds=5))
        return OpenedLoopback(authority, host.port).outbound.send(outgoing)


def test_a_host_is_asked_and_its_answer_read(authority: Authority) -> None:
    seen: list[tuple[bytes, dict[str, str], bytes]] = []

    def talk(connection: ssl.SSLSocket) -> None:
        seen.append(read_request(connection))
        answer(connection, "201 Created", b'{"a":1}', Content_Type="application/json", X_Signed="yes")

    with TlsHost(NAME, authority, talk) as host:
        outgoing = Outgoing(
            method="POST",
            url=f"{host.origin}/v1/requests?x=%20",
            headers={"Content-Type": "application/json", "Host": "other.example", "Accept-Encoding": "gzip"},
            content=b'{"b":2}',
        )
        given = OpenedLoopback(authority, host.port).outbound.send(outgoing)
        port = host.port
    assert (given.status, given.body, given.headers["x-signed"]) == (201, b'{"a":1}', "yes")
    ((first, headers, body),) = seen
    assert (first, body) == (b"POST /v1/requests?x=%20 HTTP/1.1", b'{"b":2}')
    assert headers["host"] == f"{NAME}:{port}"
    assert (headers["accept-encoding"], headers["connection"], headers["content-length"]) == ("identity", "close", "7")


def test_a_file_is_sent_from_where_it_stands_and_no_more_of_it_than_was_said(authority: Authority) -> None:
    seen: list[bytes] = []

    def talk(connection: ssl.SSLSocket) -> None:
        seen.append(read_request(connection)[2])
        answer(connection, "200 OK")

    content = bytes(range(256)) * 2_000  # more than is sent at a time
    file = io.BytesIO(b"before" + content + b"after")
    file.seek(6)
    with TlsHost(NAME, authority, talk) as host:
        outbound = OpenedLoopback(authority, host.port).outbound
        outbound.send(Outgoing(method="PUT", url=host.origin, content=file, length=len(content)))
        assert seen == [content]
        with pytest.raises(ValueError, match="shorter"):
            outbound.send(Outgoing(method="PUT", url=host.origin, content=io.BytesIO(b"short"), length=6))
        with pytest.raises(ValueError, match="length"):
            outbound.send(Outgoing(method="PUT", url=host.origin, content=io.BytesIO(b"short")))


def test_a_host_that_says_no_before_all_was_sent_is_heard_or_tried_again(authority: Authority) -> None:
    """What it said may be lost with the connection: that depends on which comes first."""

    def talk(connection: ssl.SSLSocket) -> None:
        answer(connection, "413 Content Too Large")

    with TlsHost(NAME, authority, talk) as host:
        outbound = OpenedLoopback(authority, host.port).outbound
        try:
            given = outbound.send(Outgoing(method="PUT", url=host.origin, content=b"x" * 8_000_000))
        except RetryableError:
            pass
        else:
            assert given.status == 413


# What a host should not do -> what becomes of it: refused with a reason, or to be tried again (None).


def _redirect(status: str, to: str) -> Talk:
    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        answer(connection, status, Location=to)

    return talk


def _says(raw: bytes) -> Talk:
    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        connection.sendall(raw)

    return talk


def _goes_on(head: bytes, piece: bytes) -> Talk:
    """More and more, as long as anybody listens."""

    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        connection.sendall(head)
        for _ in range(10_000):
            connection.sendall(piece)

    return talk


OK = b"HTTP/1.1 200 OK\r\n"
MISBEHAVING: dict[str, tuple[Talk, str | None]] = {
    "redirects inside": (_redirect("302 Found", "http://169.254.169.254/latest/meta-data/"), "redirect"),
    "redirects to itself": (_redirect("307 Temporary Redirect", f"https://{NAME}/"), "redirect"),
    "redirects for good": (_redirect("301 Moved Permanently", "https://other.example/"), "redirect"),
    "redirects nowhere": (_redirect("304 Not Modified", ""), "redirect"),
    "a body too long, said": (_says(OK + b"Content-Length: 2001\r\n\r\n" + b"x" * 2_001), "too_large"),
    "a body too long, not said": (_says(OK + b"\r\n" + b"x" * 2_001), "too_large"),
    "a body without end": (_goes_on(OK + b"\r\n", b"x" * 1_000), "too_large"),
    "chunks without end": (_goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 100), "too_large"),
    "a chunk without end": (_goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", b"x"), "too_large"),
    "a header too long": (_goes_on(OK + b"A: ", b"x" * 10_000), "too_large"),
    "a header of 70 kB": (_says(OK + b"A: " + b"x" * 70_000 + b"\r\n\r\n"), "too_large"),
    "headers without end": (_goes_on(OK, b"A: x\r\n" * 10), "not_http"),
    "interim answers without end": (_goes_on(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10), "too_large"),
    "a status too long": (_goes_on(b"HTTP/1.1 200 ", b"x" * 10_000), "too_large"),
    "no HTTP": (_says(b"220 mail.example ESMTP\r\n"), "not_http"),
    "HTTP of a future": (_says(b"HTTP/9 200 OK\r\n\r\n"), "not_http"),
    "nothing": (_says(b""), None),
    "less than it said": (_says(OK + b"Content-Length: 100\r\n\r\nshort"), None),
    "half a chunk": (_says(OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\nshort"), None),
    "a chunk of no length": (_says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nshort"), None),
}


@pytest.mark.parametrize("name", MISBEHAVING)
def test_a50_a_host_that_misbehaves_is_refused_or_tried_again(name: str, authority: Authority) -> None:
    talk, reason = MISBEHAVING[name]
    with pytest.raises((OutboundRefusedError, PeerUnavailableError)) as failed:
        called(authority, talk, limits=Limits(seconds=20, head=2_000, body=2_000), path="/token-of-somebody")
    assert getattr(failed.value, "reason", None) == reason
    assert "token" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_what_is_packed_is_not_unpacked(authority: Authority) -> None:
    given = called(authority, _says(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"))
    assert given.body == b"\x1f\x8b"


def test_a_header_that_comes_twice_is_both(authority: Authority) -> None:
    given = called(authority, _says(OK + b"A: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n"))
    assert given.headers["a"] == "1, 2"


def _dripping(first: bytes, drop: bytes, over: threading.Event) -> Talk:
    """A byte at a time, each long before anybody would give up waiting for it."""

    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        connection.sendall(first)
        while not over.wait(0.05):
            connection.sendall(drop)

    return talk


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK", b"!"),
        (OK, b"A: 1\r\n"),
        (OK + b"A: ", b"x"),
        (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a50_a_host_that_drips_is_cut_off(first: bytes, drop: bytes, authority: Authority) -> None:
    over = threading.Event()
    with pytest.raises(PeerUnavailableError):
        called(authority, _dripping(first, drop, over), limits=Limits(seconds=0.5, head=100_000))
    over.set()


def test_a_host_that_does_not_read_is_cut_off(authority: Authority) -> None:
    with TlsHost(NAME, authority, lambda _: host.over.wait()) as host:
        outgoing = Outgoing(method="PUT", url=host.origin, content=b"x" * 16_000_000, limits=Limits(seconds=0.5))
        with pytest.raises(PeerUnavailableError):
            OpenedLoopback(authority, host.port).outbound.send(outgoing)


def test_a_connection_has_a_limit_of_its_own(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        port = silent.getsockname()[1]
        limits = Limits(seconds=60, connect=0.3)
        began = time.monotonic()
        with pytest.raises(PeerUnavailableError):
            OpenedLoopback(authority, port).outbound.send(
                Outgoing(method="GET", url=f"https://{NAME}:{port}/", limits=limits)
            )
        assert time.monotonic() - began < 30, "the limit of the connection, and not that of the whole call"


def test_an_answer_may_take_longer_than_the_connection(authority: Authority) -> None:
    def dawdle(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        host.over.wait(0.6)
        answer(connection, "200 OK")

    with TlsHost(NAME, authority, dawdle) as host:
        outgoing = Outgoing(method="GET", url=f"{host.origin}/", limits=Limits(seconds=20, connect=0.5))
        assert OpenedLoopback(authority, host.port).outbound.send(outgoing).status == 200


def test_a_host_that_speaks_no_tls_is_cut_off(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        port = silent.getsockname()[1]
        outgoing = Outgoing(method="GET", url=f"https://{NAME}:{port}/", limits=Limits(seconds=0.3))
        with pytest.raises(PeerUnavailableError):
            OpenedLoopback(authority, port).outbound.send(outgoing)
    with pytest.raises(PeerUnavailableError):  # and now nobody listens
        OpenedLoopback(authority, port).outbound.send(outgoing)


def test_a_look_up_that_takes_too_long_is_not_waited_for(authority: Authority) -> None:
    over = threading.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        over.wait()
        return []

    outbound = HttpsOutbound(resolve=slow, authorities=authority.pem)
    with pytest.raises(PeerUnavailableError):
        outbound.send(Outgoing(method="GET", url="https://peer.example/", limits=Limits(seconds=0.1)))
    over.set()


def test_a_name_that_nobody_knows_is_tried_again(authority: Authority) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(PeerUnavailableError):
        HttpsOutbound(resolve=unknown).send(Outgoing(method="GET", url="https://peer.example/"))


# Who answers


def test_a50_a_name_is_looked_up_once_and_the_number_that_was_judged_is_called(authority: Authority) -> None:
    """DNS rebinding: the second look-up of an attacker's name leads inside."""

    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        answer(connection, "200 OK", b"ours")

    with TlsHost(NAME, authority, talk) as host, TlsHost(NAME, authority, talk) as inside:
        turns = count()

        def look_up(name: str, port: int) -> Sequence[str]:
            return ["127.0.0.1"] if next(turns) == 0 else ["169.254.169.254"]

        rules = OpenedLoopback(authority, host.port).rules
        outbound = HttpsOutbound(rules, resolve=look_up, authorities=authority.pem)
        assert outbound.send(Outgoing(method="GET", url=host.origin)).body == b"ours"
        assert next(turns) == 1
        with pytest.raises(OutboundRefusedError) as refused:  # the next call judges anew
            outbound.send(Outgoing(method="GET", url=host.origin))
        assert refused.value.reason == "address"
        assert (host.connections, inside.connections) == (1, 0)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["169.254.169.254"]],
)
def test_a50_a_name_that_leads_inside_is_not_connected_to(addresses: list[str], authority: Authority) -> None:
    with TlsHost(NAME, authority, _says(OK)) as host:
        outbound = HttpsOutbound(
            OutboundRules(ports=frozenset({host.port})), resolve=lambda *_: addresses, authorities=authority.pem
        )
        with pytest.raises(OutboundRefusedError) as refused:
            outbound.send(Outgoing(method="GET", url=host.origin))
        assert (refused.value.reason, host.connections) == ("address", 0)


def test_another_number_of_a_host_is_tried_where_one_is_dead(authority: Authority) -> None:
    with TlsHost(NAME, authority, _says(OK + b"\r\nalive")) as host:
        loopback = OpenedLoopback(authority, host.port, addresses=["127.0.0.2", "127.0.0.1"])
        assert loopback.outbound.send(Outgoing(method="GET", url=host.origin)).body == b"alive"
        assert loopback.asked == [NAME]


def _strangers() -> Iterator[tuple[str, Callable[[Authority], TlsHost]]]:
    yield "another name", lambda ours: TlsHost(NAME, ours, _says(OK), certified="other.example")
    yield "a subdomain", lambda ours: TlsHost(NAME, ours, _says(OK), certified=f"www.{NAME}")
    yield "another authority", lambda ours: TlsHost(NAME, Authority("Somebody"), _says(OK))


@pytest.mark.parametrize("stranger", dict(_strangers()))
def test_a50_a_host_whose_certificate_is_not_for_the_name_is_not_spoken_to(stranger: str, authority: Authority) -> None:
    with dict(_strangers())[stranger](authority) as host:
        outgoing = Outgoing(method="POST", url=host.origin, content=b"secret")
        with pytest.raises(OutboundRefusedError) as refused:
            OpenedLoopback(authority, host.port).outbound.send(outgoing)
        assert refused.value.reason == "certificate"


def test_the_authorities_of_the_system_do_not_know_ours(authority: Authority) -> None:
    with TlsHost(NAME, authority, _says(OK)) as host:
        loopback = OpenedLoopback(authority, host.port)
        with pytest.raises(OutboundRefusedError) as refused:
            HttpsOutbound(loopback.rules, resolve=loopback.look_up).send(Outgoing(method="GET", url=host.origin))
        assert refused.value.reason == "certificate"


def test_a50_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert called(authority, _says(OK + b"\r\nours")).body == b"ours"
