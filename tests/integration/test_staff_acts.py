"""What staff do to a case besides releasing it, by HTTP: extend, ask, withhold, refuse with two people, carry out."""

import csv
import io
import json
from datetime import date
from typing import Any

import pytest

from tests.support.package import Package
from tests.support.stack import Case, PlayedStack

EXPLANATION = "Your letters of nineteen years lie in four archives on tape."


@pytest.fixture
def waiting(stack: PlayedStack) -> Case:
    return stack.to_review(stack.new_member(country="IE", orders=1))


def preview(stack: PlayedStack, case: Case, body: dict[str, Any], *, by: str = "handler") -> Any:
    return stack.decide(case, "letters/preview", body, by=by).expect(200)


def test_a75_an_extension_is_told_and_moves_the_date(stack: PlayedStack, waiting: Case) -> None:
    seen = stack.staff_view(waiting)
    assert (seen["may_extend"], seen["clock"]) == (True, "running")
    body = {"reason": "complexity", "explanation": EXPLANATION}
    shown = preview(stack, waiting, {"letter": "extended"} | body)
    assert stack.staff_view(waiting)["version"] == seen["version"]

    after = stack.decide(waiting, "extension", {"version": seen["version"]} | body, by="handler").expect(200)
    assert (after["clock"], after["may_extend"], after["extension_barrier"]) == ("extended", False, "already_extended")
    assert after["due_on"] == seen["extended_due_on"] > seen["due_on"]
    assert after["extension"]["explanation"] == EXPLANATION
    mail = stack.mails_about(waiting)[-1]
    assert mail.subject == shown["subject"]
    assert mail.text.startswith(shown["text"].rstrip()), "but for the link by which they say that it is not theirs"
    assert f"/en/requests/{waiting.reference}" in mail.text
    assert [letter["letter"] for letter in after["letters"] if letter["to"] == "person"][-1] == "extended"
    again = stack.decide(waiting, "extension", {"version": after["version"]} | body, by="handler")
    assert (again.status, again.body["code"]) == (409, "already_extended")
    stale = stack.decide(waiting, "extension", {"version": seen["version"]} | body, by="handler")
    assert (stale.status, stale.body["code"]) == (409, "version_moved_on")


def test_a76_a_question_stops_the_clock_until_the_person_answers(stack: PlayedStack, waiting: Case) -> None:
    seen = stack.staff_view(waiting)
    asked = {"kind": "clarification", "text": "Which of your two accounts do you mean?"}
    after = stack.decide(waiting, "question", {"version": seen["version"]} | asked, by="handler").expect(200)
    assert (after["clock"], after["next_step"]) == ("suspended", "wait_for_answer_to_question")
    assert asked["text"] in stack.mails_about(waiting)[-1].text
    second = stack.decide(waiting, "question", {"version": after["version"]} | asked, by="handler")
    assert (second.status, second.body["code"]) == (409, "question_open")
    card = {"version": after["version"], "kind": "identity", "text": "Please send a copy of your passport."}
    assert stack.decide(waiting, "question", card, by="handler").status in (400, 409)

    stack.advance(days=5)
    answer = stack.call(
        "POST", f"/api/requests/{waiting.reference}/answer", {"text": "The first."}, bearer=stack.session(waiting)
    )
    assert answer.status < 300, answer.body
    after = stack.staff_view(waiting)
    assert (after["clock"], after["suspended_days"]) == ("running", 5)
    assert [question["answer"] for question in after["questions"]] == ["The first."]
    assert date.fromisoformat(after["due_on"]) > date.fromisoformat(after["conservative_due_on"])
    auditor = stack.staff_view(waiting, by="auditor")
    assert [(question["text"], question["answer"]) for question in auditor["questions"]] == [(None, None)]


