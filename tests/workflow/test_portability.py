"""To another controller on the whole stack: named by the person, approved by staff, taken by a host behind TLS."""

import base64
import hashlib
import io
import re
import ssl
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from rightsdesk.adapters.kms_signer import KmsSigner
from tests.infrastructure.deployed_template import deploy
from tests.infrastructure.test_rights_suffice import Call, allowed, noted
from tests.support.stack import Case, PlayedStack, played_stack
from tests.support.tls_host import Authority, LoopbackNet, TlsHost, answer, read_request

HOST = "take.portable.example"
ADDRESS = f"https://{HOST}/v1/in?token=t0ken-of-the-person"
WHY = "The company has not told us how it protects what it takes."
FUNCTION = "TransferPackageFunction"


@dataclass
class Receiver:
    """What came, and what is answered: the first status that is left, and 201 once there is none."""

    came: list[tuple[bytes, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def take(self, connection: ssl.SSLSocket) -> None:
        self.came.append(read_request(connection))
        answer(connection, self.answers.pop(0) if self.answers else "201 Created", b"Taken. Ticket 17.")


@dataclass
class World:
    stack: PlayedStack
    receiver: Receiver
    net: LoopbackNet
    calls: set[Call]  # of our functions to AWS

    def named(self, address: str = ADDRESS) -> Case:
        """A case of a new member who named this address, before staff."""
        person = self.stack.new_member(orders=2, gifts=1)
        self.receiver.came.clear()
        self.net.calls.clear()
        return self.stack.to_review(person, type=["access", "portability"], aim={"send_to": address})

    def release(self, case: Case, treatment: str = "withhold", **said: Any) -> Any:
        seen = self.stack.staff_view(case)
        held = {entry["collection"]: treatment for entry in seen["held"]}
        return self.stack.decide(case, "release", {"version": seen["version"], "held": held} | said)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    authority = Authority()
    net, receiver = LoopbackNet(authority), Receiver()
    with ExitStack() as stack:
        net.add(stack.enter_context(TlsHost(HOST, authority, receiver.take)))
        net.add_dead("dead.portable.example")
        stack.enter_context(net.around_the_process())
        booted = stack.enter_context(played_stack())
        booted.canaries |= {"t0ken-of-the-person", HOST}
        yield World(booted, receiver, net, stack.enter_context(noted(booted)))


@pytest.mark.parametrize("treatment", ["withhold", "give"])
def test_what_the_person_wants_and_staff_approve_is_sent_signed_and_told(world: World, treatment: str) -> None:
    stack, case = world.stack, world.named()
    shown = stack.staff_view(case)["transfer"]
    assert (shown["host"], shown["path"], shown["has_query"], shown["status"]) == (HOST, "/v1/in", True, None)
    assert stack.staff_view(case, by="auditor")["transfer"]["host"] is None
    world.release(case, treatment, send=True).expect(200)
    stack.local.settle()
    ((line, headers, body),) = world.receiver.came
    assert line == b"POST /v1/in?token=t0ken-of-the-person HTTP/1.1"
    digest = hashlib.sha256(body)
    assert headers["content-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert_signed(stack, headers)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert not [name for name in archive.namelist() if "answer" in name or "withheld" in name]
        assert any(name.endswith("portability/orders.jsonl") for name in archive.namelist())
    happened = stack.happened(case)
    assert happened.index("transfer_begun") < happened.index("transferred") < happened.index("answered")
    shown = stack.staff_view(case)["transfer"]
    assert (shown["status"], shown["sha256"], shown["answered"]) == ("sent", digest.hexdigest(), 201)
    assert shown["receipt"] == hashlib.sha256(b"Taken. Ticket 17.").hexdigest()
    mail = stack.mails_about(case)[-1]
    assert f"sent this folder to {HOST}" in mail.text
    assert digest.hexdigest() in mail.text
    assert stack.look(case)["transfer"]["state"] == "sent"
    stack.download(case)


def assert_signed(stack: PlayedStack, headers: dict[str, str]) -> None:
    """As docs/portability.md tells a receiver to check it, with nothing but the key."""
    public_key = KmsSigner(stack.local.ref("EvidenceSigningKey"), stack.client("kms")).public_key()
    key = load_pem_public_key(public_key.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    parameters = headers["signature-input"].partition("=")[2]
    values = {"@method": "POST", "@target-uri": ADDRESS} | headers
    lines = [f'"{name}": {values[name]}' for name in re.findall(r'"([^"]+)"', parameters.partition(")")[0])]
    base = "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
    raw = base64.b64decode(headers["signature"].partition("=:")[2].rstrip(":"))
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(signature, base, ec.ECDSA(SHA256()))


def test_what_staff_do_not_send_is_told_with_the_reason(world: World) -> None:
    stack, case = world.stack, world.named()
    assert world.release(case).expect(400)["errors"] == [{"field": "send", "reason": "missing"}]
    assert world.release(case, send=False).expect(400)["errors"] == [{"field": "send_refused", "reason": "missing"}]
    world.release(case, send=False, send_refused=WHY).expect(200)
    assert world.receiver.came == []
    assert f"We have not sent it: {WHY}" in stack.mails_about(case)[-1].text
    told = stack.look(case)["transfer"]
    assert (told["host"], told["state"], told["reason"]) == (HOST, "refused", WHY)


def test_a_receiver_that_fails_for_a_while_gets_it_with_the_same_id(world: World) -> None:
    stack, case = world.stack, world.named()
    world.receiver.answers = ["503 Service Unavailable", "500 Internal Server Error"]
    world.release(case, send=True).expect(200)
    stack.advance(hours=6)
    assert len(world.receiver.came) == 3
    assert len({headers["x-request-id"] for _, headers, _ in world.receiver.came}) == 1
    assert len({headers["content-digest"] for _, headers, _ in world.receiver.came}) == 1
    assert stack.staff_view(case)["transfer"]["status"] == "sent"
    assert "answered" in stack.happened(case)


@pytest.mark.parametrize(
    ("address", "answers", "failed"),
    [
        ("https://dead.portable.example/in", [], "no_answer"),
        (ADDRESS, ["403 Forbidden"], "403"),
        (ADDRESS, ["302 Found"], "redirect"),
    ],
)
def test_a_receiver_that_does_not_take_it_keeps_nobody_waiting(
    world: World, address: str, answers: list[str], failed: str
) -> None:
    stack, case = world.stack, world.named(address)
    world.receiver.answers = answers
    world.release(case, send=True).expect(200)
    stack.advance(hours=12)
    shown = stack.staff_view(case)["transfer"]
    assert (shown["status"], shown["failed"], shown["sent_at"]) == ("failed", failed, None)
    assert stack.staff_view(case)["failure"] is None
    assert "did not confirm that it arrived" in stack.mails_about(case)[-1].text
    assert stack.look(case)["transfer"]["state"] == "failed"
    stack.download(case)


def test_what_failed_is_tried_again_by_staff_and_the_person_hears_that_it_arrived(world: World) -> None:
    stack, case = world.stack, world.named()
    world.receiver.answers = ["403 Forbidden", "403 Forbidden"]
    world.release(case, send=True).expect(200)
    stack.local.settle()
    seen = stack.staff_view(case)
    assert (seen["next_step"], seen["transfer"]["failed"]) == ("wait_for_download_or_retry_transfer", "403")
    assert "did not confirm that it arrived" in stack.mails_about(case)[-1].text
    retry(world, case, seen["version"]).expect(200)
    again = stack.staff_view(case)
    assert (again["transfer"]["status"], again["transfer"]["may_retry"]) == ("failed", True)  # it said no once more
    assert retry(world, case, seen["version"]).expect(409)["code"] == "version_moved_on"
    mails = len(stack.mails_about(case))
    retry(world, case, again["version"], by="admin").expect(200)
    over = stack.staff_view(case)
    assert (over["next_step"], over["transfer"]["status"]) == ("wait_for_download", "sent")
    assert over["transfer"]["receipt"] == hashlib.sha256(b"Taken. Ticket 17.").hexdigest()
    assert retry(world, case, over["version"]).expect(409)["code"] == "nothing_failed"
    assert len(world.receiver.came) == 3
    assert len({headers["x-request-id"] for _, headers, _ in world.receiver.came}) == 1
    assert_signed(stack, world.receiver.came[-1][1])
    (told,) = stack.mails_about(case)[mails:]
    assert "sent after all" in told.subject
    assert over["transfer"]["sha256"] in told.text
    assert stack.look(case)["transfer"]["state"] == "sent"
    stack.download(case)
    stack.advance(days=60)
    assert retry(world, case, over["version"]).expect(409)["code"] == "case_closed"
    assert stack.stored(case).purged


def retry(world: World, case: Case, version: int, by: str = "handler") -> Any:
    return world.stack.decide(case, "transfer/retry", {"version": version}, by=by)


@pytest.mark.parametrize("address", ["http://take.portable.example/", "https://169.254.169.254/", "https://localhost/"])
def test_a50_what_can_not_be_called_never_becomes_a_request(world: World, address: str) -> None:
    refused = world.stack.post_request("x@example.com", type="portability", aim={"send_to": address}).expect(400)
    assert refused["errors"] == [{"field": "aim.send_to", "reason": "not_callable"}]
    assert address not in str(refused)


def test_a80_run_again_it_sends_nothing(world: World) -> None:
    stack, case = world.stack, world.named()
    world.release(case, send=True).expect(200)
    outcome = stack.local.invoke(FUNCTION, {"request_id": stack.stored(case).request_id})
    assert (outcome.failed, len(world.receiver.came)) == (False, 1)


def test_every_call_of_what_sends_it_is_allowed(world: World) -> None:
    ours = {call for call in world.calls if call[0] == FUNCTION}
    assert {action for _, action, _ in ours} >= {"s3:GetObject", "s3:PutObject", "kms:Sign", "kms:GetPublicKey"}
    assert sorted(call for call in ours if not allowed(deploy(), call)) == []
