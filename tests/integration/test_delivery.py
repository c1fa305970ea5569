"""From SendEmail by configuration set, topic and function to the case, on the addresses of AWS's mailbox simulator."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.letters import LetterRecord
from tests.support.stack import Case, PlayedStack, calls_to_aws

EVENTS = Path(__file__).parents[2] / "events"
SIMULATOR = "simulator.amazonses.com"


def letters(stack: PlayedStack, case: Case) -> list[LetterRecord]:
    stack.local.settle()
    return stack.cases.letters(stack.stored(case).request_id)


def states(stack: PlayedStack, case: Case) -> dict[str, str]:
    return {record.letter: record.state.value for record in letters(stack, case)}


@pytest.mark.parametrize(
    ("address", "state"),
    [
        (f"bounce+code@{SIMULATOR}", "bounced"),
        (f"suppressionlist+code@{SIMULATOR}", "bounced"),
        (f"complaint+code@{SIMULATOR}", "complained"),
        (f"ooto+code@{SIMULATOR}", "delivered"),
        (f"success+code@{SIMULATOR}", "delivered"),
    ],
)
def test_what_became_of_a_code_is_on_record_and_is_no_task(stack: PlayedStack, address: str, state: str) -> None:
    """Anybody may have typed that address: nobody has confirmed it."""
    case = stack.submit(address)
    assert states(stack, case) == {"verification_code": state}
    assert stack.stored(case).undelivered == ()
    assert stack.staff_mails(case) == []


def test_every_letter_of_a_case_to_the_person_and_to_staff_is_delivered(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member(orders=1))
    found = states(stack, case)
    assert found.keys() >= {"verification_code", "staff_release", "answer_ready"}
    assert set(found.values()) == {"delivered"}
    for record in letters(stack, case):
        assert record.sent_at is not None
        assert record.at > record.sent_at - timedelta(milliseconds=1)  # news have whole milliseconds


def came_back(stack: PlayedStack, number: int) -> Case:
    """The code came to this mailbox, and then the mailbox went: the answer finds it no more."""
    person = stack.new_member(orders=1, email=f"bounce+member{number}@{SIMULATOR}")
    case = stack.to_review(person)
    assert stack.stored(case).undelivered == ()
    stack.release(case)
    return case


def test_an_answer_that_came_back_is_a_task_for_staff_once(stack: PlayedStack) -> None:
    case = came_back(stack, 1)
    assert states(stack, case)["answer_ready"] == "bounced"
    assert stack.stored(case).undelivered == ("answer_ready",)
    event = next(event for event in stack.timeline(case) if event["type"] == "letter_undelivered")
    assert event["details"] == {"letter": "answer_ready", "state": "bounced"}
    told = [mail for mail in stack.staff_mails(case) if "Letter: the answer" in mail.text]
    assert len(told) == 1
    assert case.email not in told[0].text + told[0].subject


def test_of_a_case_that_was_closed_meanwhile_it_goes_when_the_case_goes(stack: PlayedStack) -> None:
    case = came_back(stack, 2)
    stack.advance(days=15)
    assert stack.stored(case).status == "closed"
    assert stack.stored(case).undelivered[0] == "answer_ready"
    assert "closed" in stack.stored(case).undelivered
    assert stack.timeline(case)
    items = stack.client("dynamodb").query(
        TableName=stack.local.ref("CasesTable"),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"REQ#{stack.stored(case).request_id}"}},
    )["Items"]
    kept: dict[str, Any] = {item["sk"]["S"]: item.get("expires_at") for item in items}
    assert [name for name, ends in kept.items() if ends is None and not name.startswith("LETTER#staff_")] == []


def test_news_that_can_not_be_kept_waits_in_the_dead_letter_queue(stack: PlayedStack) -> None:
    with stack.failing("dynamodb", "UpdateItem", code="AccessDeniedException", on="LETTER#verification_code"):
        stack.submit(stack.new_member())
    url = stack.local.ref("LostDeliveryNews")
    (message,) = stack.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert "verification_code" in message["Body"]


def test_news_that_a_letter_arrived_costs_three_calls(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    (code,) = letters(stack, case)
    text = (EVENTS / "record_delivery-delivered.json").read_text("utf-8")
    for of_the_sample, ours in (
        ("0f1e2d3c4b5a69788796a5b4c3d2e1f0", stack.stored(case).request_id),
        ("answer_ready", code.letter),
        ("b6616006638057af78cc6d57cd3946a5cb70bac83438cca34830baf6e1389347", code.recipient_key),
    ):
        text = text.replace(of_the_sample, ours)
    with calls_to_aws() as calls:
        assert not stack.local.invoke("RecordDeliveryFunction", json.loads(text)).failed
    assert sorted(calls) == ["dynamodb.GetItem", "dynamodb.Query", "dynamodb.UpdateItem"]
