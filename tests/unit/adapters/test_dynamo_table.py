"""What is written in one transaction, also where another is at the same items at the same moment."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from rightsdesk.adapters.dynamo_table import transact
from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError

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
