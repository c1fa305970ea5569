"""Several requests of one person, agents, guests, and mailboxes that did not ask, on the whole template (E-00)."""

import re
import time
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from local.shop import records
from local.shop.people import Guest
from tests.support.package import Package
from tests.support.stack import Answer, Case, PlayedStack

AGENT = {"role": "proxy", "name": "Robin Clarke", "mandate": "She gave me a power of attorney in May."}
FORM = "application/x-www-form-urlencoded"


def post(stack: PlayedStack, email: str, **changes: object) -> Answer:
    """As fast as the gateway lets one caller."""
    while (answer := stack.post_request(email, **changes)).status == 429:
        time.sleep(0.2)
    return answer


def test_a24_who_asks_twice_gets_the_same_answer_and_learns_by_mail_that_it_is_one_request(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    first = stack.to_review(member)
    stack.advance(minutes=11)  # the address has just had a code
    again = stack.post_request(member.email, name=member.name).expect(202)
    assert set(again) == {"reference", "received_at", "status"}
    assert again["status"] == "received"
    stack.local.settle()
    second = Case(reference=again["reference"], email=member.email, language="en")
    before = stack.stored(first)
    stack.verify(second).expect(200)

    merged = stack.stored(second)
    assert (merged.outcome, merged.merged_into, merged.refusal) == ("merged", first.reference, None)
    letter = stack.mails_about(second)[-1]
    assert letter.subject == f"Request {second.reference} goes on with an earlier one"
    assert first.reference in letter.text
    assert stack.stored(first) == before
    (linked,) = stack.staff_view(first)["other_requests"]
    assert (linked["reference"], linked["outcome"], linked["merged_into"]) == (
        second.reference,
        "merged",
        first.reference,
    )
    assert stack.look(second)["merged_into"] == first.reference
    stack.release(first)
    stack.advance(minutes=11)
    third = stack.submit(member)  # once it is answered, they may ask anew
    stack.verify(third).expect(200)
    assert stack.staff_view(third)["status"] == "awaiting_review"


def test_fifty_requests_that_nobody_confirms_stop_nothing_of_the_person_whom_they_name(stack: PlayedStack) -> None:
    victim = stack.new_member(orders=2)
    own = stack.to_review(victim)
    mails = len(stack.mails(victim.email))
    for number in range(50):
        kind = ("access", "erasure", "information")[number % 3]
        assert post(stack, victim.email, type=kind, name="Attacker Canary").status == 202
    stack.local.settle()
    assert len(stack.mails(victim.email)) - mails <= 3
    seen = stack.staff_view(own)
    assert (seen["next_step"], seen["other_requests"], seen["unverified_requests"]) == (
        "decide_held_rows_and_release" if seen["held"] else "release_or_refuse",
        [],
        50,
    )
    stack.release(own)
    assert Package(stack.download(own)).found["orders"] == 2

    stack.advance(days=2)
    erasure = stack.to_approval(victim)  # the attacker's requests for copies hold up nothing
    assert stack.plan(erasure)["goes_first"] is None
    stack.erase(erasure)
    assert stack.stored(erasure).outcome in ("fulfilled", "partially_fulfilled")


def test_a09_somebody_asks_for_another_who_confirms_it_and_staff_accept_it(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    lawyer = "robin.clarke@law.example"
    case = stack.submit(member, agent=AGENT | {"email": lawyer})
    (told,) = stack.mails(lawyer)
    assert member.email not in told.text
    assert member.name not in told.text
    assert not re.search(r"\d{4}-\d{4}\b", told.text.replace(case.reference, ""))
    asked = stack.mails_about(case)[0]
    assert "they act for you: Robin Clarke." in asked.text
    assert "if you say nothing, that is a no" in asked.text

    stack.verify(case).expect(200)
    seen = stack.staff_view(case)
    assert (seen["next_step"], seen["waits_for"], seen["agent"]["name"]) == (
        "decide_mandate",
        ["mandate"],
        "Robin Clarke",
    )
    held = {entry["collection"]: "redact" for entry in seen["held"]}
    barred = stack.decide(case, "release", {"version": seen["version"], "held": held})
    assert (barred.status, barred.body["code"]) == (409, "mandate_open")
    view = stack.call(
        "POST", f"/api/requests/{case.reference}/agent", {"gets_answers": True}, bearer=stack.session(case)
    ).expect(200)
    assert view["agent"] == {"role": "proxy", "name": "Robin Clarke", "gets_answers": True, "can_be_said": True}
    version = stack.staff_view(case)["version"]
    body = {"version": version, "accepted": True, "reason": "Her office confirmed it by telephone."}
    stack.decide(case, "mandate", body, by="handler").expect(200)
    stack.release(case)
    assert len(stack.mails(lawyer)) == 2  # the letter; the file stays behind a code to the member's mailbox
    assert Package(stack.download(case)).found["orders"] == 1


def test_a10_a_shared_mailbox_waits_for_an_approver(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(orders=1))
    version = stack.staff_view(case)["version"]
    stack.decide(case, "special", {"version": version, "kind": "household"}, by="handler").expect(200)
    seen = stack.staff_view(case)
    assert (seen["next_step"], seen["waits_for"]) == ("decide_special_case", ["special"])
    held = {entry["collection"]: "redact" for entry in seen["held"]}
    barred = stack.decide(case, "release", {"version": seen["version"], "held": held})
    assert (barred.status, barred.body["code"]) == (409, "special_case_open")
    body = {"version": seen["version"], "reason": "Both of them share the account, and both agree."}
    assert stack.decide(case, "special/decision", body, by="handler").status == 403
    stack.decide(case, "special/decision", body).expect(200)
    stack.release(case)
    assert stack.stored(case).answered_at is not None


def test_a15_the_link_in_a_letter_stops_the_request_and_only_staff_let_it_go_on(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(orders=1))
    session = stack.session(case)
    (link,) = set(re.findall(r"https?://\S+/not-mine/\S+", stack.mails_about(case)[0].text))
    path = urlsplit(link).path
    page = stack.call("GET", path)
    assert (page.status, stack.stored(case).frozen) == (200, None)  # scanners follow links (a26)
    cookie = SimpleCookie(page.headers["set-cookie"])
    (secret,) = set(re.findall(r'name="csrf" value="([^"]+)"', page.body))
    address = urlsplit(link)
    headers = {
        "Content-Type": FORM,
        "Origin": f"{address.scheme}://{address.netloc}",
        "Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items()),
    }
    assert stack.call("POST", path, urlencode({"csrf": secret}).encode(), headers=headers).status == 303
    stack.local.settle()

    assert stack.stored(case).is_frozen
    assert stack.call("GET", f"/api/requests/{case.reference}", bearer=session).status == 401
    assert f"[{case.reference}]" in stack.staff_mails(case)[-1].subject
    seen = stack.staff_view(case)
    assert seen["next_step"] == "thaw_or_refuse"
    held = {entry["collection"]: "redact" for entry in seen["held"]}
    barred = stack.decide(case, "release", {"version": seen["version"], "held": held})
    assert (barred.status, barred.body["code"]) == (409, "frozen")
    body = {"version": seen["version"], "reason": "The member called: it was a slip of the finger."}
    stack.decide(case, "thaw", body).expect(200)
    stack.release(case)
    assert stack.stored(case).answered_at is not None


def test_a_guest_sees_what_there_is_takes_back_a_consent_and_is_erased(stack: PlayedStack) -> None:
    number = 960_001
    home = stack.new_member().home
    guest = Guest(email=f"guest{number}@example.com", name="Guest Canary", home=home, orders=2, gifts=0)
    stack.put("OrdersTable", records.guest_items(guest, number, now=stack.now))
    order = f"G9{number:05d}-0001"

    access = stack.submit(guest.email, name=guest.name)
    stack.verify(access).expect(200)
    stack.give_evidence(access, order, home.postcode, session=stack.session(access)).expect(202)
    stack.release(access)
    package = Package(stack.download(access))
    assert (package.found["orders"], package.found["members"]) == (2, 0)

    stack.advance(days=1)
    withdrawal = stack.submit(guest.email, name=guest.name, type="consent_withdrawal")
    stack.verify(withdrawal).expect(200)
    assert stack.may("email", guest.email, "newsletter")["allowed"] is False
    assert stack.stored(withdrawal).answered_at is not None  # nobody had to look at it

    stack.advance(days=1)
    erasure = stack.submit(guest.email, name=guest.name, type="erasure")
    stack.verify(erasure).expect(200)
    stack.give_evidence(erasure, order, home.postcode, session=stack.session(erasure)).expect(202)
    stack.confirm_erasure(erasure).expect(200)
    stack.advance(hours=73)
    stack.erase(erasure)
    assert stack.stored(erasure).outcome in ("fulfilled", "partially_fulfilled")
    links = {entry["reference"] for entry in stack.staff_view(erasure)["other_requests"]}
    assert links == {access.reference, withdrawal.reference}
