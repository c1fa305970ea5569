"""Mails that came in, in the table of cases: one partition for each, `pk = MAIL#<id>`.

MAIL             the mail as the desk keeps it, with the keys of the sparse indexes while it waits for somebody
EVENT#000001     its history
FIRST            under `MESSAGE#<digest>`: which mail came first under a Message-ID

The indexes are those of cases; their partitions begin with MAIL#, so that neither is found among the other.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any

from rightsdesk.adapters.dynamo_cases import OPEN_SHARDS
from rightsdesk.adapters.dynamo_history import events_under, write_both
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import BATCH, DynamoTable, in_batches, partition, without_keys
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.mail_item import MailItem

# Of a mail that may be from anybody nothing is found under the address that it names.
FORGEABLE = frozenset({"unauthenticated", "no_single_sender"})

_INDEX_KEYS = ("open_shard", "target_key", "received_month", "subject_key")


class DynamoMailStore(DynamoTable):
    """Keeps the port MailStore."""

    def create(self, item: MailItem, event: AuditEvent) -> None:
        put = {"Item": to_item(_item_of(item)), "ConditionExpression": "attribute_not_exists(pk)"}
        write_both(self._dynamodb, self._table, _pk(item.mail_id), put, event, expires_at=_end(item))

    def save(self, before: MailItem, after: MailItem, event: AuditEvent) -> None:
        put = {
            "Item": to_item(_item_of(after)),
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": to_item({":version": before.version}),
        }
        write_both(self._dynamodb, self._table, _pk(after.mail_id), put, event, expires_at=_end(after))

    def get(self, mail_id: str) -> MailItem:
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item({"pk": _pk(mail_id), "sk": "MAIL"}), ConsistentRead=True
            )
        if "Item" not in answer:
            raise NotFoundError("no such mail")
        return _mail(answer["Item"])

    def open_by_target(self, *, limit: int, cursor: str | None) -> tuple[list[MailItem], str | None]:
        """A page across the shards: each gives its next `limit`, the oldest of all are taken."""
        found: list[tuple[str, str]] = []
        for shard in range(OPEN_SHARDS):
            with translated_errors():
                items = self._dynamodb.query(
                    TableName=self._table,
                    IndexName="by_due_date",
                    KeyConditionExpression="open_shard = :shard AND target_key > :after",
                    ExpressionAttributeValues=to_item({":shard": f"MAIL#{shard}", ":after": cursor or "0"}),
                    Limit=limit + 1,
                )["Items"]
            found += [(item["target_key"]["S"], item["pk"]["S"]) for item in items]
        page = sorted(found)[:limit]
        mails = [self.get(pk.removeprefix("MAIL#")) for _, pk in page]
        return mails, page[-1][0] if len(found) > limit else None

    def received_in(self, month: str, *, after: tuple[str, str] | None = None) -> Iterator[MailItem]:
        """Of one moment the index gives mails in no order, so they are put in one here."""
        moment, mail_id = after or ("0", "")
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by_month",
            KeyConditionExpression="received_month = :month AND received_at >= :moment",
            ExpressionAttributeValues=to_item({":month": f"MAIL#{month}", ":moment": moment}),
            PaginationConfig={"PageSize": BATCH},
        )
        with translated_errors():
            found = (item for page in pages for item in page["Items"])
            ordered = (
                {"pk": item["pk"], "sk": item["sk"]}
                for _, at_once in groupby(found, key=_received)
                for item in sorted(at_once, key=_place)
                if _place(item) > (moment, _pk(mail_id))
            )
            while keys := list(islice(ordered, BATCH)):
                yield from map(_mail, in_batches(self._dynamodb, self._table, keys))

    def of_sender(self, sender_key: str, *, limit: int) -> list[str]:
        with translated_errors():
            items = self._dynamodb.query(
                TableName=self._table,
                IndexName="by_subject",
                KeyConditionExpression="subject_key = :key",
                ExpressionAttributeValues=to_item({":key": f"MAIL#{sender_key}"}),
                ScanIndexForward=False,
                Limit=limit,
            )["Items"]
        return [item["pk"]["S"].removeprefix("MAIL#") for item in items]

    def retire(self, mail_id: str, *, expires_at: datetime) -> None:
        end = int(expires_at.timestamp())
        for item in partition(self._dynamodb, self._table, _pk(mail_id), "EVENT#"):
            if item.get("expires_at") != end:
                self._end_at(item, end)
        for item in partition(self._dynamodb, self._table, f"REQ#{mail_id}", ""):  # letters lie as those of a case do
            if "expires_at" not in item:
                self._end_at(item, end)

    def reopen(self, mail_id: str) -> None:
        for item in partition(self._dynamodb, self._table, _pk(mail_id), "EVENT#"):
            if "expires_at" in item:
                with translated_errors():
                    self._dynamodb.update_item(
                        TableName=self._table, Key=_key(item), UpdateExpression="REMOVE expires_at"
                    )

    def _end_at(self, item: dict[str, Any], end: int) -> None:
        with translated_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(item),
                UpdateExpression="SET expires_at = :end",
                ExpressionAttributeValues=to_item({":end": end}),
            )

    def timeline(self, mail_id: str) -> list[AuditEvent]:
        return events_under(self._dynamodb, self._table, _pk(mail_id))

    def first_under(self, message_key: str, *, mail_id: str, body: str, expires_at: datetime) -> tuple[str, str]:
        key = {"pk": f"MESSAGE#{message_key}", "sk": "FIRST"}
        values = {"mail_id": mail_id, "body": body, "expires_at": int(expires_at.timestamp())}
        try:
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=to_item(key | values),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except ConflictError:
            with translated_errors():
                first = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
            known = from_item(first.get("Item", {}))
            return (known["mail_id"], known["body"]) if known else (mail_id, body)
        return mail_id, body


def _pk(mail_id: str) -> str:
    return f"MAIL#{mail_id}"


def _received(item: Any) -> str:
    return str(item["received_at"]["S"])


def _place(item: Any) -> tuple[str, str]:
    return _received(item), str(item["pk"]["S"])


def _key(item: dict[str, Any]) -> dict[str, Any]:
    return to_item({"pk": item["pk"], "sk": item["sk"]})


def _item_of(mail: MailItem) -> dict[str, Any]:
    item = {"pk": _pk(mail.mail_id), "sk": "MAIL"} | mail.model_dump(mode="json", exclude_none=True)
    for intent in item["intents"]:
        intent["score"] = str(intent["score"])  # items of ours hold no fractions
    item["received_month"] = f"MAIL#{mail.received_at.astimezone(UTC).strftime('%Y-%m')}"
    if mail.sender_key and not FORGEABLE.intersection(mail.doubts):
        item["subject_key"] = f"MAIL#{mail.sender_key}"
    if mail.is_open:
        item["open_shard"] = f"MAIL#{int(mail.mail_id[:8], 16) % OPEN_SHARDS}"
        item["target_key"] = f"{mail.due.target_on.isoformat()}#{mail.mail_id}"
    if (end := _end(mail)) is not None:
        item["expires_at"] = end
    return item


def _end(mail: MailItem) -> int | None:
    return int(mail.expires_at.timestamp()) if mail.expires_at else None


def _mail(item: Any) -> MailItem:
    return MailItem.model_validate(without_keys(from_item(item), *_INDEX_KEYS))
