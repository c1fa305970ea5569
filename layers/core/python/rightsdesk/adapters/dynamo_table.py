"""What every store in a table of DynamoDB has: its name and the client, and how it reads a partition or writes at once.

A partition's items have the keys `pk` and `sk`, and `expires_at` (seconds since 1970) where they go by themselves.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BATCH = 100  # the most that DynamoDB reads in one call
_BATCH_TRIES = 10
_WRITE_TRIES = 3
_APART = 0.1  # seconds, at most, between two of them
_KEYS = frozenset({"pk", "sk", "expires_at"})


class DynamoTable:
    """`dynamodb` is given by tests; else the client is made when it is first used."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._given = dynamodb

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._given or client("dynamodb")


def transact(
    dynamodb: "DynamoDBClient",
    writes: "Sequence[TransactWriteItemTypeDef]",
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """All of them or none. ConflictError where a condition fails.

    Where another transaction is at the same items at this moment, this one is tried again: the other one has then
    moved them on, or has not. ServiceUnavailableError where there always is another.
    """
    with translated_errors():
        for left in reversed(range(_WRITE_TRIES)):
            try:
                dynamodb.transact_write_items(TransactItems=writes)
                return
            except ClientError as error:
                if not left or not _met_another(error):
                    raise
            sleep(random.uniform(_APART / 10, _APART))  # noqa: S311 - only to part the two


def _met_another(error: ClientError) -> bool:
    """Whether a transaction was refused because of another one at the same items."""
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


def without_keys(item: Mapping[str, Any], *others: str) -> dict[str, Any]:
    """What a plain item says, without where it stands and when it goes. `others`: keys of indexes."""
    return {name: value for name, value in item.items() if name not in _KEYS and name not in others}


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
