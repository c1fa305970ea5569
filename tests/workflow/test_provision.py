"""What goes to others, from the shop's question to the answer that its customer fetches (APPI 27 to 33)."""

import json
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.shop.people import Person
from rightsdesk.domain.audit import verify_chain
from tests.support.package import Package
from tests.support.stack import Answer, PlayedStack

WHOLE_WAY = [
    "received",
    "verification_started",
    "mailbox_confirmed",
    "plan_decided",
    "export_built",
    "review_requested",
    "released",
    "answered",
    "downloaded",
    "closed",
]


def asks(stack: PlayedStack, path: str, body: dict[str, Any], *, secret: str = "local") -> Answer:  # noqa: S107
    """A call as the shop makes it, signed."""
    content = json.dumps(body).encode()
    signed = AWSRequest("POST", f"{stack.local.url}{path}", headers={"Content-Type": "application/json"}, data=content)
    SigV4Auth(Credentials("local", secret), "execute-api", "eu-west-1").add_auth(signed)
    return stack.call("POST", path, content, headers=dict(signed.headers.items()))


def to_mail_service(*people: Person, **changes: Any) -> dict[str, Any]:
    return {
        "recipient": "mail_service",
        "purpose": "service",
        "ground": "service_necessity",
        "items": ["contact"],
        "subjects": [{"identifiers": [{"kind": "member_id", "value": person.member_id}]} for person in people],
    } | changes


def test_what_the_shop_handed_on_is_in_the_answer_of_the_member_who_asks(stack: PlayedStack) -> None:
    hanako, other = stack.new_member(country="JP"), stack.new_member()
    said = asks(stack, "/api/provisions", to_mail_service(hanako, other, id="letters-1")).expect(200)
    assert (said["allowed"], [answer["reason"] for answer in said["answers"]]) == (True, ["ground", "ground"])
    again = asks(stack, "/api/provisions", to_mail_service(hanako, other, id="letters-1")).expect(200)
    assert again == said, "the same call is the same provision"
    against_fraud = to_mail_service(hanako, recipient="payment_gateway", purpose="fraud_prevention", items=["payment"])
    no = asks(stack, "/api/provisions", against_fraud).expect(200)
    assert [answer["reason"] for answer in no["answers"]] == ["not_a_consignee"]
    offered = to_mail_service(
        hanako, recipient="payment_gateway", purpose="fraud_prevention", ground="consent", items=["payment"]
    )
    assert asks(stack, "/api/provisions/received", offered).expect(200)["allowed"]
    assert asks(stack, "/api/provisions", to_mail_service(hanako), secret="guessed").status == 403

    case = stack.to_answer(hanako, type="provision_records")
    package = Package(stack.download(case))
    assert package.verified().ok, package.verified().problems
    records = package.json("data/third_party_records.json")
    assert [record["record_id"] for record in records["provided"]] == [said["answers"][0]["record_id"]]
    assert [record["party"]["id"] for record in records["received"]] == ["payment_gateway"]
    assert "Paper Plane, Inc.（メール配信）（アメリカ合衆国）" in package.files["index.ja.html"].decode()
    assert not package.says(hanako.email)


def test_an_address_goes_to_the_mailer_of_the_newsletter_with_a_consent_alone(stack: PlayedStack) -> None:
    member = stack.new_member()
    known = {
        "identifiers": [{"kind": "member_id", "value": member.member_id}, {"kind": "email", "value": member.email}]
    }
    to_mailer = {"purpose": "newsletter", "ground": "consent", "items": ["shop/members.email"], "subjects": [known]}

    def answer() -> tuple[bool, str]:
        (said,) = asks(stack, "/api/provisions", to_mail_service(**to_mailer)).expect(200)["answers"]
        assert stack.may("email", member.email, "newsletter", "mail_service")["allowed"] is said["allowed"]
        return said["allowed"], said["reason"]

    assert answer() == (False, "no_consent")
    signed_up = {"subject": f"email:{member.email}", "purpose": "newsletter"}
    wording = {"text_version": "2026-09", "language": "en", "given_at": stack.now.isoformat(), "proof": "signup-2"}
    asks(stack, "/api/consents", signed_up | wording).expect(200)
    assert answer() == (True, "ground")
    asks(stack, "/api/consents/withdrawal", signed_up).expect(200)
    assert answer() == (False, "withdrawn")


@pytest.mark.parametrize("kind", ["information", "purpose_notice", "provision_records"])
def test_each_answer_without_a_copy_goes_all_the_way(stack: PlayedStack, kind: str) -> None:
    member = stack.new_member(country="DE", orders=2, gifts=1)
    case = stack.to_review(member, type=kind)
    view = stack.staff_view(case)
    assert (view["next_step"], view["held"], view["may_complete"]) == ("release_or_refuse", [], False)
    assert {source["status"] for source in view["sources"]} == {"done"}
    stack.release(case)
    answer = stack.mails_about(case)[-1]
    assert "The answer is ready" in answer.text
    assert stack.look(case)["package"] is not None
    package = Package(stack.download(case))
    assert package.verified().ok, package.verified().problems
    assert package.manifest["types"] == [kind]
    assert package.found["orders"] == 2
    for value in (member.email, member.member_id, f"K{member.number:06d}"):
        assert not package.says(value)
    if kind == "information":
        assert package.says("Harbor Commerce")
        assert package.json("answer/processing.json")["retention"]
    if kind == "purpose_notice":
        assert package.json("answer/purposes.json")["purposes"]
    if kind == "provision_records":
        assert package.says("no provision of your data to a third party is on record")
    stack.advance(days=14, hours=1)
    assert stack.happened(case) == WHOLE_WAY
    closed = stack.stored(case)
    assert closed.outcome == "fulfilled"
    assert verify_chain(stack.evidence(case), expected_head=(closed.event_sequence, closed.event_hash)) is None


def test_a_stranger_is_told_that_nothing_is_held(stack: PlayedStack) -> None:
    case = stack.submit("nobody.knows@example.com", type="information")
    stack.verify(case).expect(200)
    stack.release(case)
    assert "found no data about you" in stack.mails_about(case)[-1].text
    package = Package(stack.download(case))
    assert package.says("We hold no data about you")
    assert not package.says("Harbor Commerce")


def test_a_copy_has_the_records_too_and_statistics_need_a_minimum(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    asks(stack, "/api/provisions", to_mail_service(member)).expect(200)
    package = Package(stack.download(stack.to_answer(member)))
    assert len(package.json("data/third_party_records.json")["provided"]) == 1
    few = to_mail_service(ground="statistics", cells=[400, 3])
    assert asks(stack, "/api/provisions", few).expect(200)["answers"][0]["reason"] == "cell_too_small"
    assert asks(stack, "/api/provisions", few | {"cells": [400, 30]}).expect(200)["allowed"]
