"""Corrections on the sample shop: one value in every source that holds it, and everybody else as before."""

# serves: E-03

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.commands._signatures import signature_fits
from local.shop.people import Person, known_members
from rightsdesk.export.evidence_verify import verify_evidence
from tests.support.evidence import files_in
from tests.support.shop_contents import shop_contents
from tests.support.stack import Answer, Case, PlayedStack, played_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: what is corrected here is another value elsewhere."""
    with played_stack() as booted:
        yield booted


def submit(stack: PlayedStack, person: Person | str, **changes: Any) -> Case:
    case = stack.submit(person, type="rectification", details="My name is spelt wrong.", **changes)
    stack.verify(case).expect(200)
    assert stack.staff_view(case)["status"] == "awaiting_review"
    return case


def state(stack: PlayedStack, case: Case, *corrections: dict[str, Any], **more: Any) -> Answer:
    body = {"version": stack.staff_view(case)["version"], "corrections": list(corrections)} | more
    answer = stack.call("PUT", f"/staff/requests/{case.reference}/corrections", body, staff="handler")
    stack.local.settle()
    return answer


def approve(stack: PlayedStack, case: Case, *, by: str = "approver") -> Answer:
    view = stack.staff_view(case)
    body = {"version": view["version"], "plan_sha256": view["rectification"]["plan_sha256"]}
    return stack.decide(case, "corrections/approval", body, by=by)


def member_of(stack: PlayedStack, person: Person, sk: str = "PROFILE") -> dict[str, Any]:
    item = stack.client("dynamodb").get_item(
        TableName=stack.shop("MembersTable"), Key={"pk": {"S": f"MEMBER#{person.member_id}"}, "sk": {"S": sk}}
    )["Item"]
    return {name: next(iter(typed.values())) for name, typed in item.items()}


def give_facts(stack: PlayedStack, case: Case, person: Person) -> None:
    order = f"K{person.number:06d}-0001"
    stack.give_evidence(case, order, person.home.postcode, session=stack.session(case)).expect(202)


@pytest.mark.parametrize(
    ("country", "said", "masked"), [("IE", "before", "Subj***y"), ("JP", "訂正しました", "架空***子")]
)
def test_a_name_is_right_in_every_source_and_everybody_else_is_as_before(
    stack: PlayedStack, country: str, said: str, masked: str
) -> None:
    person = stack.new_member(country=country, orders=2, addresses=2)
    new = "Corrected Canary Ltd" if country == "IE" else "架空訂正 花子"
    stack.canaries.add(new)
    case = submit(stack, person)
    before = shop_contents(stack)
    state(stack, case, {"field": "shop/members.name", "old": person.name, "new": new}).expect(200)
    view = stack.staff_view(case)
    assert view["next_step"] == "approve_correction"
    assert {part["collection"]: part["rows"] for part in view["rectification"]["planned"]} == {
        "shop/members": 1,
        "shop/addresses": 2,
    }
    assert shop_contents(stack) == before, "a plan writes nothing"
    assert approve(stack, case, by="handler").status == 403
    approve(stack, case).expect(200)
    after = shop_contents(stack)
    gone, come = before - after, after - before
    assert sum(gone.values()) == sum(come.values()) == 3
    assert all(row.replace(ascii_of(person.name), ascii_of(new)) in come for row in gone)
    assert (stack.staff_view(case)["status"], stack.staff_view(case)["outcome"]) == ("closed", "fulfilled")
    letter = stack.mails_about(case)[-1].text
    assert said in letter
    assert masked in letter, "the old one; nobody else can read it"
    assert new not in letter
    assert stack.staff_view(case)["rectification"]["recipients"] == ["commerce_platform", "carrier"]
    kept = stack.stored(case).model_dump_json()
    assert new not in kept
    told = next(event["details"] for event in stack.timeline(case) if event["type"] == "corrected")
    assert told["rows"] == 3
    assert len(told["before"]) == len(told["after"]) == 2


def ascii_of(text: str) -> str:
    """As JSON has it."""
    return json.dumps(text)[1:-1]


def test_an_answer_in_a_csv_is_replaced_and_no_other(stack: PlayedStack) -> None:
    before = shop_contents(stack)
    row = next(row for row in before if '"M-000001"' in row and '"answer"' in row and '"survey"' in row)
    held = json.loads(row)["answer"]
    assert held
    same = sum(n for text, n in before.items() if '"M-000001"' in text and json.loads(text).get("answer") == held)
    case = submit(stack, "hanako@example.jp", name="佐藤 花子", country="JP", language="ja")
    new = 'すべて正しく, "訂正"'
    state(stack, case, {"field": "files/surveys.answer", "old": held, "new": new}).expect(200)
    approve(stack, case).expect(200)
    after = shop_contents(stack)
    assert sum((before - after).values()) == sum((after - before).values()) == same
    assert all(json.loads(text)["answer"] == new for text in after - before)
    assert stack.staff_view(case)["outcome"] == "fulfilled"


def test_a_row_of_a_table_and_rows_of_parquet_are_right_after_one_plan(stack: PlayedStack) -> None:
    aiko = next(each for each in known_members(now=stack.now, many_orders=1) if each.email == "aiko@example.jp")
    before = shop_contents(stack)
    theirs = [json.loads(row) for row in before.elements() if f'"{aiko.analytics_id}"' in row and '"page"' in row]
    held = theirs[0]["page"]
    same = sum(row["page"] == held for row in theirs)
    case = submit(stack, aiko)
    give = {"evidence": "The log of the proxy."}
    state(
        stack,
        case,
        {"field": "shop/members.name", "old": aiko.name, "new": "架空訂正 愛子"},
        {"field": "analytics/site_visits.page", "old": held, "new": "/corrected"} | give,
    ).expect(200)
    planned = {part["collection"]: part["rows"] for part in stack.staff_view(case)["rectification"]["planned"]}
    assert planned["analytics/site_visits"] == same
    assert planned["shop/members"] == 1
    assert shop_contents(stack) == before, "a plan writes nothing"
    approve(stack, case).expect(200)
    after = shop_contents(stack)
    gone, come = before - after, after - before
    assert sum(gone.values()) == sum(come.values()) == sum(planned.values())
    visits = [json.loads(row) for row in come.elements() if '"page"' in row]
    assert [row["page"] for row in visits] == ["/corrected"] * same
    assert {row["analytics_id"] for row in visits} == {aiko.analytics_id}
    assert member_of(stack, aiko)["name"] == "架空訂正 愛子"
    assert stack.staff_view(case)["outcome"] == "fulfilled"


def test_a_disputed_conclusion_stays_and_has_the_note_beside_it(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1)
    segment = member_of(stack, person)["segment"]
    case = submit(stack, person)
    note = "I never look for bargains."
    state(stack, case, disputed=[{"field": "shop/members.segment", "note": note}]).expect(200)
    approve(stack, case).expect(200)
    member = member_of(stack, person)
    assert (member["segment"], member["segment_note"]) == (segment, note)
    assert "your view is recorded beside it" in stack.mails_about(case)[-1].text


def test_a13_a_new_mailbox_takes_facts_tells_the_old_one_and_has_to_settle(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1, guest_orders=1)
    new = f"new.{person.email}"
    stack.canaries.add(new)
    case = submit(stack, person)
    state(stack, case, {"field": "shop/members.email", "old": person.email, "new": new}).expect(200)
    view = stack.staff_view(case)
    assert (view["status"], view["evidence_needed"]) == ("awaiting_verification", True)
    assert "how you are reached" in stack.mails_about(case)[-1].text
    give_facts(stack, case, person)
    view = stack.staff_view(case)
    assert view["assurance"] == 2
    assert {part["collection"] for part in view["rectification"]["planned"]} == {"shop/members", "orders/orders"}
    assert member_of(stack, person)["email"] == person.email
    approve(stack, case).expect(200)
    member = member_of(stack, person)
    assert member["email"] == new
    assert member["email_changed_at"][:10] == stack.now.date().isoformat()
    notice = next(mail for mail in stack.mails(person.email) if "is being replaced" in mail.subject)
    assert case.reference in notice.subject
    assert not [mail for mail in stack.mails(new) if case.reference in mail.text]

    # Whoever asked: an access from the new mailbox has to show more than the mailbox.
    attacker = stack.submit(new, name=person.name)
    stack.verify(attacker).expect(200)
    assert stack.staff_view(attacker)["status"] == "awaiting_verification"
    stack.advance(days=31)
    later = stack.submit(new, name=person.name)
    stack.verify(later).expect(200)
    assert stack.staff_view(later)["status"] == "awaiting_review"


def test_a13_without_facts_nothing_is_planned_and_the_request_ends(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1)
    case = submit(stack, person)
    state(stack, case, {"field": "shop/members.phone", "old": person.phone, "new": "+353-55-99999"}).expect(200)
    stack.advance(days=15)
    view = stack.staff_view(case)
    assert (view["status"], view["outcome"]) == ("closed", "not_identified")
    assert member_of(stack, person)["phone"] == person.phone


def test_a_row_that_changed_has_the_plan_made_and_approved_again(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1)
    case = submit(stack, person)
    correction = {"field": "shop/members.name", "old": person.name, "new": "Corrected Canary Ltd"}
    state(stack, case, correction).expect(200)
    plan = stack.staff_view(case)["rectification"]["plan_sha256"]
    stack.client("dynamodb").update_item(
        TableName=stack.shop("MembersTable"),
        Key={"pk": {"S": f"MEMBER#{person.member_id}"}, "sk": {"S": "PROFILE"}},
        UpdateExpression="SET points = :points",
        ExpressionAttributeValues={":points": {"N": "77"}},
    )
    approve(stack, case).expect(200)
    view = stack.staff_view(case)
    assert view["next_step"] == "approve_correction"
    assert view["rectification"]["round"] == 2
    assert view["rectification"]["plan_sha256"] != plan
    assert member_of(stack, person)["name"] == person.name
    approve(stack, case).expect(200)
    member = member_of(stack, person)
    assert (member["name"], member["points"]) == ("Corrected Canary Ltd", "77")


def test_a_source_that_breaks_in_the_middle_is_named_and_the_rest_is_approved_again(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1, addresses=2)
    case = submit(stack, person)
    state(stack, case, {"field": "shop/members.name", "old": person.name, "new": "Corrected Canary Ltd"}).expect(200)
    with stack.failing("dynamodb", "TransactWriteItems", code="AccessDeniedException", on="ADDRESS#") as failed:
        approve(stack, case).expect(200)
        assert failed
    view = stack.staff_view(case)
    assert (view["failure"], view["next_step"]) == (None, "approve_correction")
    assert view["rectification"]["broke_in"] == ["shop/addresses"]
    assert "corrected" not in stack.happened(case), "nothing is reported that was not done"
    approve(stack, case).expect(200)
    assert stack.staff_view(case)["outcome"] == "fulfilled"
    assert member_of(stack, person)["name"] == "Corrected Canary Ltd"
    assert member_of(stack, person, "ADDRESS#02")["name"] == "Corrected Canary Ltd"
    assert stack.happened(case).count("corrected") == 1


def test_what_the_map_does_not_allow_is_refused_by_its_place_and_without_a_value(stack: PlayedStack) -> None:
    person = stack.new_member(orders=1)
    case = submit(stack, person)
    answer = state(
        stack,
        case,
        {"field": "shop/members.member_id", "old": person.member_id, "new": "M-1"},
        {"field": "shop/members.phone", "old": person.phone, "new": "call me"},
        {"field": "analytics/site_visits.analytics_id", "old": "a", "new": "b", "evidence": "log"},
    )
    assert answer.status == 400
    assert {(each["field"], each["reason"]) for each in answer.body["errors"]} == {
        ("corrections.0.field", "not_to_be_corrected"),
        ("corrections.1.new", "not_phone"),
        ("corrections.2.field", "not_to_be_corrected"),
    }
    assert stack.staff_view(case)["rectification"] is None


def test_the_evidence_of_a_correction_is_sound_and_says_what_was_corrected(stack: PlayedStack, tmp_path: Path) -> None:
    """Of two addresses in one town the one that is meant; the auditor sees which field, and no value."""
    person = stack.new_member(orders=1, addresses=2)
    case = submit(stack, person)
    address = member_of(stack, person, "ADDRESS#02")
    correction = {"field": "shop/addresses.city", "old": address["city"], "new": "Corrected Canary Town"}
    state(stack, case, correction | {"where": {"street": address["street"]}}).expect(200)
    give_facts(stack, case, person)
    stack.local.settle()
    approve(stack, case).expect(200)
    assert stack.staff_view(case)["outcome"] == "fulfilled"
    assert member_of(stack, person, "ADDRESS#02")["city"] == "Corrected Canary Town"
    assert member_of(stack, person, "ADDRESS#01")["city"] == address["city"]
    answer = stack.call("GET", f"/staff/requests/{case.reference}/evidence", staff="auditor").expect(200)
    bundle = tmp_path / answer["filename"]
    bundle.write_bytes(base64.b64decode(answer["bundle"]))
    report = verify_evidence(bundle, fits=signature_fits)
    assert report.ok, report.problems
    decided = json.loads(files_in(bundle.read_bytes())["decisions.json"])["decisions"]
    assert [each["field"] for each in decided if each["action"] == "correct"] == ["shop/addresses.city"]
