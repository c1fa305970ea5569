"""A recipient is told over OpenDSR and answers by callbacks: a true peer on loopback, and what it might do wrong."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from rightsdesk.adapters.opendsr_processors import OpenDsrProcessors
from rightsdesk.adapters.x509_certificates import CertificateAuthorities
from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    OutboundRefusedError,
    PeerUnavailableError,
)
from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.opendsr import DOMAIN_HEADERS, SIGNATURE_HEADERS, OpenDsrCallback, read_signature
from rightsdesk.domain.opendsr_identities import IdentityType
from rightsdesk.domain.outbound import Limits
from rightsdesk.domain.recipient_notice import NoticeAction, NoticeState, RecipientNotice
from rightsdesk.domain.recipients import HttpConnector, MailConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.services.answer_notice import NoticeAnswers
from rightsdesk.services.notice_by_opendsr import OpenDsrNotices
from rightsdesk.services.take_callback import RecipientCallbacks
from rightsdesk.services.tell_recipient import RecipientTeller
from tests.support.cases import RECEIVED, new_case
from tests.support.desk import APPROVER, Desk
from tests.support.opendsr_peer import COMPLETED_BY, Callback, OpenDsrPeer, pem_of, signed, signing_key, silent_host
from tests.support.tls_host import FIRST_DAY, Authority, LoopbackNet

DOMAIN = "opendsr.processor.example"
OWN_URL = "https://privacy.shop.example/opendsr/callbacks"
NAME = Label(en="Processor, Inc.", ja="株式会社プロセッサー")
HASH = hashlib.sha256(b"hanako@example.jp").hexdigest()


def recipient(domain: str = DOMAIN, **identities: IdentityType) -> Recipient:
    return Recipient(
        label=NAME,
        role="processor",
        knows=("email", "member_id"),
        connector=HttpConnector(kind="http", domain=domain, identities=identities),
    )


class House:
    """Us: a case that is erased, with one notice to tell, and what takes the answers."""

    def __init__(
        self, net: LoopbackNet, *, action: str = "erase", register: dict[str, Recipient] | None = None
    ) -> None:
        self.net = net
        self.desk = Desk()
        self.recipient = recipient(member_id=IdentityType.CONTROLLER_CUSTOMER_ID)
        case, event = new_case(types=(RequestType.ERASURE,), status=Status.EXECUTING)
        self.desk.cases.create(case, event)
        notice = RecipientNotice(
            recipient="processor",
            notice_id=str(uuid4()),
            channel="http",
            action=action,
            law="gdpr",
            fields=("shop/members.email",),
            identifiers={"email": ("hanako@example.jp",), "member_id": ("M-1",), "order_id": ("K-1", "K-2")},
            asked_at=RECEIVED,
        )
        self.notice_id, self.request_id = notice.notice_id, case.request_id
        after, added = case.changed("recipients_named", at=RECEIVED, actor="system", notices={"processor": notice.line})
        self.desk.notices.add(case, after, added, (notice,))
        self.desk.tokens.park(case.request_id, "recipients", "token")
        self.processors = OpenDsrProcessors(
            net.outbound,
            clock=self.desk.clock,
            authorities=CertificateAuthorities(net.authority.pem),
            limits=Limits(seconds=2),
        )
        self.answers = NoticeAnswers(
            cases=self.desk.cases,
            notices=self.desk.notices,
            tokens=self.desk.tokens,
            workflow=self.desk.workflow,
            clock=self.desk.clock,
        )
        self.connector = OpenDsrNotices(
            processors=self.processors, callback_url=lambda: OWN_URL, learned=self.answers.take
        )
        self.callbacks = RecipientCallbacks(
            recipients=register or {"processor": self.recipient, "by_mail": _by_mail()},
            keys=self.processors,
            find=self.answers.find,
            take=self.answers.take,
        )

    @property
    def case(self) -> PrivacyRequest:
        return self.desk.cases.get(self.request_id)

    @property
    def notice(self) -> RecipientNotice:
        return self.desk.notices.get(self.request_id, "processor")

    def tell(self) -> RecipientNotice:
        """As the task of the workflow does it."""
        teller = RecipientTeller(
            cases=self.desk.cases,
            notices=self.desk.notices,
            connectors={"http": self.connector},
            clock=self.desk.clock,
        )
        teller.tell(self.case, self.notice, self.recipient)
        return self.notice

    def take(self, callback: Callback) -> NoticeState:
        """As the door does it, in this order."""
        domain = self.callbacks.require_known(callback.headers[DOMAIN_HEADERS[0]])
        signature = read_signature([callback.headers[SIGNATURE_HEADERS[0]]])
        self.callbacks.require_signed(domain, signature=signature, content=callback.content)
        self.callbacks.take(domain, OpenDsrCallback.model_validate_json(callback.content), own_url=OWN_URL)
        return self.notice.state


def _by_mail() -> Recipient:
    return Recipient(label=NAME, role="processor", connector=MailConnector(kind="mail", address="a@by-mail.example"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def peer(authority: Authority) -> OpenDsrPeer:
    return OpenDsrPeer(DOMAIN, authority)


@pytest.fixture
def house(peer: OpenDsrPeer) -> Iterator[House]:
    net = LoopbackNet(peer.authority)
    with peer.host as host:
        net.add(host)
        yield House(net)


# Telling


def test_a_recipient_is_told_and_says_that_it_has_it(house: House, peer: OpenDsrPeer) -> None:
    assert house.tell().state is NoticeState.ACKNOWLEDGED
    assert peer.requests[house.notice_id] == {
        "regulation": "gdpr",
        "subject_request_id": house.notice_id,
        "subject_request_type": "erasure",
        "submitted_time": "2026-11-23T10:00:00Z",  # when the person asked us
        "subject_identities": [
            {"identity_type": "email", "identity_value": "hanako@example.jp", "identity_format": "raw"},
            {"identity_type": "controller_customer_id", "identity_value": "M-1", "identity_format": "raw"},
        ],
        "api_version": "2.0",
        "status_callback_urls": [OWN_URL],
    }
    assert house.desk.history(house.case)[-1] == "recipient_told"


def test_who_takes_digests_alone_gets_digests(house: House, peer: OpenDsrPeer) -> None:
    peer.identities = (("email", "md5"), ("email", "sha256"), ("android_id", "raw"))
    house.tell()
    assert peer.requests[house.notice_id]["subject_identities"] == [
        {"identity_type": "email", "identity_value": HASH, "identity_format": "sha256"}
    ]


def test_a_reminder_asks_how_far_it_is_and_hands_nothing_in_again(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    assert house.tell().sendings == 2
    assert peer.asked.count("POST /v1/requests") == 1
    del peer.requests[house.notice_id], peer.states[house.notice_id]  # it has lost it
    assert house.tell().state is NoticeState.ACKNOWLEDGED
    assert house.notice_id in peer.requests


def test_an_answer_that_was_lost_is_asked_for(house: House, peer: OpenDsrPeer) -> None:
    peer.lie = "no json"
    assert (house.tell().state, house.notice.failure) == (NoticeState.TO_DO, "wrong_answer")
    assert house.notice_id in peer.requests  # it has it all the same
    peer.lie = None
    assert (house.tell().state, house.notice.failure) == (NoticeState.ACKNOWLEDGED, None)
    assert peer.asked.count("POST /v1/requests") == 1


def test_what_was_handed_in_before_we_died_is_not_refused(house: House, peer: OpenDsrPeer) -> None:
    house.connector.tell(house.case, house.notice, house.recipient)  # and nobody wrote it down
    assert (house.tell().state, house.notice.failure) == (NoticeState.ACKNOWLEDGED, None)


def test_a_recipient_that_refuses_is_not_told_by_machine(house: House, peer: OpenDsrPeer) -> None:
    peer.wants = "Basic c2hvcDpzZWNyZXQ="
    assert (house.tell().state, house.notice.failure) == (NoticeState.TO_DO, "refused")
    assert house.notice.line.waits_for_staff


def test_a_reminder_learns_what_a_callback_should_have_said(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    peer.states[house.notice_id] = "completed"
    assert house.tell().state is NoticeState.DONE
    assert house.desk.workflow.answers == {"token": {}}
    assert house.desk.history(house.case)[-1] == "recipient_answered"


def _without_erasure(peer: OpenDsrPeer) -> None:
    peer.types = ("access",)


def _without_identities(peer: OpenDsrPeer) -> None:
    peer.identities = (("roku_publisher_id", "raw"), ("email", "md5"))


@pytest.mark.parametrize("spoiled", [_without_erasure, _without_identities])
def test_what_a_recipient_does_not_offer_waits_for_staff(spoiled: Any, house: House, peer: OpenDsrPeer) -> None:
    spoiled(peer)
    assert (house.tell().state, house.notice.failure) == (NoticeState.TO_DO, "not_offered")
    assert house.notice.line.waits_for_staff
    assert peer.requests == {}


@pytest.mark.parametrize("action", ["correct", "restrict", "stop_use"])
def test_what_opendsr_has_no_word_for_waits_for_staff(action: NoticeAction, authority: Authority) -> None:
    net = LoopbackNet(authority)
    house = House(net, action=action)
    assert house.tell().failure == "not_offered"
    assert house.notice.line.waits_for_staff
    assert net.calls == []  # nobody is asked


def test_a_dead_and_a_silent_one_are_told_another_time(authority: Authority) -> None:
    net = LoopbackNet(authority)
    net.add_dead(DOMAIN)
    house = House(net)
    assert house.tell().failure == "peer_unavailable"
    with silent_host(DOMAIN, authority) as silent:
        net.add(silent)
        assert house.tell().failure == "peer_unavailable"
    with OpenDsrPeer(DOMAIN, authority).host as alive:
        net.add(alive)
        assert (house.tell().failure, house.notice.state) == (None, NoticeState.ACKNOWLEDGED)


def test_nothing_of_the_person_is_in_the_history(house: House, peer: OpenDsrPeer) -> None:
    peer.lie = "other request"
    house.tell()
    assert house.notice.failure == "wrong_answer"
    said = "".join(event.model_dump_json() for event in house.desk.table.events[house.request_id])
    assert "recipient_not_reached" in said
    assert not [word for word in ("hanako", "M-1", HASH) if word in said]


# Being called back


def test_callbacks_take_the_notice_to_its_end_and_let_the_case_go_on(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    assert house.take(peer.callback(house.notice_id, "in_progress")) is NoticeState.ACKNOWLEDGED
    assert house.desk.workflow.answers == {}
    assert house.take(peer.callback(house.notice_id, "completed")) is NoticeState.DONE
    assert house.desk.workflow.answers == {"token": {}}
    assert house.notice.identifiers == {}
    assert house.desk.history(house.case)[-1] == "recipient_answered"


def test_one_that_is_cancelled_is_impossible_and_says_why_if_it_can(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    said = {DOMAIN: {"reason_code": "legal_hold", "detail": "of hanako@example.jp"}}
    assert house.take(peer.callback(house.notice_id, "cancelled", extensions=said)) is NoticeState.IMPOSSIBLE
    assert house.notice.reason == "Cancelled by the recipient over OpenDSR (legal_hold)"
    assert house.notice.line.waits_for_staff


@pytest.mark.parametrize("code", [None, 7, "two words", "x" * 61, "<b>", ["a"]])
def test_a_reason_that_is_no_code_is_left_out(code: Any, house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    house.take(peer.callback(house.notice_id, "cancelled", extensions={DOMAIN: {"reason_code": code}}))
    assert house.notice.reason == "Cancelled by the recipient over OpenDSR"


def test_a_callback_that_comes_before_the_answer_counts(house: House, peer: OpenDsrPeer) -> None:
    """The answer to the request was lost, or is still under way."""
    assert house.take(peer.callback(house.notice_id, "pending", at=OWN_URL)) is NoticeState.ACKNOWLEDGED


@pytest.mark.parametrize("order", list(permutations(("pending", "in_progress", "completed", "cancelled"))))
def test_callbacks_in_any_order_and_twice_leave_the_first_end(
    order: tuple[str, ...], house: House, peer: OpenDsrPeer
) -> None:
    house.tell()
    callbacks = [peer.callback(house.notice_id, status) for status in order]
    end = next(status for status in order if status in {"completed", "cancelled"})
    for callback in callbacks + callbacks:
        house.take(callback)
    assert house.notice.state is (NoticeState.DONE if end == "completed" else NoticeState.IMPOSSIBLE)
    assert house.desk.history(house.case).count("recipient_answered") == 1


def test_a_callback_after_staff_let_it_rest_changes_nothing(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    house.take(peer.callback(house.notice_id, "cancelled"))
    house.desk.staff_notices().let_rest(
        APPROVER,
        house.case.reference,
        house.case.version,
        "processor",
        NoticeState.DISPROPORTIONATE,
        "It would have to read every tape of ten years.",
    )
    before = house.notice
    assert (before.state, before.let_rest_by) == (NoticeState.DISPROPORTIONATE, APPROVER.user_id)
    house.take(peer.callback(house.notice_id, "completed"))
    assert house.notice == before


def test_a50_a_domain_that_is_not_in_the_register_is_not_even_called(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    callback = peer.callback(house.notice_id, "completed")
    house.net.calls.clear()
    for domain in ("evil.example", "by-mail.example", "processor.example", f"x.{DOMAIN}", "169.254.169.254"):
        callback.headers[DOMAIN_HEADERS[0]] = domain
        with pytest.raises(NotAuthenticatedError):
            house.take(callback)
    with pytest.raises(NotAuthenticatedError):
        house.callbacks.require_known(None)
    assert house.net.calls == []


def test_a_forged_callback_is_refused_and_changes_nothing(house: House, peer: OpenDsrPeer) -> None:
    house.tell()
    before = house.notice
    true = peer.callback(house.notice_id, "in_progress")
    forged = [
        peer.callback(house.notice_id, "completed", key=signing_key("forger")),
        Callback(true.url, true.content.replace(b"in_progress", b"completed"), true.headers),
        Callback(true.url, true.content + b" ", true.headers),  # the same to who parses first
    ]
    for callback in forged:
        with pytest.raises(InvalidInputError, match="X-OpenDSR-Signature: wrong"):
            house.take(callback)
    assert house.notice == before


def test_a_processor_whose_certificate_is_over_is_not_believed(authority: Authority) -> None:
    over = authority.issue(DOMAIN, key=signing_key(), last=FIRST_DAY + timedelta(days=1))
    peer = OpenDsrPeer(DOMAIN, authority, certificate=pem_of(over))
    net = LoopbackNet(authority)
    with peer.host as host:
        net.add(host)
        house = House(net)
        with pytest.raises(NotAuthenticatedError):
            house.take(peer.callback(house.notice_id, "completed", at=OWN_URL))


def test_a_certificate_that_can_not_be_had_now_is_no_lie(authority: Authority) -> None:
    net = LoopbackNet(authority)
    net.add_dead(DOMAIN)
    house = House(net)
    with pytest.raises(PeerUnavailableError):
        house.take(OpenDsrPeer(DOMAIN, authority).callback(house.notice_id, "completed", at=OWN_URL))


@pytest.mark.parametrize(
    "url",
    [
        "https://privacy.shop.example/opendsr/callbacks/",
        "https://privacy.shop.example/opendsr/callbacks?x",
        "https://other.example/opendsr/callbacks",
        "https://PRIVACY.shop.example/opendsr/callbacks",
    ],
)
def test_a_callback_to_somebody_else_is_refused(url: str, house: House, peer: OpenDsrPeer) -> None:
    """Another controller could pass on what a processor that we share has signed for it."""
    house.tell()
    with pytest.raises(InvalidInputError, match="status_callback_url: not_ours"):
        house.take(peer.callback(house.notice_id, "completed", at=url))


@pytest.mark.parametrize("said", ["a receipt", "a state", "a cancellation", "a callback to itself"])
def test_a16_what_a_recipient_has_signed_for_something_else_is_no_callback(
    said: str, house: House, peer: OpenDsrPeer
) -> None:
    """All of it has a signature of its key, and whoever saw it pass can post it to us."""
    house.tell()
    about = {"controller_id": "merchant", "subject_request_id": house.notice_id}
    due = {"expected_completion_time": COMPLETED_BY}
    content: dict[str, Any] = {
        "a receipt": about | due | {"received_time": COMPLETED_BY, "encoded_request": "e30="},
        "a state": about | due | {"request_status": "completed", "api_version": "2.0"},
        "a cancellation": about | {"received_time": COMPLETED_BY},
        "a callback to itself": about
        | due
        | {"request_status": "completed", "status_callback_url": f"https://{DOMAIN}/opendsr/callbacks"},
    }[said]
    text = json.dumps(content).encode()
    headers = peer.callback(house.notice_id, "completed").headers | {"X-OpenDSR-Signature": signed(text, peer.key)}
    before = house.notice
    with pytest.raises((ValidationError, InvalidInputError)):
        house.take(Callback(OWN_URL, text, headers))
    assert house.notice == before


def test_an_id_that_is_unknown_or_of_another_recipient_is_not_found(authority: Authority) -> None:
    """One recipient could settle what another was told."""
    ours, other = OpenDsrPeer(DOMAIN, authority), OpenDsrPeer("opendsr.other.example", authority)
    net = LoopbackNet(authority)
    with ExitStack() as stack:
        for peer in (ours, other):
            net.add(stack.enter_context(peer.host))
        house = House(net, register={"processor": recipient(DOMAIN), "other": recipient("opendsr.other.example")})
        house.tell()
        with pytest.raises(NotFoundError):
            house.take(ours.callback(str(uuid4()), "completed", at=OWN_URL))
        with pytest.raises(NotFoundError):
            house.take(other.callback(house.notice_id, "completed", at=OWN_URL))
        assert house.take(ours.callback(house.notice_id, "completed")) is NoticeState.DONE


def test_a_recipient_that_is_told_by_mail_is_not_told_so() -> None:
    house = House(LoopbackNet(Authority()))
    with pytest.raises(OutboundRefusedError, match="not_offered"):
        house.connector.tell(house.case, house.notice, _by_mail())
