"""All that the sample shop holds, row by row: to show that a person is gone, and that everybody else is as before."""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator

import pyarrow.parquet as pq

from tests.support.stack import PlayedStack

Contents = Counter[str]
"""Rows as JSON, and how often each is there."""


def shop_contents(stack: PlayedStack) -> Contents:
    """Of tables and files alike; where a row stands in its file does not count."""
    found: Contents = Counter()
    for parameter in ("MembersTable", "OrdersTable"):
        pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.shop(parameter))
        found.update(json.dumps(item, sort_keys=True) for page in pages for item in page["Items"])
    bucket, s3 = stack.shop("ShopBucket"), stack.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            found.update(json.dumps(row, sort_keys=True, default=str) for row in _rows(entry["Key"], body))
    return found


def _rows(key: str, body: bytes) -> Iterator[object]:
    if key.endswith(".gz"):
        body, key = gzip.decompress(body), key.removesuffix(".gz")
    if key.endswith(".parquet"):
        yield from pq.read_table(io.BytesIO(body)).to_pylist()
    elif key.endswith(".csv"):
        yield from csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    else:
        yield from map(json.loads, body.splitlines())


def of(contents: Contents, *texts: str) -> Contents:
    """Rows in which one of the texts stands."""
    return Counter({row: n for row, n in contents.items() if any(text in row for text in texts)})


def mentions(contents: Contents, *texts: str) -> int:
    return sum(of(contents, *texts).values())
