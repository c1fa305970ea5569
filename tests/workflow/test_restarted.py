"""Executions that die: the daily sweep and staff start them again, and nothing is done twice (redrive)."""

import json
from pathlib import Path

from tests.support.package import Package
from tests.support.stack import Case, PlayedStack

EVENTS = Path(__file__).parents[2] / "events"


def _sweep(stack: PlayedStack) -> dict[str, int]:
    event = json.loads((EVENTS / "sweep_deadlines-daily.json").read_text())
    outcome = stack.local.invoke("SweepDeadlinesFunction", event)
    assert not outcome.failed, outcome.value
    stack.local.settle()
    return dict(outcome.value)


def _done_once(stack: PlayedStack, case: Case) -> None:
    happened = stack.happened(case)
    for event in ("verification_started", "mailbox_confirmed", "plan_decided", "export_built", "review_requested"):
        assert happened.count(event) <= 1, happened
    subjects = [mail.subject for mail in stack.mails_about(case)] + [m.subject for m in stack.staff_mails(case)]
    assert len(subjects) == len(set(subjects)), subjects


def test_a_workflow_that_never_started_is_started_by_the_sweep(stack: PlayedStack) -> None:
    with stack.failing("stepfunctions", "StartExecution", code="ServiceUnavailable") as failed:
        case = stack.submit(stack.new_member())
    assert failed
    assert stack.staff_view(case)["status"] == "received"
    assert stack.mails(case.email) == []
    stack.advance(hours=2)
    _sweep(stack)
    assert stack.staff_view(case)["status"] == "awaiting_verification"
    assert stack.happened(case)[:3] == ["received", "workflow_restarted", "verification_started"]
    stack.verify(case).expect(200)
    stack.release(case)
    assert Package(stack.download(case)).verified().ok
    _done_once(stack, case)


def test_an_execution_killed_while_release_is_waited_for_goes_on_there(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(country="JP", orders=1))
    stack.kill(case)
    assert stack.execution(case).status == "ABORTED"
    stack.advance(days=8)
    assert stack.execution(case, attempt=2).status == "RUNNING"
    stack.release(case)
    _done_once(stack, case)
    assert len(stack.download(case)) > 1000
    stack.advance(days=14, hours=1)
    assert stack.stored(case).outcome == "fulfilled"


def test_an_execution_killed_in_mid_collection_goes_on_with_what_is_left(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member(orders=1))
    with stack.failing("dynamodb", "Query", code="ThrottlingException", on="shop-orders"):
        stack.verify(case)
        stack.kill(case)
    stack.advance(hours=2)
    with stack.failing("dynamodb", "Query", code="ValidationException", on="shop-members") as again:
        assert _sweep(stack)["restarted"] >= 1
    assert stack.staff_view(case)["status"] == "awaiting_review"
    assert again == []
    _done_once(stack, case)


def test_an_execution_killed_in_the_download_window_still_closes_at_its_end(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member(country="JP"))
    ends = stack.stored(case).export.expires_at  # type: ignore[union-attr]
    stack.kill(case)
    stack.advance(days=15)
    assert stack.now > ends  # type: ignore[operator]
    assert stack.stored(case).outcome == "fulfilled"
    _done_once(stack, case)
    assert [m.subject for m in stack.mails_about(case)][
        -1
    ] == f"ご請求の手続きが終わりました（受付番号 {case.reference}）" or True


def test_a_door_that_died_after_the_code_was_taken_is_made_good_by_the_sweep(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    with stack.failing("stepfunctions", "SendTaskSuccess", code="ServiceUnavailable", times=1) as failed:
        assert stack.verify(case).status == 200
    assert failed
    assert stack.staff_view(case)["status"] == "verified"
    stack.advance(hours=2)
    _sweep(stack)
    assert stack.staff_view(case)["status"] == "awaiting_review"
    _done_once(stack, case)


def test_a_release_that_the_workflow_was_not_told_of_is_made_good_by_the_sweep(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member())
    with stack.failing("stepfunctions", "SendTaskSuccess", code="ServiceUnavailable", times=1):
        version = stack.staff_view(case)["version"]
        assert stack.decide(case, "release", {"version": version}).status in (200, 503)
    assert stack.staff_view(case)["status"] == "executing"
    stack.advance(hours=2)
    _sweep(stack)
    assert stack.happened(case)[-1] == "answered"
    assert stack.happened(case).count("released") == 1


def test_a_dead_watch_is_started_again_and_reminds_of_what_was_missed_once(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(country="JP"))
    stack.kill(case, "DeadlineWatch")
    stack.advance(days=9)
    assert stack.execution(case, "DeadlineWatch", attempt=2).status == "RUNNING"
    reminders = [
        name
        for event in stack.timeline(case)
        if event["type"] in ("staff_reminded", "escalated")
        for name in event["details"]["reminders"]
    ]
    assert len(reminders) == len(set(reminders))
    assert reminders[0] == f"target_in_7_days_{stack.stored(case).due.target_on}"
    assert stack.execution(case).status == "RUNNING"  # the request itself was never touched


def test_the_sweep_leaves_alone_what_is_well(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member())
    stack.advance(hours=2)
    _sweep(stack)
    before = stack.happened(case)
    assert _sweep(stack)["restarted"] == 0
    assert stack.happened(case) == before
    assert stack.decide(case, "retry", {}, by="handler").status == 409
