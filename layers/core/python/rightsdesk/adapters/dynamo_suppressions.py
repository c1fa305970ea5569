"""Who was erased, as keyed digests, in the table of persons: by digest for the check, by month for a replay.

Both items of an entry are written together. They carry no `expires_at`: they outlive the case (`domain.suppression`
says why that is lawful).
"""

# serves: E-04, T-3

from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable, transact
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.suppression import Suppression


class DynamoSuppressions(DynamoTable):
    """Keeps the port Suppressions.

    `pk = SUPPRESSED#<digest>` holds the last erasure of an identifier; `pk = ERASED#<yyyy-mm>` one item for each.
    """

    def put(self, entries: Iterable[Suppression]) -> None:
        for entry in entries:
            at = _moment(entry)
            item = entry.model_dump(mode="json") | {"erased_at": at}
            newest = {
                "Item": to_item(_key(entry.digest) | item),
                "ConditionExpression": "attribute_not_exists(pk) OR erased_at <= :at",
                "ExpressionAttributeValues": to_item({":at": at}),
            }
            of_month = {"Item": to_item({"pk": f"ERASED#{at[:7]}", "sk": f"{at}#{entry.digest}"} | item)}
            try:
                self._write(newest, of_month)
            except ConflictError:  # erased again since, in a later case: that one is to be found
                self._write(of_month)

    def find(self, digest: str) -> Suppression | None:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(_key(digest)), ConsistentRead=True)
        return _entry(answer["Item"]) if "Item" in answer else None

    def since(self, start: date, until: date) -> Iterator[Suppression]:
        for month in _months(start, until):
            request: dict[str, Any] = {
                "TableName": self._table,
                "KeyConditionExpression": "pk = :month AND sk BETWEEN :start AND :end",
                "ExpressionAttributeValues": to_item(
                    {":month": f"ERASED#{month}", ":start": start.isoformat(), ":end": f"{until.isoformat()}~"}
                ),
            }
            while True:
                with translated_errors():
                    page = self._dynamodb.query(**request)
                yield from map(_entry, page["Items"])
                if "LastEvaluatedKey" not in page:
                    break
                request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(self, *puts: dict[str, Any]) -> None:
        actions: list[Any] = [{"Put": {"TableName": self._table} | put} for put in puts]
        transact(self._dynamodb, actions)


def _key(digest: str) -> dict[str, Any]:
    return {"pk": f"SUPPRESSED#{digest}", "sk": "SUPPRESSED"}


def _moment(entry: Suppression) -> str:
    """In UTC and to the microsecond: such texts sort as the moments do."""
    return entry.erased_at.astimezone(UTC).isoformat(timespec="microseconds")


def _entry(item: dict[str, Any]) -> Suppression:
    plain = from_item(item)
    return Suppression.model_validate({name: plain[name] for name in Suppression.model_fields})


def _months(start: date, until: date) -> Iterator[str]:
    for number in range(start.year * 12 + start.month - 1, until.year * 12 + until.month):
        yield f"{number // 12:04d}-{number % 12 + 1:02d}"
