"""The same again: tasks that are run twice, and a flood of requests for one address (abuse cases 38 and 80)."""

from typing import Any

from tests.support.package import Package
from tests.support.stack import PlayedStack


def test_a80_every_task_that_is_run_again_sends_nothing_twice(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member(orders=1, gifts=1))
    request_id = stack.stored(case).request_id
    sent, happened = len(stack.local.outbox()), stack.happened(case)
    content = stack.download(case)
    tasks: dict[str, dict[str, Any]] = {
        "SendVerificationFunction": {"task_token": "used"},
        "RequestDecisionFunction": {"task_token": "used"},
        "CollectDataFunction": {"source": "orders"},
        "CollectColumnarFunction": {"source": "analytics"},
        "BuildExportFunction": {"final": False},
        "RequestReleaseFunction": {"task_token": "used"},
        "SendAnswerFunction": {},
        "CheckDeadlineFunction": {},
    }
    for function, more in tasks.items():
        outcome = stack.local.invoke(function, {"request_id": request_id, **more})
        assert not outcome.failed, (function, outcome.value)
    stack.local.settle()
    assert len(stack.local.outbox()) == sent + 2  # the code and the notice of the download above
    assert stack.happened(case) == [*happened, "downloaded"]
    assert Package(stack.download(case)).content == content

    stack.advance(days=14, hours=1)
    sent, happened = len(stack.local.outbox()), stack.happened(case)
    for outcome_name in ("fulfilled", "refused", "unverified", "withdrawn"):
        stack.local.invoke("CloseRequestFunction", {"request_id": request_id, "outcome": outcome_name})
    assert len(stack.local.outbox()) == sent
    assert [event for event in stack.happened(case) if event != "purged"] == happened
    assert stack.stored(case).outcome == "partially_fulfilled"


def test_a80_times_that_a_caller_sends_are_refused_or_ignored(stack: PlayedStack) -> None:
    email = "a80-times@example.com"
    for field in ("received_at", "due_on", "status", "verified_at", "assignee"):  # a51
        assert stack.post_request(email, **{field: "2020-01-01T00:00:00Z"}).status == 400
    headers = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "X-Amzn-Trace-Id": "Root=1-5e0be100-000000000000000000000000"}
    receipt = stack.post_request(email, headers=headers).expect(202)
    assert receipt["received_at"].startswith(stack.now.strftime("%Y-%m-%dT%H"))


def test_a38_a_flood_for_one_victim_is_one_mail_in_ten_minutes_and_three_a_day(stack: PlayedStack) -> None:
    victim = "a38-victim@example.com"
    answers = [stack.post_request(spelling) for spelling in (victim, victim.upper(), f" {victim} ") for _ in range(2)]
    assert {answer.status for answer in answers} == {202}
    assert len({str(sorted(answer.body)) for answer in answers}) == 1
    stack.local.settle()
    assert len(_mails(stack, victim)) == 1
    for _ in range(4):
        stack.advance(minutes=11)
        stack.post_request(victim)
        stack.local.settle()
    assert len(_mails(stack, victim)) == 3
    for answer in answers[:3]:
        for _ in range(3):
            stack.call("POST", f"/api/requests/{answer.body['reference']}/access-code", {}).expect(202)
    assert len(_mails(stack, victim)) == 3
    stack.advance(days=14, hours=2)
    # Those that were never told of are closed without a letter: a flood must not become a flood of endings.
    assert len(_mails(stack, victim)) <= 6


def _mails(stack: PlayedStack, address: str) -> list[str]:
    return [mail.subject for mail in stack.local.outbox() if mail.to.lower() == address]
