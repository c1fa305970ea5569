"""Which eraser erases in which source; libraries are loaded for the kind that is asked for, and no other."""

# serves: E-04

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from rightsdesk.domain.datamap import Collection, FileCollection, Source, TableCollection
from rightsdesk.domain.erasing import RowDone, RowFound
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.ports.sources import SourceEraser

if TYPE_CHECKING:
    from rightsdesk.sources.dynamodb_erasing import DynamoEraser
    from rightsdesk.sources.s3_rewriting import S3Eraser


def eraser_for(source: Source, *, client: Callable[[str], Any], shard: Shard = WHOLE) -> SourceEraser:
    """`client("s3")` gives the process's client of an AWS service. Tables are never in shards."""
    if source.kind == "dynamodb":
        from rightsdesk.sources.dynamodb_erasing import DynamoEraser

        return _Tables(DynamoEraser(client("dynamodb")))

    from rightsdesk.sources.s3_rewriting import S3Eraser

    if not source.columnar:
        return _Files(S3Eraser(client("s3"), shard=shard))

    from rightsdesk.sources.columnar_rewriting import rewrite_columns

    return _Files(S3Eraser(client("s3"), rewrite_columns=rewrite_columns, shard=shard))


class _Tables:
    """Row by row, as the manifest has them."""

    def __init__(self, eraser: "DynamoEraser") -> None:
        self._eraser = eraser

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        return self._eraser.find(cast("TableCollection", collection), identifier, values, rule)

    def carry_out(
        self, collection: Collection, rows: Iterable[RowFound], identifiers: Mapping[str, Sequence[str]], rule: Rule
    ) -> Iterator[RowDone]:
        return self._eraser.carry_out(cast("TableCollection", collection), rows)

    def remains(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> int:
        return self._eraser.remains(cast("TableCollection", collection), identifier, values, rule)


class _Files:
    """Object by object: each is read again, and all rows in it are done in one pass."""

    def __init__(self, eraser: "S3Eraser") -> None:
        self._eraser = eraser

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        return self._eraser.find(collection, identifier, values, rule)

    def carry_out(
        self, collection: Collection, rows: Iterable[RowFound], identifiers: Mapping[str, Sequence[str]], rule: Rule
    ) -> Iterator[RowDone]:
        remove_versions = cast("FileCollection", collection).versions == "remove"
        for kind in collection.searched_by:
            yield from self._eraser.carry_out(
                collection, kind, identifiers.get(kind, ()), rule, remove_versions=remove_versions
            )

    def remains(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> int:
        return self._eraser.remains(collection, identifier, values, rule)
