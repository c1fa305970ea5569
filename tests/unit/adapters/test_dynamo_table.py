"""What is written in one transaction, also where another is at the same items at the same moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_provisions import DynamoProvisionLedger
from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.dynamo_table import transact
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.permission import Standing
from rightsdesk.domain.provision import Provision, ProvisionGround
from rightsdesk.domain.suppression import Suppression
from tests.support.cases import new_case
from tests.support.retention import new_entry

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
MET = ("TransactionConflict", "None")
MOVED_ON = ("ConditionalCheckFailed", "None")


class Table:
    """As much of DynamoDB as is used: cancels for these reasons, one set after the other, then writes."""

    def __init__(self, *cancelled: tuple[str, ...]) -> None:
        self._cancelled = list(cancelled)
        self.tried: list[Any] = []
        self.slept: list[float] = []

    def transact_write_items(self, **request: Any) -> None:
        self.tried.append(request["TransactItems"])
        if self._cancelled:
            reasons: Any = [{"Code": code} for code in self._cancelled.pop(0)]
            error: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")

    def write(self) -> None:
        transact(self, [{"Put": {}}], sleep=self.slept.append)  # type: ignore[arg-type, typeddict-item]


def test_who_meets_another_tries_again_a_little_later() -> None:
    table = Table(MET, MET)
    table.write()
    assert table.tried == [[{"Put": {}}]] * 3
    assert all(0 < pause <= 0.1 for pause in table.slept)
    assert len(table.slept) == 2


def test_who_finds_it_moved_on_after_that_is_told_so() -> None:
    table = Table(MET, MOVED_ON)
    with pytest.raises(ConflictError):
        table.write()
    assert len(table.tried) == 2


def test_a_condition_that_failed_is_not_tried_again() -> None:
    table = Table(("None", "ConditionalCheckFailed"))
    with pytest.raises(ConflictError):
        table.write()
    assert (len(table.tried), table.slept) == (1, [])


@pytest.mark.parametrize(("reasons", "tries"), [(MET, 3), (("ThrottlingError", "None"), 1)])
def test_what_does_not_pass_may_be_tried_by_the_caller(reasons: tuple[str, ...], tries: int) -> None:
    table = Table(*[reasons] * 5)
    with pytest.raises(ServiceUnavailableError):
        table.write()
    assert len(table.tried) == tries


def save_case(dynamodb: Any) -> None:
    DynamoCaseStore("cases", dynamodb).create(*new_case())


def note_source(dynamodb: Any) -> None:
    state = SourceState(source="shop", status="done", at=NOW)
    DynamoCaseStore("cases", dynamodb).put_source(uuid4().hex, state)


def enter_retention(dynamodb: Any) -> None:
    entry, event = new_entry(uuid4().hex).entered()
    DynamoRetentionLedger("people", "cases", dynamodb).create(entry, event)


def change_permissions(dynamodb: Any) -> None:
    DynamoPermissions("people", dynamodb).save([Standing(digest="left"), Standing(digest="right")])


def record_provision(dynamodb: Any) -> None:
    entry = Provision(
        record_id="r",
        at=NOW,
        party="carrier",
        party_name=Label(en="Carrier", ja="運送会社"),
        purpose="delivery",
        items=("shop/orders.address",),
        ground=ProvisionGround.SERVICE_NECESSITY,
        rule="APPI-27-5-1",
        asked_by="shop",
        datamap_version="1",
    )
    DynamoProvisionLedger("people", dynamodb).record(["left", "right"], entry)


def suppress(dynamodb: Any) -> None:
    entry = Suppression(kind="email", digest="left", erased_at=NOW, request_id=uuid4().hex, reference="RD-1")
    DynamoSuppressions("people", dynamodb).put([entry])


Write = Callable[[Any], None]
WRITES = (save_case, note_source, enter_retention, change_permissions, record_provision, suppress)
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)


@each_write
def test_every_store_tries_again_where_it_met_another(write: Write) -> None:
    table = Table(MET)
    write(table)
    first, second = table.tried
    assert first == second


@each_write
def test_every_store_says_that_it_may_pass_where_it_does_not(write: Write) -> None:
    with pytest.raises(ServiceUnavailableError):
        write(Table(*[MET] * 5))


def test_an_erasure_that_met_another_and_is_older_is_kept_under_its_month_alone() -> None:
    table = Table(MET, MOVED_ON)
    suppress(table)
    assert [len(tried) for tried in table.tried] == [2, 2, 1]
