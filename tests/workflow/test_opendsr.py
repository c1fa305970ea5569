"""OpenDSR on the whole stack, both ways: a recipient that is told by machine, and a controller that hands a request on.

Both are on loopback, behind TLS and with certificates of an authority of their own.
"""

import base64
import hashlib
import json
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from local.shop.tables import NAMES
from rightsdesk.adapters.kms_signer import KmsSigner
from tests.infrastructure.deployed_template import deploy
from tests.infrastructure.test_rights_suffice import Call, allowed, noted
from tests.support.desk import MERCHANT
from tests.support.merchant import read_anew
from tests.support.opendsr_peer import OpenDsrPeer, pem_of, signing_key
from tests.support.stack import Answer, Case, PlayedStack, played_stack
from tests.support.tls_host import Authority, LoopbackNet, TlsHost, answer, read_request

RECIPIENT = "opendsr.paper-plane.example"
OURS = "opendsr.shop.example"
KEY = "a key of forty characters, made at random"[:40].replace(" ", "_").replace(",", "-")


@dataclass
class World:
    """The stack, a recipient and what a controller was told."""

    stack: PlayedStack
    recipient: OpenDsrPeer
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    calls: set[Call] = field(default_factory=set)  # of our functions to AWS
    public_key: rsa.RSAPublicKey | None = None

    def ask(self, method: str, path: str, body: Any = None, *, key: str = KEY) -> Answer:
        """As the controller, whose answers are checked to be signed by the certificate that we name."""
        found = self.stack.call(method, path, body, bearer=key)
        self.stack.local.settle()
        return found

    def is_signed(self, headers: dict[str, str], content: bytes) -> bool:
        named = {name.lower(): value for name, value in headers.items()}
        assert named["x-opendsr-processor-domain"] == OURS
        assert self.public_key is not None
        self.public_key.verify(base64.b64decode(named["x-opendsr-signature"]), content, padding.PKCS1v15(), SHA256())
        return True

    @property
    def callbacks(self) -> str:
        """Where we are called back: on a laptop it has no TLS, and is not told to anybody."""
        return f"{self.stack.local.url}/opendsr/callbacks"

    @property
    def statuses(self) -> list[str]:
        return [json.loads(content)["request_status"] for _, content in self.told]

    def call_back(self, notice_id: str, status: str, **changes: Any) -> int:
        """As the recipient."""
        callback = self.recipient.callback(notice_id, status, **({"at": self.callbacks} | changes))
        found = self.stack.call("POST", "/opendsr/callbacks", callback.content, headers=callback.headers)
        self.stack.local.settle()
        return found.status


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("opendsr") / "merchant"
    shutil.copytree(MERCHANT, folder)
    register = yaml.safe_load((folder / "recipients.yaml").read_text("utf-8"))
    register["mail_service"]["connector"] = {"kind": "http", "domain": RECIPIENT}
    (folder / "recipients.yaml").write_text(yaml.safe_dump(register, allow_unicode=True, sort_keys=False), "utf-8")
    market = {
        "label": {"en": "Market, Inc.", "ja": "株式会社マーケット"},
        "domain": "market.example",
        "credential": hashlib.sha256(KEY.encode()).hexdigest(),
        "country": "IE",
    }
    profile = {"domain": OURS, "controllers": {"market": market}}
    (folder / "opendsr.yaml").write_text(yaml.safe_dump(profile, allow_unicode=True), "utf-8")
    authority = Authority()
    net = LoopbackNet(authority)
    recipient = OpenDsrPeer(RECIPIENT, authority)
    read_anew()
    with ExitStack() as stack:
        told: list[tuple[dict[str, str], bytes]] = []

        def listen(connection: ssl.SSLSocket) -> None:
            _, headers, body = read_request(connection)
            told.append((headers, body))
            answer(connection, "202 Accepted")

        net.add(stack.enter_context(recipient.host))
        net.add(stack.enter_context(TlsHost("callbacks.market.example", authority, listen)))
        stack.enter_context(net.around_the_process())
        booted = stack.enter_context(played_stack(merchant=folder, parameters={"UseOpenDsr": "true"}))
        booted.canaries |= {KEY}
        booted.recipients_obey = False
        kms = KmsSigner(booted.local.ref("OpenDsrSigningKey"), booted.client("kms"))
        public_key = load_pem_public_key(kms.public_key().encode())
        assert isinstance(public_key, rsa.RSAPublicKey)
        certificate = authority.certify(public_key, OURS)
        (folder / "opendsr.pem").write_bytes(pem_of(certificate))
        yield World(booted, recipient, told, stack.enter_context(noted(booted)))
    read_anew()


