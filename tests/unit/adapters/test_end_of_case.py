"""What is written about a closed case goes when the case goes, however late it is written."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.account import local_account
from rightsdesk.adapters.dynamo_callbacks import DynamoToldControllers
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoTaskTokens
from rightsdesk.adapters.dynamo_items import from_item, to_item
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.identity import CodePurpose
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.opendsr import OpenDsrStatus
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, PrivacyRequest
from rightsdesk.ports.codes import IssuedCode
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.infrastructure.deployed_template import deploy
from tests.support.cases import RECEIVED, new_case

TABLE = "cases"
DEFINED_BY = ("KeySchema", "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes")
CLOSED_AT = RECEIVED + timedelta(days=30)
LATER = CLOSED_AT + timedelta(days=400)
END = int((CLOSED_AT + KEPT_AFTER_CLOSING).timestamp())
READER = "a" * 64


class Desk:
    """The stores of one table, and what stands in it."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.cases = DynamoCaseStore(TABLE, dynamodb)
        self.codes = DynamoCodeStore(TABLE, dynamodb)
        self.tokens = DynamoTaskTokens(TABLE, dynamodb)
        self.told = DynamoToldControllers(TABLE, dynamodb)

    def opened(self) -> PrivacyRequest:
        case, event = new_case()
        self.cases.create(case, event)
        return case

    def closed(self, case: PrivacyRequest) -> PrivacyRequest:
        """Closed, and what it left told to go with it."""
        after, event = case.changed(
            "closed",
            at=CLOSED_AT,
            actor=SYSTEM,
            status=Status.CLOSED,
            outcome=Outcome.FULFILLED,
            closed_at=CLOSED_AT,
            purged=True,
        )
        self.cases.save(case, after, event)
        self.cases.retire(case.request_id, expires_at=CLOSED_AT + KEPT_AFTER_CLOSING)
        return after

    def claim(self, case: PrivacyRequest) -> bool:
        return self.cases.claim_letter(case.request_id, "closed", recipient_key=READER, version=1, at=LATER)

    def ends(self, pk: str) -> dict[str, int | None]:
        """Sort key -> when the item goes by itself."""
        answer = self.dynamodb.query(
            TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
        )
        return {item["sk"]: item.get("expires_at") for item in map(from_item, answer["Items"])}

    def ends_of(self, case: PrivacyRequest) -> dict[str, int | None]:
        return self.ends(f"REQ#{case.request_id}")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    table = deploy().one("CasesTable")
    with local_account(), mock_aws():
        dynamodb: Any = boto3.client("dynamodb")
        dynamodb.create_table(TableName=TABLE, **{name: table[name] for name in DEFINED_BY})
        yield Desk(dynamodb)


def note(desk: Desk, case: PrivacyRequest) -> None:
    after, event = case.changed("letter_undelivered", at=LATER, actor=SYSTEM, undelivered=("closed",))
    desk.cases.save(case, after, event)


def hang(desk: Desk, case: PrivacyRequest) -> None:
    after, event = case.changed("letter_undelivered", at=LATER, actor=SYSTEM, undelivered=("closed",))
    message = {"Item": to_item({"pk": f"REQ#{case.request_id}", "sk": "MESSAGE#0001", "text": "It is still there."})}
    desk.cases.save_with(case, after, event, [message])


def claim(desk: Desk, case: PrivacyRequest) -> None:
    assert desk.claim(case)


def send(desk: Desk, case: PrivacyRequest) -> None:
    assert desk.claim(case)
    desk.cases.letter_sent(case.request_id, "closed", recipient_key=READER, version=1, at=LATER, sha256="0" * 64)


def decide(desk: Desk, case: PrivacyRequest) -> None:
    decision = FieldDecision(
        field="shop/members.name",
        type="access",
        action=FieldAction.GIVE,
        rule="GDPR-15",
        source="Regulation (EU) 2016/679 (GDPR), Article 15",
        version="1",
        basis="contract",
        retention="members",
    )
    desk.cases.put_decisions(case.request_id, [decision])


def park(desk: Desk, case: PrivacyRequest) -> None:
    desk.tokens.park(case.request_id, "release", "token")


def call_back(desk: Desk, case: PrivacyRequest) -> None:
    desk.told.record(case.request_id, OpenDsrStatus.COMPLETED, at=LATER)


WRITES = [note, hang, claim, send, decide, park, call_back]
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)


@each_write
def test_what_is_written_about_a_closed_case_goes_with_it(
    desk: Desk, write: Callable[[Desk, PrivacyRequest], None]
) -> None:
    case = desk.closed(desk.opened())
    before = desk.ends_of(case)
    write(desk, case)
    ends = desk.ends_of(case)
    assert ends.keys() > before.keys()
    assert ends == dict.fromkeys(ends, END)


@each_write
def test_what_is_written_about_an_open_one_stays_until_it_is_closed(
    desk: Desk, write: Callable[[Desk, PrivacyRequest], None]
) -> None:
    case = desk.opened()
    write(desk, case)
    assert set(desk.ends_of(case).values()) == {None}


def test_a_claim_that_is_taken_over_after_the_closing_goes_with_the_case(desk: Desk) -> None:
    case = desk.opened()
    earlier = LATER - CLAIM_LASTS
    assert desk.cases.claim_letter(case.request_id, "closed", recipient_key=READER, version=1, at=earlier)
    desk.closed(case)
    assert desk.claim(case)
    assert set(desk.ends_of(case).values()) == {END}


def test_a_letter_about_what_is_no_case_is_claimed_all_the_same(desk: Desk) -> None:
    case, _ = new_case()  # one that is gone; a mail is the same
    assert desk.claim(case)
    assert set(desk.ends_of(case).values()) == {None}


def test_what_has_an_end_of_its_own_keeps_it(desk: Desk) -> None:
    case = desk.closed(desk.opened())
    after, event = case.changed("letter_undelivered", at=LATER, actor=SYSTEM, undelivered=("closed",))
    pointer = {"Item": to_item({"pk": f"NOTICE#{case.request_id}", "sk": "NOTICE", "expires_at": END + 1})}
    desk.cases.save_with(case, after, event, [pointer])
    assert desk.ends(f"NOTICE#{case.request_id}") == {"NOTICE": END + 1}


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_code_and_its_counts_go_once_the_day_is_over(desk: Desk, is_closed: bool) -> None:
    """A closed case is still looked at, with a fresh code each time."""
    case = desk.opened()
    case = desk.closed(case) if is_closed else case
    code = IssuedCode(purpose=CodePurpose.ACCESS, digest="d", expires_at=LATER + timedelta(minutes=10))
    for number in range(2):  # the first one of a day, and another
        at = LATER + timedelta(minutes=number)
        assert desk.codes.issue(case.request_id, code, at=at, min_gap=timedelta(0), per_day=9)
        ends = desk.ends_of(case)["CODE"]
        assert ends is not None
        assert timedelta(days=1) < timedelta(seconds=ends - at.timestamp()) <= timedelta(days=2)
