"""Entries in the table of persons: found by one digest, listed by day, written twice without harm, and for good."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.domain.suppression import Suppression, suppressions
from tests.support.stack import PlayedStack

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def kept(stack: PlayedStack) -> DynamoSuppressions:
    return DynamoSuppressions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


def _entries(key: bytes, at: datetime = NOW, *values: str, request_id: str = "r") -> tuple[Suppression, ...]:
    named = (("member_id", value) for value in values or ("M-1",))
    return suppressions(named, key=key, request_id=request_id, reference="RD-7K3M-9QXD-W", at=at)


def test_an_entry_is_found_by_its_digest_and_has_no_end(kept: DynamoSuppressions, stack: PlayedStack) -> None:
    (entry,) = _entries(b"found")
    assert kept.find(entry.digest) is None
    kept.put([entry])
    kept.put([entry])
    assert kept.find(entry.digest) == entry
    items = stack.client("dynamodb").scan(TableName=stack.local.ref("PeopleTable"))["Items"]
    written = [item for item in items if entry.digest in str(item)]
    assert len(written) == 2, "once by digest, once by month"
    assert not any("expires_at" in item for item in written)


def test_of_two_erasures_the_last_is_found_whatever_the_order_of_writing(kept: DynamoSuppressions) -> None:
    early, late = _entries(b"twice"), _entries(b"twice", NOW + timedelta(microseconds=500), request_id="later")
    kept.put(late)
    kept.put(early)
    assert kept.find(early[0].digest) == late[0]
    listed = [entry for entry in kept.since(NOW.date(), NOW.date()) if entry.digest == early[0].digest]
    assert listed == [*early, *late]


def test_days_are_listed_from_the_first_to_the_last_over_months(kept: DynamoSuppressions) -> None:
    days = [datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC) + n * DAY for n in range(-40, 41, 10)]
    for at in days:
        kept.put(_entries(b"days", at, str(at)))
    for first in range(len(days)):
        for last in range(first, len(days)):
            listed = [entry.erased_at for entry in kept.since(days[first].date(), days[last].date())]
            assert listed == days[first : last + 1]
    assert list(kept.since(date(2028, 6, 1), date(2028, 6, 30))) == []


def test_a_month_of_many_is_listed_to_the_last_page(kept: DynamoSuppressions) -> None:
    at = datetime(2028, 9, 9, tzinfo=UTC)
    entries = _entries(b"many", at, *(f"M-{n}" + "x" * 300 for n in range(40)), request_id="q" * 40_000)
    kept.put(entries)
    assert {entry.digest for entry in kept.since(at.date(), at.date())} == {entry.digest for entry in entries}