# A recipient that is told by machine


def test_a_recipient_is_told_of_an_erasure_and_calls_back_once_it_is_done(world: World) -> None:
    stack, recipient = world.stack, world.recipient
    person = stack.new_member(orders=1)
    case = stack.to_approval(person)
    stack.erase(case)
    notice = stack.notices(case)["mail_service"]
    assert (notice["channel"], notice["state"]) == ("http", "acknowledged")
    (notice_id,) = (known for known, sent in recipient.requests.items() if person.email in json.dumps(sent))
    sent = recipient.requests[notice_id]
    assert (sent["subject_request_type"], sent["status_callback_urls"]) == ("erasure", [])

    # Forged, replayed, out of order, and for somebody else: nothing of it counts.
    forged = recipient.callback(notice_id, "completed", at=world.callbacks, key=signing_key("forger"))
    assert stack.call("POST", "/opendsr/callbacks", forged.content, headers=forged.headers).status == 400
    stranger = forged.headers | {"X-OpenDSR-Processor-Domain": "evil.example"}
    assert stack.call("POST", "/opendsr/callbacks", forged.content, headers=stranger).status == 401
    assert world.call_back(str(uuid4()), "completed") == 404
    assert world.call_back(notice_id, "completed", at="https://other.example/callbacks") == 400
    assert stack.notices(case)["mail_service"]["state"] == "acknowledged"

    assert world.call_back(notice_id, "in_progress") == 202
    assert world.call_back(notice_id, "completed") == 202
    assert world.call_back(notice_id, "in_progress") == 202
    assert world.call_back(notice_id, "cancelled") == 202
    assert stack.notices(case)["mail_service"]["state"] == "done"
    assert stack.happened(case).count("recipient_answered") == 1
    stack.settle_recipients(case)
    assert stack.staff_view(case)["status"] == "closed"


def test_the_last_recipient_that_calls_back_closes_the_case(world: World) -> None:
    stack = world.stack
    person = stack.new_member(orders=1)
    case = stack.to_approval(person)
    stack.erase(case)
    (notice_id,) = (known for known, sent in world.recipient.requests.items() if person.email in json.dumps(sent))
    for name, notice in stack.notices(case).items():
        if name != "mail_service" and not notice["settled"]:
            body = {"version": stack.staff_view(case)["version"], "state": "done"}
            path = f"/staff/requests/{case.reference}/recipients/{name}"
            stack.call("POST", path, body, staff="handler").expect(200)
    stack.local.settle()
    assert stack.staff_view(case)["status"] == "awaiting_recipients"
    assert world.call_back(notice_id, "completed") == 202
    assert stack.staff_view(case)["status"] == "closed"


def test_a_recipient_that_is_silent_for_30_days_is_asked_and_told_nothing_twice(world: World) -> None:
    stack, recipient = world.stack, world.recipient
    person = stack.new_member(orders=1)
    case = stack.to_approval(person)
    stack.erase(case)
    (notice_id,) = (known for known, sent in recipient.requests.items() if person.email in json.dumps(sent))
    told = recipient.asked.count("POST /v1/requests")
    stack.advance(days=31)  # the thirtieth day has its nine in the morning, whatever the hour of this one
    assert recipient.asked.count(f"GET /v1/requests/{notice_id}") == 3, "on the days 7, 14 and 30"
    assert recipient.asked.count("POST /v1/requests") == told
    assert stack.happened(case).count("recipients_reminded") == 2
    assert stack.happened(case).count("recipients_escalated") == 1
    assert stack.notices(case)["mail_service"]["state"] == "acknowledged"
    # It had done it all the while; its callback got lost, and staff ask once more.
    recipient.states[notice_id] = "completed"
    path = f"/staff/requests/{case.reference}/recipients/mail_service/again"
    body = {"version": stack.staff_view(case)["version"]}
    stack.call("POST", path, body, staff="handler").expect(200)
    assert stack.notices(case)["mail_service"]["state"] == "done"
    stack.settle_recipients(case)
    assert stack.staff_view(case)["status"] == "closed"


