"""Erasures with all that goes wrong on the way: nothing lost, nothing done twice, nothing said that did not happen."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.support.shop_contents import mentions, of, shop_contents
from tests.support.stack import Case, PlayedStack, played_stack, together


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: what is erased here is missing elsewhere."""
    with played_stack() as booted:
        yield booted


def mails(stack: PlayedStack, case: Case) -> list[str]:
    return [mail.subject for mail in stack.mails_about(case)]


def test_a_source_that_is_down_for_a_day_is_shown_and_the_rest_waits_for_it(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2)
    case = stack.to_approval(member)
    stack.approve(case, by="handler", kept={}).expect(200)
    with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-orders") as failed:
        stack.approve(case, by="approver").expect(200)
        stack.advance(days=1)
        assert len(failed) >= 7
    view = stack.staff_view(case)
    assert view["failed"]
    assert view["failure"]["state"] == "CertifyErasure"
    assert {s["source"]: s["status"] for s in view["sources"]}["orders"] == "failed"
    assert mails(stack, case)[-1] != mails(stack, case)[0]
    assert stack.stored(case).erasure.certificate is None  # type: ignore[union-attr]
    assert "answered" not in stack.happened(case)
    stack.retry(case).expect(200)
    assert stack.stored(case).erasure.certificate is not None  # type: ignore[union-attr]
    happened = stack.happened(case)
    for event in ("erasure_began", "erased", "answered", "erasure_approved"):
        assert happened.count(event) == 1, happened


def test_throttled_for_a_while_it_goes_on_by_itself(stack: PlayedStack) -> None:
    case = stack.to_approval(stack.new_member(orders=2))
    stack.approve(case, by="handler", kept={}).expect(200)
    with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-members", times=1):
        stack.approve(case, by="approver").expect(200)
    stack.advance(hours=2)
    assert "workflow_failed" not in stack.happened(case)
    assert stack.stored(case).outcome == "partially_fulfilled"


def test_half_written_files_are_as_before_or_as_they_should_be(stack: PlayedStack) -> None:
    email = "jane@example.com"
    before = shop_contents(stack)
    case = stack.to_approval(email, name="Jane Murphy")
    stack.approve(case, by="handler", kept={}).expect(200)
    with stack.failing("s3", "PutObject", code="SlowDown", on="surveys/", times=2) as failed:
        stack.approve(case, by="approver").expect(200)
    assert failed
    stack.advance(hours=3)
    after = shop_contents(stack)
    assert not of(after, email, "Jane Murphy")
    certificate = stack.stored(case).erasure.certificate  # type: ignore[union-attr]
    assert certificate is not None
    anonymised = sum(part.anonymised for part in certificate.collections)
    assert sum((before - after).values()) == anonymised + sum(part.deleted for part in certificate.collections)
    assert sum((after - before).values()) == anonymised
    assert stack.stored(case).outcome == "partially_fulfilled"


def test_data_that_changed_after_approval_are_planned_and_approved_again(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    first = stack.plan(case)
    stack.approve(case, by="handler", kept={}).expect(200)
    stack.client("dynamodb").update_item(
        TableName=stack.shop("MembersTable"),
        Key={"pk": {"S": f"MEMBER#{member.member_id}"}, "sk": {"S": "PROFILE"}},
        UpdateExpression="SET points = :points",
        ExpressionAttributeValues={":points": {"N": "7"}},
    )
    stack.approve(case, by="approver").expect(200)
    view = stack.staff_view(case)
    assert view["status"] == "awaiting_review"
    second = stack.plan(case)
    assert second["plan_sha256"] != first["plan_sha256"]
    assert second["round"] == 2
    assert mentions(shop_contents(stack), member.email)
    stack.erase(case)
    assert not mentions(shop_contents(stack), member.email)


def test_a_task_delivered_twice_does_nothing_twice(stack: PlayedStack) -> None:
    case = stack.to_approval(stack.new_member(orders=2))
    stack.approve(case, by="handler", kept={}).expect(200)
    request_id = stack.stored(case).request_id
    too_early = stack.local.invoke("EraseDataFunction", {"request_id": request_id, "source": "shop"})
    assert too_early.failed
    stack.approve(case, by="approver").expect(200)
    after = shop_contents(stack)
    for function, more in (
        ("EraseDataFunction", {}),
        ("SearchAgainFunction", {}),
        ("PlanErasureFunction", {"step": "plan"}),
    ):
        event: dict[str, Any] = {"request_id": request_id, "source": "orders"} | more
        assert stack.local.invoke(function, event).failed  # the case is closed
    assert shop_contents(stack) == after


def test_staff_who_act_at_once_do_not_approve_twice(stack: PlayedStack) -> None:
    case = stack.to_approval(stack.new_member(orders=1))
    version, sha256 = stack.staff_view(case)["version"], stack.plan(case)["plan_sha256"]
    body = {"version": version, "plan_sha256": sha256, "kept": {}}
    path = f"/staff/requests/{case.reference}/erasure/approval"
    acts = [partial(stack.call, "POST", path, body, staff=by) for by in ("handler", "approver") * 2]
    answers = together(*acts)
    stack.local.settle()
    assert sorted(answer.status for answer in answers)[0] == 200
    assert sum(answer.status == 200 for answer in answers) == 1
    approval = stack.stored(case).erasure.approval  # type: ignore[union-attr]
    assert approval is not None
    assert approval.second_by is None


@pytest.mark.parametrize("moment", ["planned", "confirmed", "approved", "begun"])
def test_an_execution_that_is_killed_goes_on_where_it_was(stack: PlayedStack, moment: str) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(member, type="erasure")
    stack.verify(case).expect(200)
    if moment == "planned":
        stack.kill(case)
        stack.advance(days=4)
    stack.confirm_erasure(case).expect(200)
    if moment == "confirmed":
        stack.kill(case)
    stack.advance(days=4)
    stack.approve(case, by="handler", kept={}).expect(200)
    if moment == "approved":
        stack.kill(case)
    if moment == "begun":
        with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-orders"):
            stack.approve(case, by="approver").expect(200)
            stack.kill(case)
    else:
        stack.approve(case, by="approver").expect(200)
    stack.advance(days=2)
    happened = stack.happened(case)
    for event in (
        "confirmation_asked",
        "erasure_confirmed",
        "erasure_approved",
        "erasure_began",
        "erased",
        "answered",
    ):
        assert happened.count(event) == 1, happened
    assert len(mails(stack, case)) == len(set(mails(stack, case))), mails(stack, case)
    assert not mentions(shop_contents(stack), member.email)


def test_what_happened_names_nobody(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    stack.erase(case)
    told = json.dumps(stack.timeline(case))
    for canary in (member.email, member.name, member.member_id):
        assert canary not in told
