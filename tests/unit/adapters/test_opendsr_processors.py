"""Processors on loopback that are asked over TLS: the good are believed, the slow, the dead and the lying are not."""

import base64
import re
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rightsdesk.adapters.opendsr_processors import OpenDsrProcessors
from rightsdesk.adapters.x509_certificates import CertificateAuthorities
from rightsdesk.domain.errors import OutboundRefusedError, PeerUnavailableError
from rightsdesk.domain.opendsr import OpenDsrRequest, OpenDsrStatus
from rightsdesk.domain.outbound import Limits
from tests.support.opendsr_peer import Lie, OpenDsrPeer, pem_of, self_signed, signed, signing_key, silent_host
from tests.support.tls_host import Authority, LoopbackNet, TlsHost, answer, read_request

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
DOMAIN = "opendsr.processor.example"
ID = "a7551968-d5d6-44b2-9831-815ac9017798"
REQUEST = OpenDsrRequest.model_validate(
    {
        "regulation": "gdpr",
        "subject_request_id": ID,
        "subject_request_type": "erasure",
        "submitted_time": "2026-10-31T15:00:00Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": "hana@example.jp", "identity_format": "raw"}
        ],
        "api_version": "2.0",
        "status_callback_urls": ["https://privacy.shop.example/opendsr/callbacks"],
    }
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@contextmanager
def asked(
    *peers: OpenDsrPeer, clock: Clock | None = None, credential: str | None = None
) -> Iterator[OpenDsrProcessors]:
    """Us, in a net in which these are."""
    with ExitStack() as stack:
        net = LoopbackNet(peers[0].authority)
        for peer in peers:
            net.add(stack.enter_context(peer.host))
        yield processors(net, clock=clock, credential=credential)


def processors(net: LoopbackNet, *, clock: Clock | None = None, credential: str | None = None) -> OpenDsrProcessors:
    return OpenDsrProcessors(
        net.outbound,
        clock=clock or Clock(),
        authorities=CertificateAuthorities(net.authority.pem),
        credential=lambda _: credential,
    )


def test_a_processor_is_asked_told_and_asked_how_far_it_is(authority: Authority) -> None:
    peer = OpenDsrPeer(DOMAIN, authority)
    with asked(peer) as ours:
        assert len(ours.discovery(DOMAIN).supported_identities) == 2  # and not what a later version may have
        assert ours.state(DOMAIN, ID) is None
        receipt = ours.request(DOMAIN, REQUEST)
        state = ours.state(DOMAIN, ID)
    assert receipt.subject_request_id == ID
    assert state is not None
    assert state.request_status is OpenDsrStatus.PENDING
    assert peer.requests[ID] == {
        "regulation": "gdpr",
        "subject_request_id": ID,
        "subject_request_type": "erasure",
        "submitted_time": "2026-10-31T15:00:00Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": "hana@example.jp", "identity_format": "raw"}
        ],
        "api_version": "2.0",
        "status_callback_urls": ["https://privacy.shop.example/opendsr/callbacks"],
    }


def test_the_certificate_is_fetched_once_in_an_hour(authority: Authority) -> None:
    peer, clock = OpenDsrPeer(DOMAIN, authority), Clock()
    with asked(peer, clock=clock) as ours:
        ours.request(DOMAIN, REQUEST)
        clock.now += timedelta(minutes=59)
        ours.state(DOMAIN, ID)
        assert peer.asked.count("GET /certificate.pem") == 1
        clock.now += timedelta(minutes=1)
        ours.state(DOMAIN, ID)
        assert peer.asked.count("GET /certificate.pem") == 2


def test_a_new_key_is_learned_by_fetching_again_and_a_forger_makes_us_fetch_no_more_than_once_a_minute(
    authority: Authority,
) -> None:
    peer, clock = OpenDsrPeer(DOMAIN, authority), Clock()
    with asked(peer, clock=clock) as ours:
        ours.request(DOMAIN, REQUEST)
        peer.key = signing_key("next")
        peer.certificate = pem_of(authority.issue(DOMAIN, key=peer.key))
        clock.now += timedelta(minutes=2)
        assert ours.state(DOMAIN, ID) is not None
        for _ in range(5):
            forged = base64.b64decode(signed(b"forged", signing_key("forger")))
            assert not ours.is_signed(DOMAIN, signature=forged, content=b"forged")
        assert peer.asked.count("GET /certificate.pem") == 2
        clock.now += timedelta(minutes=1)
        assert not ours.is_signed(DOMAIN, signature=forged, content=b"forged")
        assert peer.asked.count("GET /certificate.pem") == 3


def test_a_processor_that_wants_to_know_who_we_are_is_told(authority: Authority) -> None:
    peer = OpenDsrPeer(DOMAIN, authority, wants="Basic c2hvcDpzZWNyZXQ=")
    with asked(peer, credential="Basic c2hvcDpzZWNyZXQ=") as ours:
        assert ours.request(DOMAIN, REQUEST)
    with asked(OpenDsrPeer(DOMAIN, authority, wants="Basic c2hvcDpzZWNyZXQ=")) as ours:
        assert _refusal(ours) == "refused"


