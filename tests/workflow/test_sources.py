"""A source that is down, and one that is broken: never an answer without it (abuse case 81)."""

import gzip
import json

from tests.support.package import Package
from tests.support.stack import Case, PlayedStack

MESSAGE = gzip.compress(json.dumps({"ticket": "T-1", "sent_at": "2026-01-01T00:00:00Z", "body": "Hello"}).encode())


def _statuses(stack: PlayedStack, case: Case) -> dict[str, str]:
    return {source["source"]: source["status"] for source in stack.staff_view(case)["sources"]}


def test_a_source_that_is_down_is_asked_again_until_it_is_back(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(member)
    with stack.failing("dynamodb", "Query", code="ThrottlingException", on="shop-orders") as failed:
        stack.verify(case).expect(200)
        assert len(failed) == 1
        assert stack.staff_view(case)["status"] == "collecting"
        assert _statuses(stack, case) == {"shop": "done", "files": "done", "analytics": "done", "orders": "pending"}
        stack.advance(minutes=2)
        assert 1 < len(failed) <= 7  # each pause is random, up to its ceiling
    stack.advance(hours=2)
    assert stack.staff_view(case)["status"] == "awaiting_review"
    assert "workflow_failed" not in stack.happened(case)
    stack.release(case)
    assert Package(stack.download(case)).found["orders"] == 1


def test_a81_a_source_that_stays_down_is_shown_as_failed_and_nothing_is_called_complete(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(member)
    with stack.failing("dynamodb", "Query", code="ThrottlingException", on="shop-orders") as failed:
        stack.verify(case).expect(200)
        stack.advance(days=1)
        assert len(failed) == 7  # the first try and the six that follow

    view = stack.staff_view(case)
    assert _statuses(stack, case)["orders"] == "failed"
    assert (view["status"], view["failed"], view["package"], view["package_rows"]) == ("collecting", True, None, None)
    assert (view["failure"]["state"], view["failure"]["error"]) == ("BuildExport", "IncompleteCollectionError")
    mail = stack.staff_mails(case)[-1]
    assert mail.subject == f"[{case.reference}] The workflow has stopped"
    assert "orders" in mail.text
    assert [m.subject for m in stack.mails_about(case)] == [f"Your code for request {case.reference}"]
    assert stack.execution(case).status == "FAILED"
    entry = next(e for e in _work_list(stack) if e["reference"] == case.reference)
    assert entry["failed"]

    _started_again_by_staff_goes_on_to_the_end(stack, case)


def _started_again_by_staff_goes_on_to_the_end(stack: PlayedStack, case: Case) -> None:
    stack.retry(case).expect(200)
    assert stack.staff_view(case)["failed"] is False
    assert stack.retry(case).status == 409  # nothing has failed now
    happened = stack.happened(case)
    assert happened.count("mailbox_confirmed") == happened.count("plan_decided") == 1
    assert len([m for m in stack.mails(case.email) if "code" in m.subject]) == 1
    stack.release(case)
    assert Package(stack.download(case)).verified().ok
    stack.advance(days=14, hours=1)
    assert stack.stored(case).outcome == "fulfilled"


def test_a_source_that_is_broken_fails_at_once_and_is_read_again_after_the_repair(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    stack.put_support_mail(member, b"\x1f\x8b this is no gzip")
    case = stack.submit(member)
    stack.verify(case).expect(200)
    view = stack.staff_view(case)
    assert _statuses(stack, case) == {"shop": "done", "orders": "done", "files": "failed", "analytics": "done"}
    files = next(source for source in view["sources"] if source["source"] == "files")
    assert files["error"] == "SourceBrokenError"
    assert view["failed"]
    assert "files" in stack.staff_mails(case)[-1].text

    approver = stack.decide(case, "release", {"version": view["version"]}, by="approver")
    assert approver.status == 409  # there is nothing to release

    stack.put_support_mail(member, MESSAGE)
    with stack.failing("dynamodb", "Query", code="ValidationException", on="shop-"):
        stack.retry(case).expect(200)  # what is done is not read again
    assert stack.staff_view(case)["status"] == "awaiting_review"
    stack.local.staff.add("other@shop.example", groups=("approver",))  # type: ignore[union-attr]
    stack.release(case, by="other")
    package = Package(stack.download(case))
    assert (package.found["support_messages"], package.found["orders"]) == (1, 1)


def test_the_shop_being_down_while_it_is_decided_delays_and_loses_nothing(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(member)
    with stack.failing("dynamodb", "Query", code="InternalServerError", on="by_email"):
        stack.verify(case).expect(200)
        assert stack.happened(case)[-1] == "mailbox_confirmed"
    stack.advance(hours=1)
    assert stack.staff_view(case)["status"] == "awaiting_review"


def _work_list(stack: PlayedStack) -> list[dict[str, object]]:
    return list(stack.call("GET", "/staff/requests?limit=100", staff="handler").expect(200)["items"])