def test_a79_a_refusal_as_excessive_takes_evidence_and_a_second_person(stack: PlayedStack, waiting: Case) -> None:
    assert stack.local.staff is not None
    version = stack.staff_view(waiting)["version"]
    ground = {"version": version, "ground": "gdpr_12_5", "reason": "Answered in full last week."}
    bare = stack.decide(waiting, "refusal", ground, by="handler")
    assert (bare.status, bare.body["errors"][0]["field"]) == (400, "evidence")
    proposed = stack.decide(waiting, "refusal", ground | {"evidence": "Nothing was added since."}, by="approver")
    after = proposed.expect(200)
    assert (after["next_step"], after["refusal"]["decided"], after["status"]) == (
        "confirm_refusal",
        False,
        "awaiting_review",
    )
    alone = stack.decide(waiting, "refusal/confirmation", {"version": after["version"]}, by="approver")
    assert (alone.status, alone.body["code"]) == (403, "second_person_needed")
    unfit = stack.decide(waiting, "refusal/confirmation", {"version": after["version"]}, by="handler")
    assert (unfit.status, unfit.body["code"]) == (403, "approver_needed")
    stack.local.staff.add("confirming@shop.example", groups=("approver",))
    stack.decide(waiting, "refusal/confirmation", {"version": after["version"]}, by="confirming").expect(200)
    stack.local.settle()
    assert stack.stored(waiting).outcome == "refused"
    letter = stack.mails_about(waiting)[-1].text
    assert "Answered in full last week." in letter
    assert "Nothing was added since." not in letter


def test_fields_are_withheld_on_a_ground_and_stay_out_of_the_package(stack: PlayedStack, waiting: Case) -> None:
    decisions = stack.call("GET", f"/staff/requests/{waiting.reference}/decisions", staff="auditor").expect(200)
    field = next(d["field"] for d in decisions["decisions"] if d["field"].startswith("shop/members.") and _given(d))
    why = {"ground": decisions["grounds"][0], "reason": "It tells how a neighbour was assessed."}
    body = {"version": stack.staff_view(waiting)["version"], "withheld": {field: why}}
    after = stack.decide(waiting, "decisions", body, by="handler").expect(200)
    assert after["withheld"] == body["withheld"]
    wrong = {"version": after["version"], "withheld": {"shop/members.no_such": why}}
    assert stack.decide(waiting, "decisions", wrong, by="handler").status == 400
    stack.release(waiting)
    package = Package(stack.download(waiting))
    assert package.verified().ok
    (member,) = package.records("members")
    assert field.rpartition(".")[2] not in member
    withheld = {entry["field"]: entry for entry in package.json("withheld.json")["withheld"]}
    entry = withheld[field.rpartition(".")[2]]
    assert entry["ground"] == why["ground"]
    assert entry["reason"]["en"].startswith(why["reason"])
    assert any(why["reason"] in mail.text.replace("\n", " ") for mail in stack.mails_about(waiting))


def test_what_no_package_answers_is_carried_out_and_told(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(country="IE"), type="rectification", details="My name has two n.")
    seen = stack.staff_view(case)
    assert (seen["next_step"], seen["answered_by_package"]) == ("state_corrections", False)
    done = {"done": "Your name has two n now, in the account and on the labels."}
    shown = preview(stack, case, {"letter": "answer"} | done, by="approver")
    assert shown["letter"] == "rectification_answer"
    refused = stack.decide(case, "completion", {"version": seen["version"]} | done, by="handler")
    assert (refused.status, refused.body["code"]) == (403, "approver_needed")
    stack.decide(case, "completion", {"version": seen["version"]} | done).expect(200)
    mail = stack.mails_about(case)[-1]
    assert mail.subject == shown["subject"]
    assert mail.text.startswith(shown["text"].rstrip()), "but for the link by which they say that it is not theirs"
    assert stack.stored(case).outcome == "fulfilled"


