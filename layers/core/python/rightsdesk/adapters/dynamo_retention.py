"""The retention ledger, in the table of persons: it outlives the case. Its history lies with those of the cases, whose
stream takes it to the evidence bucket.

    KEPT#<case part>  ENTRY#<rest of the id>    the entry; those of one case are together
    KEPT              <last day>#<id>           while something is left to do; sorted, so that a sweep reads what is due
    KEPT              held#<id>, changed#<id>   where no day is known, and where staff have to look

An entry, its history and its place in the order of days change in one transaction.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import BATCH, DynamoTable, in_batches, partition, transact, without_keys
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.retention_ledger import RetentionEntry, RetentionState, case_part

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BY_DAY = "KEPT"


class DynamoRetentionLedger(DynamoTable):
    """Keeps the port RetentionLedger. `history`: the table whose stream is archived."""

    def __init__(self, table: str, history: str, dynamodb: "DynamoDBClient | None" = None) -> None:
        super().__init__(table, dynamodb)
        self._history = history

    def create(self, entry: RetentionEntry, event: AuditEvent) -> None:
        self._write(None, entry, event)

    def save(self, before: RetentionEntry, after: RetentionEntry, event: AuditEvent) -> None:
        if after.expires_at is not None:  # first: were it last, a death before it would leave them for ever
            self._end_history(after)
        self._write(before, after, event)

    def get(self, entry_id: str) -> RetentionEntry:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(_key(entry_id)), ConsistentRead=True)
        if "Item" not in answer:
            raise NotFoundError("no such entry")
        return _entry(answer["Item"])

    def of_case(self, request_id: str) -> list[RetentionEntry]:
        items = partition(self._dynamodb, self._table, f"KEPT#{case_part(request_id)}", "ENTRY#")
        return [_model(item) for item in items]

    def due(self, today: date) -> Iterator[RetentionEntry]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :days AND sk < :today",
            ExpressionAttributeValues=to_item({":days": _BY_DAY, ":today": today.isoformat()}),
            ConsistentRead=True,
        )
        with translated_errors():
            ids = (_id_in(item) for page in pages for item in page["Items"])
            while some := [to_item(_key(entry_id)) for entry_id in islice(ids, BATCH)]:
                yield from map(_entry, in_batches(self._dynamodb, self._table, some))

    def page(self, *, limit: int, cursor: str | None) -> tuple[list[RetentionEntry], str | None]:
        with translated_errors():
            items = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :days AND sk > :after",
                ExpressionAttributeValues=to_item({":days": _BY_DAY, ":after": cursor or "0"}),
                Limit=limit + 1,
            )["Items"]
            keys = [to_item(_key(_id_in(item))) for item in items[:limit]]
            entries = [_entry(item) for item in in_batches(self._dynamodb, self._table, keys)]
        return entries, items[limit - 1]["sk"]["S"] if len(items) > limit else None

    def _write(self, before: RetentionEntry | None, after: RetentionEntry, event: AuditEvent) -> None:
        put: dict[str, Any] = {"TableName": self._table, "Item": to_item(_item_of(after))}
        if before is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "#version = :version"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = to_item({":version": before.version})
        history = {"pk": f"KEPT#{after.entry_id}", "sk": f"EVENT#{event.sequence:06d}"} | event.model_dump(mode="json")
        if after.expires_at is not None:
            history["expires_at"] = int(after.expires_at.timestamp())
        put_event = {
            "TableName": self._history,
            "Item": to_item(history),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        writes: list[Any] = [{"Put": put}, {"Put": put_event}]
        old, new = _day_of(before) if before else None, _day_of(after)
        if old is not None and old != new:
            writes.append({"Delete": {"TableName": self._table, "Key": to_item({"pk": _BY_DAY, "sk": old})}})
        if new is not None and old != new:
            writes.append({"Put": {"TableName": self._table, "Item": to_item({"pk": _BY_DAY, "sk": new})}})
        transact(self._dynamodb, writes)

    def _end_history(self, entry: RetentionEntry) -> None:
        end = int(entry.expires_at.timestamp()) if entry.expires_at else None
        for item in partition(self._dynamodb, self._history, f"KEPT#{entry.entry_id}", "EVENT#"):
            if item.get("expires_at") != end:
                with translated_errors():
                    self._dynamodb.update_item(
                        TableName=self._history,
                        Key=to_item({"pk": item["pk"], "sk": item["sk"]}),
                        UpdateExpression="SET expires_at = :end",
                        ExpressionAttributeValues=to_item({":end": end}),
                    )


def _key(entry_id: str) -> dict[str, str]:
    part = len(case_part(""))
    return {"pk": f"KEPT#{entry_id[:part]}", "sk": f"ENTRY#{entry_id[part:]}"}


def _day_of(entry: RetentionEntry) -> str | None:
    """Where it stands in the order of days; digits sort before letters. None: nothing is left to do about it."""
    if entry.settled:
        return f"changed#{entry.entry_id}" if entry.state is RetentionState.CHANGED else None
    return f"{entry.until.isoformat() if entry.until else 'held'}#{entry.entry_id}"


def _id_in(item: Any) -> str:
    return str(item["sk"]["S"]).rpartition("#")[2]


def _item_of(entry: RetentionEntry) -> dict[str, Any]:
    item = _key(entry.entry_id) | entry.model_dump(mode="json")
    if entry.expires_at is not None:
        item["expires_at"] = int(entry.expires_at.timestamp())
    return item


def _entry(item: Any) -> RetentionEntry:
    return _model(from_item(item))


def _model(values: dict[str, Any]) -> RetentionEntry:
    return RetentionEntry.model_validate({"until": None} | without_keys(values))
