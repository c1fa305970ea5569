"""Every identifier that stands in a source, whoever it is of: for a source that was restored from a backup.

A search by key can't tell who is in a restored table, for only digests are left of those who are looked for. So tables
are read with Scan, page by page and no more of a row than what identifies it, and files row by row. Nothing is kept.
"""

# serves: E-04

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.datamap import FileCollection, Source, TableCollection
from rightsdesk.domain.records import Record
from rightsdesk.domain.restored import Identifier, carried_by, value_from
from rightsdesk.sources.dynamodb_items import fast_pages, offer_fast_pages, record_of, sendable
from rightsdesk.sources.failures import reading
from rightsdesk.sources.s3_file import S3File
from rightsdesk.sources.s3_objects import S3Reader, search_rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

ColumnsOf = Callable[[S3File, FileCollection, frozenset[str]], Iterator[Record]]
"""(Parquet file, its collection, names of columns) -> its rows, as far as these columns go."""


def scanner_for(source: Source, *, client: Callable[[str], Any]) -> "TableScanner | FileScanner":
    """`client("s3")` gives the process's client of an AWS service."""
    if source.kind == "dynamodb":
        return TableScanner(client("dynamodb"))
    if not source.columnar:
        return FileScanner(client("s3"))

    from rightsdesk.sources.columnar import read_columns

    return FileScanner(client("s3"), read_columns=read_columns)


class TableScanner:
    """Keeps the port SourceScanner. A table that several collections lie in is read once."""

    def __init__(self, client: "DynamoDBClient") -> None:
        offer_fast_pages(client)
        self._client = client

    def rows(self, source: Source) -> Iterator[tuple[Identifier, ...]]:
        by_table: dict[str, list[TableCollection]] = {}
        for collection in source.collections.values():
            if isinstance(collection, TableCollection):
                by_table.setdefault(collection.table, []).append(collection)
        for table, collections in by_table.items():
            for record in self._records(table, _attributes(collections)):
                yield tuple({one for collection in collections for one in carried_by(collection, record)})

    def _records(self, table: str, attributes: Sequence[str]) -> Iterator[Record]:
        names = {f"#{position}": name for position, name in enumerate(attributes)}
        request: dict[str, Any] = {
            "TableName": table,
            "ConsistentRead": True,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        while True:
            with reading(table), fast_pages():
                page: Any = self._client.scan(**request)
            yield from map(record_of, page.get("Items", ()))
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = sendable(last)


class FileScanner:
    """Keeps the port SourceScanner. Of an object of one person the key is enough."""

    def __init__(self, client: "S3Client", *, read_columns: ColumnsOf | None = None) -> None:
        self._client = client
        self._read_columns = read_columns

    def rows(self, source: Source) -> Iterator[tuple[Identifier, ...]]:
        for collection in source.collections.values():
            if not isinstance(collection, FileCollection):
                continue
            if collection.key is not None:
                yield from self._keys(collection, collection.key)
                continue
            for record in self._records(collection):
                yield tuple(carried_by(collection, record))

    def _keys(self, collection: FileCollection, template: str) -> Iterator[tuple[Identifier, ...]]:
        (kind,) = collection.searched_by
        prefix = template[: template.index("{" + kind + "}")]
        with reading(f"{collection.bucket}/{prefix}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=collection.bucket, Prefix=prefix)
            for page in pages:
                for entry in page.get("Contents", ()):
                    value = value_from(template, entry["Key"])
                    if value is not None and "/" not in value:
                        yield (Identifier(kind, value),)

    def _records(self, collection: FileCollection) -> Iterator[Record]:
        wanted = {*collection.identifying, *([collection.match.column] if collection.match else [])}
        for file in S3Reader(self._client).files(collection):
            if collection.format == "parquet" and self._read_columns is not None:
                yield from self._read_columns(file, collection, frozenset(wanted))
            else:
                yield from search_rows(file, collection, None)


def _attributes(collections: Iterable[TableCollection]) -> tuple[str, ...]:
    """All that can identify a row of any of these, each name once."""
    names: dict[str, None] = {}
    for collection in collections:
        for way in collection.find_by:
            names |= dict.fromkeys([way.key, *([way.sort_key] if way.sort_key else [])])
        names |= dict.fromkeys(collection.identifying)
    return tuple(names)