# Those that lie

_REASONS = {
    "signature": "signature",
    "no signature": "signature",
    "no base64": "signature",
    "other domain": "signature",
    "no domain": "signature",
    "certificate elsewhere": "certificate",
    "certificate over http": "wrong_answer",
    "certificate is none": "certificate",
}


@pytest.mark.parametrize("lie", get_args(Lie))
def test_a_processor_that_lies_is_not_believed(lie: Lie, authority: Authority) -> None:
    honest_elsewhere = OpenDsrPeer("elsewhere.example", authority)
    with asked(OpenDsrPeer(DOMAIN, authority, lie=lie), honest_elsewhere) as ours:
        if lie == "unknown status":
            ours.request(DOMAIN, REQUEST)
            with pytest.raises(OutboundRefusedError) as refused:
                ours.state(DOMAIN, ID)
            assert refused.value.reason == "wrong_answer"
        else:
            assert _refusal(ours) == _REASONS.get(lie, "wrong_answer")
    assert honest_elsewhere.asked == []


def _refusal(ours: OpenDsrProcessors) -> str:
    with pytest.raises(OutboundRefusedError) as refused:
        ours.request(DOMAIN, REQUEST)
    assert "hana" not in str(refused.value)
    assert refused.value.__cause__ is None
    return refused.value.reason


def _bad_certificates(authority: Authority) -> dict[str, bytes]:
    key = signing_key()
    stranger = Authority("Somebody")
    return {
        "over": pem_of(authority.issue(DOMAIN, key=key, last=NOW - timedelta(seconds=1))),
        "not yet": pem_of(authority.issue(DOMAIN, key=key, first=NOW + timedelta(seconds=1))),
        "of another domain": pem_of(authority.issue("other.example", key=key)),
        "of a domain above": pem_of(authority.issue("processor.example", key=key)),
        "of another star": pem_of(authority.issue("*.other.example", key=key)),
        "of no domain": pem_of(authority.certificate),
        "signed by itself": pem_of(self_signed(DOMAIN, key)),
        "by an authority that nobody knows": pem_of(stranger.issue(DOMAIN, key=key)),
        "with its own authority": pem_of(stranger.issue(DOMAIN, key=key)) + pem_of(stranger.certificate),
        "of another key": pem_of(authority.issue(DOMAIN, key=signing_key("other"))),
        "in a chain too long": pem_of(authority.issue(DOMAIN, key=key)) * 9,
        "empty": b"\n",
    }


@pytest.mark.parametrize("bad", _bad_certificates(Authority()))
def test_a_certificate_that_is_not_good_for_the_domain_is_not_believed(bad: str, authority: Authority) -> None:
    peer = OpenDsrPeer(DOMAIN, authority, certificate=_bad_certificates(authority)[bad])
    with asked(peer) as ours:
        assert _refusal(ours) == ("signature" if bad == "of another key" else "certificate")


@pytest.mark.parametrize("names", [(DOMAIN,), ("*.processor.example",), ("other.example", DOMAIN)])
def test_one_that_names_the_domain_is_believed(names: tuple[str, ...], authority: Authority) -> None:
    certificate = pem_of(authority.issue(*names, key=signing_key()))
    with asked(OpenDsrPeer(DOMAIN, authority, certificate=certificate)) as ours:
        assert ours.request(DOMAIN, REQUEST)


def test_one_whose_time_ends_within_the_hour_is_not_believed_for_longer(authority: Authority) -> None:
    clock = Clock()
    certificate = pem_of(authority.issue(DOMAIN, key=signing_key(), last=NOW + timedelta(minutes=5)))
    with asked(OpenDsrPeer(DOMAIN, authority, certificate=certificate), clock=clock) as ours:
        ours.request(DOMAIN, REQUEST)
        clock.now += timedelta(minutes=6)
        with pytest.raises(OutboundRefusedError, match="certificate"):
            ours.state(DOMAIN, ID)


# Those that do not answer


