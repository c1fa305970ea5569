"""What has a history, in one partition: a change and its event in one transaction, so that none is without the other.

Cases (`REQ#<id>`) and mails (`MAIL#<id>`) are kept alike: the thing itself, and EVENT#000001 and so on beside it.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 100  # the most that DynamoDB reads in one call
_BATCH_TRIES = 10
_WRITE_TRIES = 3
_APART = 0.1  # seconds, at most, between two of them


def write_both(
    dynamodb: "DynamoDBClient",
    table: str,
    pk: str,
    put: dict[str, Any],
    event: AuditEvent,
    *,
    also: Sequence[dict[str, Any]] = (),
    expires_at: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """`put` is what Put takes, without the table. ConflictError where its condition fails, or the event exists.

    `also`: more of them, for what must not be written without the rest.
    `expires_at` is that of the thing: an event that is written late goes with the rest.

    Where another transaction is at the same items at this moment, this one is tried again: the other one has then
    moved them on, or has not.
    """
    item = {"pk": pk, "sk": f"EVENT#{event.sequence:06d}"} | event.model_dump(mode="json")
    if expires_at is not None:
        item["expires_at"] = expires_at
    put_event = {
        "Item": to_item(item),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    writes: Any = [{"Put": {"TableName": table} | each} for each in (put, put_event, *also)]
    with translated_errors():
        for left in reversed(range(_WRITE_TRIES)):
            try:
                dynamodb.transact_write_items(TransactItems=writes)
                return
            except ClientError as error:
                if not left or not met_another(error):
                    raise
            sleep(random.uniform(_APART / 10, _APART))  # noqa: S311 - only to part the two


def met_another(error: ClientError) -> bool:
    """Whether a transaction was refused for nothing but another one at the same items."""
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    return any(reason.get("Code") == "TransactionConflict" for reason in reasons)


def partition(dynamodb: "DynamoDBClient", table: str, pk: str, prefix: str) -> list[dict[str, Any]]:
    """Plain items of a partition whose sort key begins with `prefix`, in its order."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :prefix)" if prefix else ""),
        ExpressionAttributeValues=to_item({":pk": pk, ":prefix": prefix or None}),
        ConsistentRead=True,
    )
    with translated_errors():
        return [from_item(item) for page in pages for item in page["Items"]]


def events_under(dynamodb: "DynamoDBClient", table: str, pk: str) -> list[AuditEvent]:
    return [
        AuditEvent.model_validate({k: v for k, v in item.items() if k not in ("pk", "sk", "expires_at")})
        for item in partition(dynamodb, table, pk, "EVENT#")
    ]


def in_batches(dynamodb: "DynamoDBClient", table: str, keys: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The items of at most BATCH keys, in their order, not yet plain; one that is gone meanwhile is passed over."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    asked = list(keys)
    for _ in range(_BATCH_TRIES):
        if not asked:
            break
        answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": asked, "ConsistentRead": True}})
        found |= {_place(item): item for item in answer["Responses"].get(table, [])}
        left = answer["UnprocessedKeys"].get(table)
        asked = list(left["Keys"]) if left else []
    if asked:
        raise ServiceUnavailableError("items were left unread")
    yield from (found[place] for key in keys if (place := _place(key)) in found)


def _place(item: Any) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
