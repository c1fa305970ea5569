"""Who was given data on the sample shop: told by mail and by staff, and the case waits for them (GDPR 19)."""

# serves: E-03, E-04, E-05, P-04, P-10, C-1

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local.shop.people import Person
from local.visitor import Visitor
from tests.support.evidence import files_in
from tests.support.stack import Case, PlayedStack, played_stack

CARRIER, PLATFORM = "kojin-joho@tsubame-express.example", "privacy@harbor-commerce.example"


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: here nobody does what they are told unless a test says so."""
    with played_stack() as booted:
        booted.recipients_obey = False
        yield booted


def corrected(stack: PlayedStack, person: Person) -> Case:
    """A name that was put right: the platform and the carrier had it."""
    case = stack.submit(person, type="rectification", details="My name is spelt wrong.")
    stack.verify(case).expect(200)
    new = "Corrected Canary Ltd"
    stack.canaries.add(new)
    correction = {"field": "shop/members.name", "old": person.name, "new": new}
    body = {"version": stack.staff_view(case)["version"], "corrections": [correction]}
    stack.call("PUT", f"/staff/requests/{case.reference}/corrections", body, staff="handler").expect(200)
    stack.local.settle()
    view = stack.staff_view(case)
    approval = {"version": view["version"], "plan_sha256": view["rectification"]["plan_sha256"]}
    stack.decide(case, "corrections/approval", approval).expect(200)
    return case


def mails_to(stack: PlayedStack, address: str, notice: dict[str, Any]) -> list[str]:
    return [mail.text for mail in stack.local.outbox() if mail.to == address and notice["reference"] in mail.subject]


def answer(stack: PlayedStack, mail: str, **fields: str) -> str:
    """As a recipient does: open the link in a browser, and send its form; what the page says then."""
    path = re.search(r"/(?:en|ja)/notices/[\w-]+", mail)[0]  # type: ignore[index]
    recipient = Visitor(stack.local.url)
    recipient.get(path)
    recipient.submit(path, **({"reason": ""} | fields))
    stack.local.settle()
    return recipient.page


def test_a_correction_is_told_by_mail_and_closes_once_all_have_done_the_same(stack: PlayedStack) -> None:
    person = stack.new_member(orders=2, addresses=1)
    case = corrected(stack, person)
    view = stack.staff_view(case)
    assert (view["status"], view["next_step"]) == ("awaiting_recipients", "wait_for_recipients")
    notices = stack.notices(case)
    assert set(notices) == {"commerce_platform", "carrier"}
    carrier = notices["carrier"]
    orders = [f"K{person.number:06d}-{number:04d}" for number in (1, 2)]
    assert sorted(carrier["identifiers"]["order_id"]) == orders
    assert set(carrier["identifiers"]) == {"order_id"}, "the carrier knows no member numbers"
    (mail,) = mails_to(stack, CARRIER, carrier)
    assert all(order in mail for order in orders)
    for private in (person.name, person.email, case.reference, "Corrected Canary"):
        assert private not in mail
    letter = stack.mails_about(case)[-1].text
    assert "Tsubame Express" in letter
    assert "Harbor Commerce" in letter
    assert "対応の完了を記録しました" in answer(stack, mail, state="done")
    seen = {told["who"]["en"]: told["state"] for told in stack.look(case)["recipients"]}
    assert seen == {
        "Harbor Commerce, Inc. (shop platform)": "sent",
        "Tsubame Express Co., Ltd. (deliveries)": "done",
    }
    (mail,) = mails_to(stack, PLATFORM, notices["commerce_platform"])
    said = answer(stack, mail, state="impossible", reason="お取引が終わり、記録はすでに消去しました。")
    assert "理由を記録し" in said
    assert stack.staff_view(case)["next_step"] == "see_to_recipients"
    body = {"version": stack.staff_view(case)["version"], "state": "impossible", "reason": "They showed us the log."}
    path = f"/staff/requests/{case.reference}/recipients/commerce_platform/rest"
    assert stack.call("POST", path, body, staff="handler").status == 403
    stack.call("POST", path, body, staff="approver").expect(200)
    stack.local.settle()
    view = stack.staff_view(case)
    assert (view["status"], view["outcome"]) == ("closed", "fulfilled")
    kept = stack.stored(case).model_dump_json()
    assert not [order for order in orders if order in kept]
    evidence = stack.call("GET", f"/staff/requests/{case.reference}/evidence", staff="auditor").expect(200)
    letters = json.loads(files_in(base64.b64decode(evidence["bundle"]))["letters.json"])["letters"]
    told = sorted(letter["recipient"] for letter in letters if letter["letter"] == "recipient_notice")
    assert told == ["carrier", "commerce_platform"]


def test_an_erasure_is_told_with_the_numbers_that_were_known_before(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1)
    case = stack.to_approval(person)
    stack.erase(case)
    view = stack.staff_view(case)
    assert view["status"] == "awaiting_recipients"
    notices = stack.notices(case)
    assert notices["carrier"]["identifiers"] == {"order_id": [f"K{person.number:06d}-0001"]}
    assert notices["mail_service"]["identifiers"] == {"email": [person.email]}
    assert {notice["action"] for notice in notices.values()} == {"erase"}
    by_hand = {name for name, notice in notices.items() if notice["channel"] == "manual"}
    assert by_hand == {"payment_gateway"}
    assert notices["payment_gateway"]["instructions"]["en"]
    assert view["next_step"] == "see_to_recipients"
    stack.settle_recipients(case)
    assert stack.staff_view(case)["status"] == "closed"


def test_a_recipient_who_is_silent_for_30_days_is_on_the_desk_of_an_approver(stack: PlayedStack) -> None:
    case = corrected(stack, stack.new_member(orders=1, addresses=1))
    carrier = stack.notices(case)["carrier"]
    for after, letters in ((8, 2), (7, 3), (16, 4)):
        stack.advance(days=after)
        assert len(mails_to(stack, CARRIER, carrier)) == letters
    told = [event["type"] for event in stack.timeline(case)]
    assert told.count("recipients_reminded") == 2
    assert told.count("recipients_escalated") == 1
    approver = [m for m in stack.local.outbox() if m.to == "approver@shop.example" and case.reference in m.subject]
    assert "Recipients have not yet" in approver[-1].subject
    assert stack.staff_view(case)["status"] == "awaiting_recipients"
    stack.settle_recipients(case)
    assert stack.staff_view(case)["outcome"] == "fulfilled"
