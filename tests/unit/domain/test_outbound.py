"""Where the desk may call to: what is no host of the internet is not called, however it is written (abuse case 50)."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import OutboundRefusedError
from rightsdesk.domain.outbound import Outgoing, Target, may_be_called, require_callable, target_of

CALLED = [
    ("https://peer.example", Target("peer.example", 443, "/")),
    ("https://peer.example/", Target("peer.example", 443, "/")),
    ("HTTPS://Peer.Example/A?b=c&d=%20", Target("peer.example", 443, "/A?b=c&d=%20")),
    ("https://peer.example?b=c", Target("peer.example", 443, "/?b=c")),
    ("https://peer.example:443/v1/", Target("peer.example", 443, "/v1/")),
    ("https://peer.example:8443/", Target("peer.example", 8443, "/")),
    ("https://bücher.example/", Target("xn--bcher-kva.example", 443, "/")),
    ("https://家具.example/", Target("xn--h6qq3w.example", 443, "/")),
    ("https://peer。example/", Target("peer.example", 443, "/")),  # the full stop of Japanese keyboards
    ("https://ｐｅｅｒ.example/", Target("peer.example", 443, "/")),
    ("https://10.peer.example/", Target("10.peer.example", 443, "/")),
    ("https://peer.example/@a:b/%40?x=/../", Target("peer.example", 443, "/@a:b/%40?x=/../")),
]


@pytest.mark.parametrize(("url", "target"), CALLED)
def test_a_url_of_the_internet_is_read(url: str, target: Target) -> None:
    assert target_of(url, ports=(443, 8443)) == target


REFUSED = [
    *[
        (url, "url")
        for url in (
            "",
            "peer.example",
            "//peer.example/",
            "http://peer.example/",
            "file:///etc/passwd",
            "ftp://peer.example/",
            "gopher://peer.example/",
            "https:peer.example",
            "https:///peer.example/",
            "https://user@peer.example/",
            "https://user:word@peer.example/",
            "https://good.example@10.0.0.1/",
            "https://peer.example\\@10.0.0.1/",
            "https://peer.example\\.good.example/",
            "https://peer.example#@good.example/",
            "https://peer.example/#part",
            "https://peer.example/a b",
            "https://peer.example/\r\nHost: good.example",
            "https://peer.example/\x00",
            " https://peer.example/",
            "https://peer.example/\n",
            "https://peer.example/ü",
            "https://peer.example/%zz",
            "https://peer.example:/",
            "https://peer.example:-1/",
            "https://peer.example:999999/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://%31%30.0.0.1/",
            "httpſ://peer.example/",
            "https://peer.example/" + "a" * 2_048,
        )
    ],
    *[(f"https://peer.example:{port}/", "port") for port in (0, 22, 80, 8080, 8443, 65535)],
    *[
        (f"https://{host}/", "address")
        for host in (
            "127.0.0.1",
            "8.8.8.8",  # a number is never needed: certificates are for names
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0X7F.0.0.1",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.0x1",
            "１２７.0.0.1",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "peer.1",
            "peer.0x",
        )
    ],
    *[
        (f"https://{host}/", "host")
        for host in (
            "localhost",
            "peer",
            "peer.localhost",
            "LOCALHOST",
            "peer.local",
            "metadata.google.internal",
            "printer.home.arpa",
            "peer.onion",
            "peer.example.",  # another name to who compares texts
            "127.0.0.1.",
            ".peer.example",
            "peer..example",
            "-peer.example",
            "pe_er.example",
            "peer!.example",
            "peer／.example",
            "peer．example．",
            "a" * 64 + ".example",
            "xn--a.example",
            "\u200dpeer.example",
        )
    ],
]


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_a50_a_url_that_is_no_plain_https_of_a_named_host_is_refused(url: str, reason: str) -> None:
    with pytest.raises(OutboundRefusedError) as refused:
        target_of(url)
    assert refused.value.reason == reason


INSIDE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255"),  # noqa: S104
    *("127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7"),
    *("203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::127.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:808:808::1"),
    *("2001:0:7f00:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
    *("2606:4700:4700::1111%eth0", "", "localhost", "127.1", "0x7f000001", "017700000001", "2130706433", "1.2.3.4.5"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_a50_an_address_that_is_not_of_the_internet_is_not_called(address: str) -> None:
    assert not may_be_called(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0"),
        *("223.255.255.255", "2606:4700:4700::1111", "2001:200::1", "2a00:1450::1"),
        *("64:ff9b::8.8.8.8", "::ffff:8.8.8.8"),
    ],
)
def test_an_address_of_the_internet_is_called(address: str) -> None:
    assert may_be_called(address)


@given(st.ip_addresses(v=4))
def test_a50_what_the_standard_library_calls_private_is_never_called(address: IPv4Address) -> None:
    """The tables are ours, so that they do not change with Python; they are at least as strict."""
    called = may_be_called(str(address))
    assert not (called and not address.is_global)
    assert may_be_called(f"::ffff:{address}") == called
    assert may_be_called(f"64:ff9b::{address}") == called
    assert not may_be_called(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1")
    assert not may_be_called(f"::{address}")


@given(st.ip_addresses(v=6))
def test_a50_the_same_of_long_addresses(address: IPv6Address) -> None:
    mapped = address in ip_network("::ffff:0:0/96") or address in ip_network("64:ff9b::/96")
    assert not may_be_called(str(address)) or address.is_global or mapped


@given(st.text(max_size=80))
def test_any_text_is_read_as_plain_ascii_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://peer.example/{text}"):
        try:
            target = target_of(url)
        except OutboundRefusedError:
            continue
        assert target.host.isascii()
        assert target.path.isascii()
        assert target.path.isprintable()
        assert " " not in target.path


def test_a50_one_address_inside_bars_a_host_that_has_others() -> None:
    assert require_callable(["8.8.8.8", "8.8.4.4", "8.8.8.8"]) == ("8.8.8.8", "8.8.4.4")
    for addresses in (["8.8.8.8", "10.0.0.1"], ["::1", "8.8.8.8"], []):
        with pytest.raises(OutboundRefusedError) as refused:
            require_callable(addresses)
        assert refused.value.reason == "address"


def test_who_runs_the_desk_may_open_a_network_and_no_more_than_that() -> None:
    opened = [ip_network("10.1.0.0/16"), ip_network("fd12::/16")]
    assert may_be_called("10.1.2.3", opened=opened)
    assert may_be_called("fd12::1", opened=opened)
    assert not may_be_called("10.2.0.1", opened=opened)
    assert not may_be_called("::ffff:10.1.2.3", opened=opened)  # it is opened as it is written


def test_what_is_sent_is_not_shown() -> None:
    shown = repr(Outgoing(method="POST", url="https://peer.example/secret", headers={"A": "token"}, content=b"hana"))
    assert not [word for word in ("secret", "token", "hana") if word in shown]
