"""S3 objects: one per person, found by its key, or files with rows of many people, searched row by row.

All objects under a prefix count, but for those whose name starts with `_` or `.`: marks that data tools leave behind.
"""

# serves: E-02, P-07

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rightsdesk.domain.datamap import Collection, FileCollection, fill
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record, identifier_text
from rightsdesk.domain.shards import WHOLE, Extent, Shard
from rightsdesk.sources.failures import reading
from rightsdesk.sources.rows import rows_of
from rightsdesk.sources.s3_file import S3File

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RowSearch = Callable[[S3File, FileCollection, frozenset[str] | None], Iterator[Record]]
"""(file, its collection, the values of the column `match`; None: every row is meant) -> rows"""
VALUES_AT_ONCE = 50_000  # more than these are searched for in another pass over the files


class S3Reader:
    """Reads file collections, as far as their objects are in `shard`. Parquet needs `search_columns`, which only one
    function can load."""

    def __init__(self, client: "S3Client", *, search_columns: RowSearch | None = None, shard: Shard = WHOLE) -> None:
        self._client = client
        self._search_columns = search_columns
        self._shard = shard

    def read(self, collection: Collection, identifier: str, values: Iterable[str]) -> Iterator[Record]:
        """As `ports.SourceReader`."""
        if not isinstance(collection, FileCollection):
            raise SourceBrokenError(f"{collection.path} is not in S3")
        if identifier not in collection.searched_by:
            return
        search = self._search_columns if collection.format == "parquet" else search_rows
        if search is None:
            raise SourceBrokenError(f"{collection.path} is Parquet, which this function can't read")
        if collection.key is not None:
            for key in filter(self._shard.holds, (fill(collection.key, value) for value in values)):
                file = S3File.open(self._client, collection.bucket, key)
                if file is not None and file.size:
                    yield from search(file, collection, None)
            return
        left = iter(values)
        while wanted := frozenset(islice(left, VALUES_AT_ONCE)):
            for file in self.files(collection):
                yield from search(file, collection, wanted)

    def files(self, collection: FileCollection) -> Iterator[S3File]:
        """Every object under the prefix that holds something. SourceBrokenError where there is none, unless that is
        usual."""
        prefix = collection.prefix or ""
        place = f"{collection.bucket}/{prefix}"
        found = False
        with reading(place):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=collection.bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    if entry["Key"].rpartition("/")[2][:1] in ("", "_", "."):
                        continue
                    found = True
                    if entry["Size"] and self._shard.holds(entry["Key"]):
                        yield S3File(
                            self._client, collection.bucket, entry["Key"], size=entry["Size"], etag=entry["ETag"]
                        )
        if not found and not collection.may_be_empty:
            raise SourceBrokenError(f"{place}: there is nothing; if that is usual, say `may_be_empty: true`")


def extent_of(client: "S3Client", files: FileCollection) -> Extent:
    """How much lies under a prefix. Nothing is read."""
    objects = size = 0
    with reading(f"{files.bucket}/{files.prefix}"):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=files.bucket, Prefix=files.prefix or "")
        for page in pages:
            for entry in page.get("Contents", ()):
                objects += 1
                size += entry["Size"]
    return Extent(objects, size)


def search_rows(file: S3File, collection: FileCollection, wanted: frozenset[str] | None) -> Iterator[Record]:
    """Rows of JSON Lines or CSV, all or those of certain people."""
    rows = rows_of(file, collection, place=file.name)
    if wanted is None or collection.match is None:
        yield from rows
        return
    column = collection.match.column
    for row in rows:
        value = row.get(column)
        if (value if isinstance(value, str) else identifier_text(value)) in wanted:
            yield row
