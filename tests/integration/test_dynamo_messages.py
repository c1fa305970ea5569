"""Messages in the table of cases: written with the case and its event or not at all, in order, and of one case."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_messages import DynamoMessages
from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.messages import with_message
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.ports.messages import add_anyway
from tests.support.cases import RECEIVED, new_case
from tests.support.stack import PlayedStack, together


@pytest.fixture
def cases(stack: PlayedStack) -> DynamoCaseStore:
    return DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))


@pytest.fixture
def messages(stack: PlayedStack, cases: DynamoCaseStore) -> DynamoMessages:
    return DynamoMessages(stack.local.ref("CasesTable"), cases, stack.client("dynamodb"))


def a_case(cases: DynamoCaseStore) -> PrivacyRequest:
    case, event = new_case(request_id=uuid4().hex)
    case = case.model_copy(update={"assurance": Assurance.MAILBOX})
    cases.create(case, event)
    return case


def said(cases: DynamoCaseStore, messages: DynamoMessages, case: PrivacyRequest, text: str) -> PrivacyRequest:
    return add_anyway(messages, cases, case, lambda now: with_message(now, text, at=RECEIVED))[0]


def test_they_come_back_in_order_and_only_to_their_own_case(cases: DynamoCaseStore, messages: DynamoMessages) -> None:
    case, other = a_case(cases), a_case(cases)
    for number in range(1, 12):
        case = said(cases, messages, case, f"number {number}")
    assert [each.number for each in messages.of(case.request_id)] == list(range(1, 12))
    assert messages.of(case.request_id)[-1].text == "number 11"
    assert messages.of(other.request_id) == []
    assert cases.get(case.request_id).thread == ("person",) * 11
    assert verify_chain(cases.timeline(case.request_id)) is None


def test_a_case_that_moved_on_takes_none_and_nothing_is_left_of_it(
    cases: DynamoCaseStore, messages: DynamoMessages
) -> None:
    case = a_case(cases)
    said(cases, messages, case, "first")
    after, event, message = with_message(case, "late", at=RECEIVED)
    with pytest.raises(ConflictError):
        messages.add(case, after, event, message)
    assert [each.text for each in messages.of(case.request_id)] == ["first"]


def test_of_two_that_write_at_once_neither_is_lost(cases: DynamoCaseStore, messages: DynamoMessages) -> None:
    case = a_case(cases)
    together(*(lambda text=text: said(cases, messages, case, text) for text in ("one", "two")))
    assert {each.text for each in messages.of(case.request_id)} == {"one", "two"}


EXPRESSIONS = (
    "#pk",
    ":text",
    "x' OR '1'='1",
    "'; DELETE FROM \"cases\" WHERE pk = 'REQ#1'; --",
    "attribute_not_exists(pk) OR size(#text) > :zero",
    "SET #text = :text REMOVE pk",
    '{"S": "REQ#1"}',
    "SELECT * FROM cases",
)


def test_a54_a_message_is_data_whatever_it_looks_like(
    stack: PlayedStack, cases: DynamoCaseStore, messages: DynamoMessages
) -> None:
    case, other = a_case(cases), a_case(cases)
    said(cases, messages, other, "mine")
    other = cases.get(other.request_id)
    for text in EXPRESSIONS:
        case = said(cases, messages, case, text)
    assert tuple(each.text for each in messages.of(case.request_id)) == EXPRESSIONS
    assert cases.get(other.request_id) == other
    assert [each.text for each in messages.of(other.request_id)] == ["mine"]
    key = {"pk": {"S": f"REQ#{case.request_id}"}, "sk": {"S": "MESSAGE#0007"}}
    item = stack.client("dynamodb").get_item(TableName=stack.local.ref("CasesTable"), Key=key)["Item"]
    assert item["text"] == {"S": '{"S": "REQ#1"}'}
    for guessed in (*EXPRESSIONS, "", "*", f"{other.request_id}' OR '1'='1"):
        assert messages.of(guessed) == []


def test_they_go_with_the_case(stack: PlayedStack, cases: DynamoCaseStore, messages: DynamoMessages) -> None:
    case = a_case(cases)
    said(cases, messages, case, "first")
    end = RECEIVED + timedelta(days=3 * 365)
    cases.retire(case.request_id, expires_at=end)
    key: dict[str, Any] = {"pk": {"S": f"REQ#{case.request_id}"}, "sk": {"S": "MESSAGE#0001"}}
    item = stack.client("dynamodb").get_item(TableName=stack.local.ref("CasesTable"), Key=key)["Item"]
    assert item["expires_at"]["N"] == str(int(end.timestamp()))
    assert len(messages.of(case.request_id)) == 1
