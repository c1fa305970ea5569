"""The ledger of provision in DynamoDB: what stands under a person, kept three years and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_provisions import DynamoProvisionLedger
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.unsubscribing import unsubscribed
from rightsdesk.ports.permissions import change_standings
from tests.support.stack import PlayedStack
from tests.unit.export.package_of_a_shop import provision

KEY = b"k" * 32


@pytest.fixture
def ledger(stack: PlayedStack) -> DynamoProvisionLedger:
    return DynamoProvisionLedger(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


def digests(*identifiers: tuple[str, str]) -> tuple[str, ...]:
    return identifier_digests(KEY, identifiers)


def test_a_record_stands_under_each_identifier_and_is_found_once(ledger: DynamoProvisionLedger) -> None:
    both = digests(("email", "p1@example.com"), ("member_id", "M-P1"))
    first, second = provision(record_id="a1" * 16), provision(record_id="a2" * 16, at=datetime(2026, 4, 1, tzinfo=UTC))
    ledger.record(both, first)
    ledger.record(both[:1], second)
    assert ledger.of_person(both) == (second, first)
    assert ledger.of_person(both[1:]) == (first,)
    assert ledger.of_person(digests(("email", "p2@example.com"))) == ()


def test_nothing_is_recorded_where_the_register_has_moved_on_since_it_was_read(
    ledger: DynamoProvisionLedger, stack: PlayedStack
) -> None:
    (digest,) = digests(("email", "p6@example.com"))
    register = DynamoPermissions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))
    entry = provision(record_id="e1" * 16)
    for version, purpose in enumerate(("newsletter", "surveys")):
        ledger.record((digest,), entry, as_read={digest: version})
        stop = unsubscribed(purpose, at=entry.at)
        change_standings(register, [digest], lambda standing, stop=stop: standing.with_stop(stop))  # type: ignore[misc]
        with pytest.raises(ConflictError):
            ledger.record((digest,), provision(record_id="e2" * 16), as_read={digest: version})
        assert ledger.of_person((digest,)) == (entry,)


def test_the_same_record_again_changes_nothing(ledger: DynamoProvisionLedger) -> None:
    (digest,) = digests(("email", "p3@example.com"))
    for _ in range(2):
        ledger.record((digest,), provision(record_id="b1" * 16))
    assert len(ledger.of_person((digest,))) == 1


def test_it_goes_by_itself_after_three_years_and_holds_no_value(
    ledger: DynamoProvisionLedger, stack: PlayedStack
) -> None:
    (digest,) = digests(("email", "p4@example.com"))
    entry = provision(record_id="c1" * 16)
    ledger.record((digest,), entry)
    (item,) = stack.client("dynamodb").query(
        TableName=stack.local.ref("PeopleTable"),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"PROVIDED#{digest}"}},
    )["Items"]
    assert item["sk"]["S"] == f"2026-05-17#{'c1' * 16}"
    ends = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC)
    assert timedelta(0) <= ends - datetime(2029, 5, 17, 20, 14, 9, tzinfo=UTC) <= timedelta(days=2)
    assert "p4@example.com" not in str(item)


def test_statistics_stand_under_nobody(ledger: DynamoProvisionLedger) -> None:
    ledger.record((), provision(record_id="d1" * 16, ground="statistics", cells=4, smallest_cell=12))
    assert ledger.of_person(digests(("email", "p5@example.com"))) == ()
