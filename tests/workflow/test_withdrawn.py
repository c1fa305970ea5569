"""Withdrawn at the person's wish, wherever the case stands; what was collected is destroyed (abuse case 77)."""

import threading

from rightsdesk.domain.lifecycle import Outcome, Status
from tests.support.stack import Case, PlayedStack


def _is_withdrawn_without_a_trace(stack: PlayedStack, case: Case) -> None:
    closed = stack.stored(case)
    assert (closed.status, closed.outcome) == ("closed", "withdrawn")
    assert stack.remnants(f"work/{closed.request_id}/", f"exports/{closed.request_id}/") == []
    letters = [mail.subject for mail in stack.mails_about(case)]
    assert letters.count(f"Request {case.reference} was withdrawn") == 1
    assert stack.execution(case).status in ("ABORTED", "SUCCEEDED")
    assert stack.execution(case, attempt=2).status in ("RUNNING", "SUCCEEDED")  # it looks again when tasks have ended
    assert "withdrawn" in stack.happened(case)
    assert len(stack.staff_mails(case)) <= 1  # nobody is told of a failure
    assert "workflow_failed" not in stack.happened(case)


def test_withdrawn_while_an_order_number_is_waited_for(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member().email.replace("subject", "unknown"), order_number="K1")
    stack.verify(case)
    assert stack.look(case)["can_withdraw"]
    view = stack.withdraw(case).expect(200)
    assert (view["status"], view["outcome"], view["evidence_needed"]) == ("closed", "withdrawn", False)
    _is_withdrawn_without_a_trace(stack, case)
    assert stack.withdraw(case).status == 409
    evidence = stack.give_evidence(case, "K1", "1", session=stack.session(case))
    assert evidence.status == 409


def test_a77_withdrawn_while_release_is_waited_for_destroys_the_package(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(orders=1))
    version = stack.staff_view(case)["version"]
    request_id = stack.stored(case).request_id
    assert stack.remnants(f"exports/{request_id}/")
    stack.withdraw(case).expect(200)
    _is_withdrawn_without_a_trace(stack, case)
    assert stack.decide(case, "release", {"version": version}).status == 409
    assert stack.download_link(case).status in (404, 410)
    assert case.reference not in str(stack.call("GET", "/staff/requests?limit=100", staff="handler").body)


def test_a77_withdrawn_in_mid_collection_nothing_is_written_any_more(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2)
    case = stack.submit(member)
    with stack.failing("dynamodb", "Query", code="ThrottlingException", on="shop-orders"):
        stack.verify(case)
        assert stack.staff_view(case)["status"] == "collecting"
        request_id = stack.stored(case).request_id
        assert stack.remnants(f"work/{request_id}/")  # what the other sources gave is there
        stack.withdraw(case).expect(200)
    stack.advance(hours=3)
    _is_withdrawn_without_a_trace(stack, case)


def test_a77_a_task_that_is_at_work_when_the_case_is_withdrawn_leaves_nothing(stack: PlayedStack) -> None:
    """The task has read and is about to write: it finds the case closed, and takes back what it wrote."""
    member = stack.new_member(orders=2)
    case = stack.submit(member)
    request_id = stack.stored(case).request_id
    task = {"request_id": request_id, "source": "orders"}
    with stack.failing("dynamodb", "Query", code="ThrottlingException", on="shop-orders"):
        stack.verify(case)
    entered, go_on = threading.Event(), threading.Event()
    outcome: list[object] = []
    with stack.pausing("s3", "PutObject", on=f"work/{request_id}/orders", entered=entered, go_on=go_on):
        worker = threading.Thread(
            target=lambda: outcome.append(stack.local.invoke("CollectDataFunction", task).value["errorType"])
        )
        worker.start()
        assert entered.wait(20)
        closed = stack.cases.get(request_id)
        after, event = closed.changed(
            "withdrawn",
            at=stack.now,
            actor="subject",
            status=Status.CLOSED,
            outcome=Outcome.WITHDRAWN,
            closed_at=stack.now,
        )
        stack.cases.save(closed, after, event)
        go_on.set()
        worker.join()
    assert outcome == ["CaseClosedError"]
    listed = stack.client("s3").list_objects_v2(
        Bucket=stack.local.ref("ExportBucket"), Prefix=f"work/{request_id}/orders"
    )
    assert listed["KeyCount"] == 0


def test_a77_what_a_task_writes_after_the_withdrawal_goes_too_with_its_versions(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(orders=1))
    request_id = stack.stored(case).request_id
    stack.withdraw(case).expect(200)
    _is_withdrawn_without_a_trace(stack, case)
    late = f"work/{request_id}/orders/late.jsonl.gz"
    for _ in range(2):
        stack.client("s3").put_object(Bucket=stack.local.ref("ExportBucket"), Key=late, Body=b"late")
    assert len(stack.remnants(f"work/{request_id}/")) == 2
    stack.advance(minutes=20)  # more than any task may run
    _is_withdrawn_without_a_trace(stack, case)
    assert stack.execution(case, attempt=2).status == "SUCCEEDED"


def test_once_answered_a_request_can_not_be_withdrawn(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member())
    assert stack.look(case)["can_withdraw"] is False
    assert stack.withdraw(case).status == 409
    assert stack.stored(case).status == "executing"
    assert len(stack.download(case)) > 1000


def test_before_the_mailbox_is_shown_nobody_can_withdraw(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    path = f"/api/requests/{case.reference}"
    assert stack.call("DELETE", path).status == 401
    other = stack.to_review(stack.new_member())
    assert stack.call("DELETE", path, bearer=stack.session(other)).status == 404
    assert stack.stored(case).status == "awaiting_verification"
