"""The retention ledger in the tables of the template: what is due is found in order, and ends with its history."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.domain.erasing import Kept
from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.retention_ledger import RetentionEntry, RetentionState
from tests.support.retention import new_entry
from tests.support.stack import PlayedStack

NOW = datetime(2033, 6, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def ledger(stack: PlayedStack) -> DynamoRetentionLedger:
    return DynamoRetentionLedger(
        stack.local.ref("PeopleTable"), stack.local.ref("CasesTable"), stack.client("dynamodb")
    )


def entered(ledger: DynamoRetentionLedger, request_id: str | None = None, **changes: Any) -> RetentionEntry:
    entry, event = new_entry(request_id or uuid4().hex, **changes).entered()
    ledger.create(entry, event)
    return entry


def moved(ledger: DynamoRetentionLedger, entry: RetentionEntry, event_type: str, **changes: Any) -> RetentionEntry:
    after, event = entry.changed_to(event_type, at=NOW, **changes)
    ledger.save(entry, after, event)
    return after


def items(stack: PlayedStack, table: str, pk: str) -> list[dict[str, Any]]:
    answer: Any = stack.client("dynamodb").query(
        TableName=stack.local.ref(table),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    return list(answer["Items"])


def test_an_entry_is_read_as_it_was_written_and_entered_once(ledger: DynamoRetentionLedger) -> None:
    held = entered(
        ledger, until=None, ground="gdpr_17_3_e", then=Kept(retention="consent", until=None), then_period=None
    )
    assert ledger.get(held.entry_id) == held
    assert ledger.of_case(held.request_id) == [held]
    with pytest.raises(ConflictError):
        ledger.create(*new_entry(held.request_id, until=None, ground="gdpr_17_3_e", then=held.then).entered())
    with pytest.raises(NotFoundError):
        ledger.get("0" * 40)


def test_what_is_due_comes_in_the_order_of_days_and_nothing_else(ledger: DynamoRetentionLedger) -> None:
    case = uuid4().hex
    second, first = entered(ledger, case, until=date(1999, 2, 2)), entered(ledger, case, until=date(1999, 2, 1))
    entered(ledger, case, until=date(1999, 2, 3))
    entered(ledger, case, until=None, ground="gdpr_17_3_e")
    assert list(ledger.due(date(1999, 2, 3))) == [first, second]
    assert {entry.entry_id for entry in ledger.of_case(case)} >= {first.entry_id, second.entry_id}
    moved(ledger, first, "kept_data_erased", state=RetentionState.ERASED, ended_at=NOW)
    assert [entry.entry_id for entry in ledger.due(date(1999, 2, 2))] == [first.entry_id]  # the person is not told yet


def test_a_change_that_met_another_is_refused(ledger: DynamoRetentionLedger) -> None:
    entry = entered(ledger)
    moved(ledger, entry, "kept_data_erasing", state=RetentionState.ERASING)
    with pytest.raises(ConflictError):
        moved(ledger, entry, "kept_data_erasing", state=RetentionState.ERASING)


def test_an_entry_that_is_settled_ends_with_its_history(stack: PlayedStack, ledger: DynamoRetentionLedger) -> None:
    entry = entered(ledger, until=date(1998, 1, 1))
    entry = moved(ledger, entry, "kept_data_erased", state=RetentionState.ERASED, ended_at=NOW)
    entry = moved(ledger, entry, "retention_settled", settled=True)
    assert entry.entry_id not in {each.entry_id for each in ledger.due(date(1998, 1, 2))}
    assert ledger.get(entry.entry_id) == entry
    assert entry.expires_at is not None
    history = items(stack, "CasesTable", f"KEPT#{entry.entry_id}")
    assert {item["expires_at"]["N"] for item in history} == {str(int(entry.expires_at.timestamp()))}
    assert len(history) == 3


def test_staff_see_what_is_held_and_what_has_changed_after_the_days(ledger: DynamoRetentionLedger) -> None:
    held = entered(ledger, until=None, ground="gdpr_17_3_e")
    changed = entered(ledger, until=date(1997, 1, 1))
    changed = moved(ledger, changed, "kept_data_erased", state=RetentionState.CHANGED, settled=True, ended_at=NOW)
    kept = entered(ledger, until=date(2090, 1, 1))
    seen: list[RetentionEntry] = []
    cursor = None
    while True:
        page, cursor = ledger.page(limit=2, cursor=cursor)
        seen += page
        if cursor is None:
            break
    order = [entry.entry_id for entry in seen]
    assert len(order) == len(set(order))
    assert order.index(kept.entry_id) < order.index(changed.entry_id)
    assert order.index(kept.entry_id) < order.index(held.entry_id)


def test_the_history_reaches_the_evidence(stack: PlayedStack, ledger: DynamoRetentionLedger) -> None:
    entry = entered(ledger)
    entry = moved(ledger, entry, "kept_data_erasing", state=RetentionState.ERASING)
    stack.local.settle()
    found = stack.client("s3").list_objects_v2(
        Bucket=stack.local.ref("EvidenceBucket"), Prefix=f"audit/{entry.entry_id}/"
    )
    assert found["KeyCount"] == 2