# A controller that hands a request on


def request_of(email: str, **changes: Any) -> dict[str, Any]:
    return {
        "regulation": "gdpr",
        "subject_request_id": str(uuid4()),
        "subject_request_type": "access",
        "submitted_time": "2026-11-01T00:00:00Z",
        "subject_identities": [{"identity_type": "email", "identity_value": email, "identity_format": "raw"}],
        "status_callback_urls": ["https://callbacks.market.example/opendsr"],
    } | changes


def learn_key(world: World) -> None:
    """As a controller does: by discovery, and the certificate that it names."""
    discovery = world.ask("GET", "/v1/discovery").expect(200)
    assert discovery["processor_certificate"] == f"https://{OURS}/v1/certificate"
    pem = world.ask("GET", "/v1/certificate").expect(200)
    key = x509.load_pem_x509_certificate(pem if isinstance(pem, bytes) else pem.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    world.public_key = key


def test_a_request_that_is_handed_on_is_verified_answered_and_told_at_each_step(world: World) -> None:
    stack = world.stack
    learn_key(world)
    world.told.clear()
    person = stack.new_member(orders=1)
    request = request_of(person.email)
    path = f"/v1/requests/{request['subject_request_id']}"
    receipt = world.ask("POST", "/v1/requests", request)
    said = receipt.expect(201)
    assert base64.b64decode(said["encoded_request"]) == json.dumps(request, ensure_ascii=False).encode()
    assert world.is_signed(receipt.headers, json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())
    assert world.ask("POST", "/v1/requests", request).status == 201  # once more: it is the same

    (mail,) = stack.mails(person.email)
    assert "The request was sent to Market, Inc." in mail.text
    case = Case(reference=mail.text.partition("Reference: ")[2].partition("\n")[0], email=person.email, language="en")
    assert world.ask("GET", path).expect(200)["request_status"] == "pending"
    assert world.statuses == []
    stack.verify(case).expect(200)
    assert world.ask("GET", path).expect(200)["request_status"] == "in_progress"
    assert world.statuses == ["in_progress"]
    assert world.ask("DELETE", path).status == 400  # it is the person's own by now
    stack.release(case)
    stack.advance(days=15)
    assert stack.staff_view(case)["status"] == "closed"
    assert world.ask("GET", path).expect(200)["request_status"] == "completed"
    assert world.statuses == ["in_progress", "completed"]
    for headers, content in world.told:
        assert world.is_signed(headers, content)
        assert person.email not in content.decode()


def test_what_is_taken_back_before_it_was_verified_ends(world: World) -> None:
    stack = world.stack
    learn_key(world)
    world.told.clear()
    person = stack.new_member()
    request = request_of(person.email, subject_request_type="erasure")
    path = f"/opengdpr_requests/{request['subject_request_id']}"
    del request["regulation"]
    assert world.ask("POST", "/v1/requests", request).status == 400
    assert world.ask("POST", "/opengdpr_requests", request).status == 201
    assert world.ask("DELETE", path).status == 202
    assert world.ask("GET", path).expect(200)["request_status"] == "cancelled"
    assert world.statuses == ["cancelled"]
    assert json.loads(world.told[0][1])["extensions"] == {OURS: {"outcome": "withdrawn"}}


def test_without_the_key_or_with_an_address_for_callbacks_elsewhere_nothing_is_taken(world: World) -> None:
    stack = world.stack
    person = stack.new_member()
    assert world.ask("POST", "/v1/requests", request_of(person.email), key="x" * 40).status == 401
    elsewhere = request_of(person.email, status_callback_urls=["https://169.254.169.254.evil.example/"])
    assert world.ask("POST", "/v1/requests", elsewhere).status == 400
    assert stack.mails(person.email) == []


def test_every_call_of_what_speaks_opendsr_is_allowed(world: World) -> None:
    """The last test: what the others made our functions do."""
    deployed = deploy(UseOpenDsr="true", **NAMES)
    speaking = {"OpendsrFunction", "CallBackFunction", "TellRecipientsFunction", "CheckDeadlineFunction"}
    ours = {call for call in world.calls if call[0] in speaking}
    assert {function for function, _, _ in ours} == speaking
    assert sorted(call for call in ours if not allowed(deployed, call)) == []
