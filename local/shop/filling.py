"""Fill the shop: items in batches, one survey file, one access log for every 2000 members."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.shop import people, records
from local.shop.people import Person

_PEOPLE_PER_FILE = 2000
_BATCH = 25  # the most items that BatchWriteItem takes
_SURVEY_COLUMNS = ["member_id", "survey", "answered_at", "question", "answer", "score"]
_VISIT_COLUMNS = pa.schema(
    [
        ("analytics_id", pa.string()),
        ("visited_at", pa.timestamp("s", tz="UTC")),
        ("page", pa.string()),
        ("referrer", pa.string()),
        ("ip_address", pa.string()),
        ("user_agent", pa.string()),
    ]
)


def seed(
    session: Any,
    names: Mapping[str, str],
    *,
    members: int = 200,
    seed: int = 7,
    many_orders: int = 100,
    now: datetime | None = None,
) -> None:
    """Put `members` people and a few guests into the shop. The same arguments give the same shop.

    `many_orders` is how many aiko@example.jp has; `now` is what "two days ago" is counted from.
    """
    now = now or datetime.now(UTC)
    dynamodb, s3, bucket = session.client("dynamodb"), session.client("s3"), names["ShopBucket"]
    everybody = people.members(members, seed=seed, now=now, many_orders=many_orders)
    part = 0
    while group := list(islice(everybody, _PEOPLE_PER_FILE)):
        part += 1
        _write_items(dynamodb, names["MembersTable"], (i for p in group for i in records.member_items(p, now=now)))
        _write_items(dynamodb, names["OrdersTable"], (i for p in group for i in records.order_items(p, now=now)))
        for person in group:
            messages = list(records.support_messages(person))
            if messages:
                s3.put_object(Bucket=bucket, Key=f"support/{person.member_id}.jsonl.gz", Body=_json_lines(messages))
        for survey, zipped in zip(records.SURVEYS, (False, True), strict=True):
            body = _survey(group, survey)
            key = f"surveys/{survey}/part-{part:04d}.csv"
            s3.put_object(
                Bucket=bucket, Key=key + ".gz" * zipped, Body=gzip.compress(body, mtime=0) if zipped else body
            )
        s3.put_object(Bucket=bucket, Key=f"access_log/part-{part:04d}.parquet", Body=_access_log(group, now))
    for number, guest in enumerate(people.guests(), 1):
        _write_items(dynamodb, names["OrdersTable"], records.guest_items(guest, number, now=now))


def _write_items(dynamodb: Any, table: str, items: Iterable[records.Item]) -> None:
    left = ({"PutRequest": {"Item": {name: _typed(value) for name, value in item.items()}}} for item in items)
    while batch := list(islice(left, _BATCH)):
        waiting = {table: batch}
        while waiting:
            waiting = dynamodb.batch_write_item(RequestItems=waiting).get("UnprocessedItems")


def _typed(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list():
            return {"L": [_typed(member) for member in value]}
        case dict():
            return {"M": {name: _typed(member) for name, member in value.items()}}
    raise TypeError(type(value).__name__)


def _json_lines(messages: list[records.Item]) -> bytes:
    return gzip.compress("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages).encode(), mtime=0)


def _survey(group: Iterable[Person], survey: str) -> bytes:
    """As a spreadsheet writes it: a byte order mark, CRLF, quotes where needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_SURVEY_COLUMNS)
    writer.writerows(row for person in group for row in records.survey_rows(person, survey))
    return text.getvalue().encode("utf-8-sig")


def _access_log(group: Iterable[Person], now: datetime) -> bytes:
    def rows() -> Iterator[records.Item]:
        for person in group:
            yield from records.visits(person, now=now)

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows()), schema=_VISIT_COLUMNS), out, row_group_size=5000)
    return out.getvalue()
