"""How many mails are answered by themselves, in the table of persons: these counts outlive a request."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rightsdesk.adapters.dynamo_table import DynamoTable
from rightsdesk.adapters.dynamo_windows import count_in_hour, spend_in_window

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_A_DAY = timedelta(days=1)
_A_MONTH = timedelta(days=30)
_A_CASE = timedelta(days=400)
_MOST = 3
_NOTICES_PER_HOUR = 20


class DynamoAnswerLimits(DynamoTable):
    """Keeps the port AnswerLimits."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient | None" = None, *, per_hour: int) -> None:
        super().__init__(table, dynamodb)
        self._per_hour = per_hour

    def refuse(self, mail_id: str, *, address: str | None, thread: str | None, at: datetime) -> str | None:
        if address is not None and not self._spend(
            f"PERSON#{address}", mail_id, at=at, window=_A_MONTH, min_gap=_A_DAY
        ):
            return "address_limit"
        if thread is not None and not self._spend(
            f"THREAD#{thread}", mail_id, at=at, window=_A_CASE, min_gap=timedelta(0)
        ):
            return "thread_limit"
        if not count_in_hour(self._dynamodb, self._table, "ANSWERS", at=at, most=self._per_hour):
            return "breaker"
        return None

    def may_tell_staff(self, *, at: datetime) -> bool:
        return count_in_hour(self._dynamodb, self._table, "NOTICES", at=at, most=_NOTICES_PER_HOUR)

    def _spend(self, pk: str, mail_id: str, *, at: datetime, window: timedelta, min_gap: timedelta) -> bool:
        return spend_in_window(
            self._dynamodb,
            self._table,
            {"pk": pk, "sk": "ANSWERS"},
            what=mail_id,
            at=at,
            window=window,
            most=_MOST,
            min_gap=min_gap,
        )
