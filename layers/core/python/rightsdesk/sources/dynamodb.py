"""DynamoDB tables: Query on a key of the table or of an index, to the last page; never Scan.

What a search may miss, and what is done about it: a page is not the answer (`LastEvaluatedKey` is always followed, also
after an empty page); an index may hold keys only (`fetch` gets the whole records); a key may be a number (`key_type`);
a service under load answers a part of a batch (the rest is asked for again).
"""

# serves: E-02

import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.datamap import Collection, TableCollection, WayIn, fill
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.dynamodb_items import fast_pages, offer_fast_pages, record_of, sendable
from rightsdesk.sources.failures import reading

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]  # as on the wire: {"name": {"S": "..."}}
BATCH = 100  # the most keys that BatchGetItem takes, and the most actions of a transaction
PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds between requests for what a batch left out


class DynamoReader:
    """Reads table collections. `client` may be shared: it is only given events that others don't feel."""

    def __init__(self, client: "DynamoDBClient", *, sleep: Callable[[float], None] = time.sleep) -> None:
        offer_fast_pages(client)
        self._client = client
        self._sleep = sleep

    def read(self, collection: Collection, identifier: str, values: Iterable[str]) -> Iterator[Record]:
        """As `ports.SourceReader`."""
        if not isinstance(collection, TableCollection):
            raise SourceBrokenError(f"{collection.path} is not in DynamoDB")
        ways = [way for way in collection.find_by if way.identifier == identifier]
        for value in values:
            for way in ways:
                key = key_value(way, value)
                if key is None:
                    continue  # a text that is no number can't be the key of anything
                items = query_pages(self._client, collection.table, way, key)
                if way.fetch:
                    items = self._fetch(collection, items)
                yield from map(record_of, items)

    def _fetch(self, collection: TableCollection, items: Iterable[Item]) -> Iterator[Item]:
        """The whole records for rows of an index, in the order of the index."""
        rows = iter(items)
        while batch := list(islice(rows, BATCH)):
            if missing := next((name for row in batch for name in collection.keys if name not in row), None):
                raise SourceBrokenError(f"{collection.table}: {missing} is not in its key")
            keys = [sendable({name: row[name] for name in collection.keys}) for row in batch]
            found = get_batch(self._client, collection.table, keys, sleep=self._sleep)
            whole = {_identity(item, collection.keys): item for item in found}
            yield from (whole[place] for row in batch if (place := _identity(row, collection.keys)) in whole)


def query_pages(
    client: "DynamoDBClient", table: str, way: WayIn, key: dict[str, str], *, consistent: bool = False
) -> Iterator[Item]:
    """All rows under one key of a table or of an index, to the last page. An index has no consistent reading."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": way.key},
        "ExpressionAttributeValues": {":key": key},
    }
    if consistent:
        request["ConsistentRead"] = True
    if way.index:
        request["IndexName"] = way.index
    if way.sort_key and way.sort_prefix:
        request["KeyConditionExpression"] += " AND begins_with(#sort, :prefix)"
        request["ExpressionAttributeNames"]["#sort"] = way.sort_key
        request["ExpressionAttributeValues"][":prefix"] = {"S": way.sort_prefix}
    while True:
        with reading(table), fast_pages():
            page: Any = client.query(**request)
        items, last = page.pop("Items", []), page.get("LastEvaluatedKey")
        items.reverse()
        while items:  # taken out one by one: what was read is not kept while the next page comes
            yield items.pop()
        if not last:
            return
        request["ExclusiveStartKey"] = sendable(last)


def get_batch(
    client: "DynamoDBClient",
    table: str,
    keys: list[Item],
    *,
    sleep: Callable[[float], None],
    consistent: bool = False,
) -> Iterator[Item]:
    """The rows of up to 100 keys that exist, in no order. SourceUnavailableError where some were never answered."""
    options: dict[str, Any] = {"ConsistentRead": True} if consistent else {}
    left: dict[str, Any] = {table: options | {"Keys": keys}}
    for pause in (*PATIENCE, None):
        with reading(table), fast_pages():
            answer: Any = client.batch_get_item(RequestItems=left)
        yield from answer.get("Responses", {}).get(table, ())
        rest = (answer.get("UnprocessedKeys") or {}).get(table)
        if not rest:
            return
        left = {table: options | {"Keys": [sendable(key) for key in rest["Keys"]]}}
        if pause is not None:
            sleep(pause)
    raise SourceUnavailableError(f"{table}: a batch was not answered in full")


def key_value(way: WayIn, value: str) -> dict[str, str] | None:
    """The key for a value, as on the wire; None for a text that can be no key of that type."""
    if way.key_type == "text":
        return {"S": fill(way.template, value)}
    try:
        number = Decimal(value) if value.isascii() else None
    except InvalidOperation:
        return None
    return {"N": str(number)} if number is not None and number.is_finite() else None


def _identity(item: Item, keys: tuple[str, ...]) -> str:
    return repr([item[name] for name in keys])