@pytest.mark.parametrize(
    ("status", "retried"), [(500, True), (503, True), (429, True), (400, False), (403, False), (204, False)]
)
def test_a_status_says_whether_it_is_worth_another_try(status: int, retried: bool, authority: Authority) -> None:
    def talk(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        answer(connection, f"{status} Said")

    net = LoopbackNet(authority)
    with TlsHost(DOMAIN, authority, talk) as host:
        net.add(host)
        with pytest.raises(PeerUnavailableError if retried else OutboundRefusedError):
            processors(net).request(DOMAIN, REQUEST)


def test_a_dead_one_is_tried_again(authority: Authority) -> None:
    net = LoopbackNet(authority)
    net.add_dead(DOMAIN)
    with pytest.raises(PeerUnavailableError):
        processors(net).request(DOMAIN, REQUEST)
    with pytest.raises(PeerUnavailableError):
        processors(net).request("nobody.example", REQUEST)
    assert net.calls == [DOMAIN]


@pytest.mark.parametrize(
    "call",
    [
        lambda ours: ours.discovery(DOMAIN),
        lambda ours: ours.request(DOMAIN, REQUEST),
        lambda ours: ours.state(DOMAIN, ID),
    ],
    ids=["discovery", "request", "state"],
)
def test_a_slow_one_is_cut_off(call: Callable[[OpenDsrProcessors], object], authority: Authority) -> None:
    net = LoopbackNet(authority)
    with silent_host(DOMAIN, authority) as host:
        net.add(host)
        ours = OpenDsrProcessors(net.outbound, clock=Clock(), limits=Limits(seconds=0.3))
        started = time.monotonic()
        with pytest.raises(PeerUnavailableError):
            call(ours)
    assert time.monotonic() - started < 5  # and not after what a call may take that names no limits


# A second implementation


def _openssl(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=30, check=False)


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> Path:
    """A key, its certificate and the authority, as files of OpenSSL."""
    key = signing_key()
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (tmp_path / "certificate.pem").write_bytes(pem_of(authority.issue(DOMAIN, key=key)))
    (tmp_path / "authority.pem").write_text(authority.pem, encoding="ascii")
    (tmp_path / "content").write_bytes(b'{"subject_request_id": "a7551968"}\r\n \x00')
    return tmp_path


def test_what_openssl_signs_is_believed_and_the_other_way_round(files: Path, authority: Authority) -> None:
    content = (files / "content").read_bytes()
    made = _openssl("dgst", "-sha256", "-sign", files / "key.pem", "-out", files / "theirs", files / "content")
    assert made.returncode == 0
    certificate = CertificateAuthorities(authority.pem).believed(
        (files / "certificate.pem").read_bytes(), domain=DOMAIN, at=NOW
    )
    assert certificate.has_signed(content, (files / "theirs").read_bytes())
    assert not certificate.has_signed(content + b" ", (files / "theirs").read_bytes())

    (files / "ours").write_bytes(base64.b64decode(signed(content, signing_key())))
    public = _openssl("x509", "-in", files / "certificate.pem", "-pubkey", "-noout").stdout
    (files / "public.pem").write_bytes(public)
    verify = ("dgst", "-sha256", "-verify", files / "public.pem", "-signature")
    assert _openssl(*verify, files / "ours", files / "content").returncode == 0
    assert (files / "ours").read_bytes() == (files / "theirs").read_bytes()  # PKCS #1 v1.5 leaves nothing to chance
    (files / "content").write_bytes(content + b" ")
    assert _openssl(*verify, files / "ours", files / "content").returncode != 0


def test_openssl_signs_with_curves_as_well(tmp_path: Path, authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = CertificateAuthorities(authority.pem).believed(
        pem_of(authority.issue(DOMAIN, key=key)), domain=DOMAIN, at=NOW
    )
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (tmp_path / "content").write_bytes(b"{}")
    made = _openssl("dgst", "-sha256", "-sign", tmp_path / "key.pem", "-out", tmp_path / "s", tmp_path / "content")
    assert made.returncode == 0
    assert certificate.has_signed(b"{}", (tmp_path / "s").read_bytes())
    assert not certificate.has_signed(b"[]", (tmp_path / "s").read_bytes())
    assert not certificate.has_signed(b"{}", b"")


def test_openssl_and_we_agree_on_certificates(files: Path, authority: Authority) -> None:
    """But for their times, which OpenSSL is told as seconds since 1970."""
    ours = CertificateAuthorities(authority.pem)
    for number, pem in enumerate(_bad_certificates(authority).values()):
        (files / f"{number}.pem").write_bytes(pem)
        theirs = _openssl(
            *("verify", "-purpose", "sslserver", "-verify_hostname", DOMAIN, "-attime", str(int(NOW.timestamp()))),
            *("-CAfile", files / "authority.pem", files / f"{number}.pem"),
        )
        try:
            ours.believed(pem, domain=DOMAIN, at=NOW)
            believed = True
        except OutboundRefusedError:
            believed = False
        # A chain of nine is one certificate to OpenSSL's command, which reads the first alone.
        assert believed == (theirs.returncode == 0) or pem.count(b"BEGIN") == 9, number


def test_the_authorities_of_the_system_can_be_read_and_do_not_know_ours(authority: Authority) -> None:
    with pytest.raises(OutboundRefusedError):
        CertificateAuthorities().believed(pem_of(authority.issue(DOMAIN, key=signing_key())), domain=DOMAIN, at=NOW)


def test_what_was_sent_is_not_shown(authority: Authority) -> None:
    with asked(OpenDsrPeer(DOMAIN, authority)) as ours:
        receipt = ours.request(DOMAIN, REQUEST)
    assert not re.search("hana|encoded", f"{receipt!r} {REQUEST!r}")