def test_what_staff_leave_of_an_erasure_is_a_refusal_in_part(stack: PlayedStack) -> None:
    month = stack.now.strftime("%Y-%m")  # of receipt
    case = stack.to_approval(stack.new_member(country="IE", orders=1))
    assert stack.staff_view(case)["to_judge"] > 0
    path = f"/staff/requests/{case.reference}/decisions"
    listed = stack.call("GET", path, staff="auditor").expect(200)
    left = "shop/members.fraud_score"
    assert left in [each["field"] for each in listed["decisions"] if each["judgement"]]
    silent = stack.approve(case, by="handler")
    assert (silent.status, silent.body["errors"][0]["field"], silent.body["errors"][0]["reason"]) == (
        400,
        "kept",
        "missing",
    )
    assert "gdpr_12_5" not in listed["grounds"]
    wrong = stack.approve(case, by="handler", kept={left: "gdpr_12_5"})
    assert (wrong.status, wrong.body["errors"][0]["reason"]) == (400, "unknown_for_this_law")
    by_hand = {"version": stack.staff_view(case)["version"], "done": "We closed your account.", "kept": {}}
    assert stack.decide(case, "completion", by_hand).body["code"] == "erased_by_plan"

    before = stack.plan(case)
    after = stack.approve(case, by="handler", kept={left: "gdpr_17_3_e"}).expect(200)
    assert (after["kept"], after["to_judge"]) == ({left: "gdpr_17_3_e"}, 0)
    plan = stack.plan(case)
    assert (plan["round"], plan["approval"]) == (before["round"] + 1, None)
    assert plan["plan_sha256"] != before["plan_sha256"]
    stale = stack.approve(case, by="handler", plan_sha256=before["plan_sha256"])
    assert (stale.status, stale.body["code"]) == (409, "plan_changed")
    stack.approve(case, by="handler").expect(200)
    stack.approve(case, by="approver").expect(200)
    mail = stack.mails_about(case)[-1]
    assert "GDPR 17(3)(e)" in mail.text
    assert "dataprotection.ie" in mail.text
    assert "Seven years" not in mail.text  # the law is named, and the day
    assert stack.stored(case).outcome == "partially_fulfilled"
    kept = next(
        each for each in stack.call("GET", path, staff="auditor").expect(200)["decisions"] if each["field"] == left
    )
    assert (kept["action"], kept["rule"], kept["ground"]) == ("keep", "GDPR-17-3-e", "gdpr_17_3_e")
    assert kept["by"].startswith("staff:")
    rows = stack.call("GET", f"/staff/register?from={month}&to={month}", staff="auditor").expect(200)["rows"]
    assert [row["grounds"] for row in rows if row["reference"] == case.reference] == [["gdpr_17_3_e"]]


def test_a98_the_register_and_the_report_are_for_the_auditor(stack: PlayedStack, waiting: Case) -> None:
    month = stack.now.strftime("%Y-%m")
    path = f"/staff/register?from={month}&to={month}"
    rows = stack.call("GET", path, staff="auditor").expect(200)["rows"]
    assert waiting.reference in [row["reference"] for row in rows]
    assert "@" not in json.dumps(rows)
    table = stack.call("GET", f"{path}&format=csv", staff="auditor")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == f'attachment; filename="register_{month}_{month}.csv"'
    written = list(csv.DictReader(io.StringIO(table.expect(200).removeprefix("\ufeff"))))
    assert [row["reference"] for row in written] == [row["reference"] for row in rows]
    report = stack.call("GET", f"/staff/reports/{month}", staff="auditor").expect(200)
    assert report["received"] == len(rows)
    assert str(report["received"]) in stack.call("GET", f"/staff/reports/{month}?format=text", staff="auditor").body
    plot = stack.call("GET", f"/staff/reports/{month}?format=svg", staff="auditor")
    assert plot.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert plot.body.startswith("<svg")
    assert stack.call("GET", "/staff/reports/2026-13", staff="auditor").status == 400
    assert stack.call("GET", path, staff="handler").status == 403


def _given(decision: dict[str, Any]) -> bool:
    return bool(decision["type"] == "access" and decision["action"] == "give" and "email" not in decision["field"])
