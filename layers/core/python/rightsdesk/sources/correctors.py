"""Which corrector writes in which source; libraries are loaded for the kind that is asked for, and no other."""

# serves: E-03

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from rightsdesk.domain.datamap import Collection, Source, TableCollection
from rightsdesk.domain.erasing import RowDone, RowFound
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.ports.sources import SourceCorrector

if TYPE_CHECKING:
    from rightsdesk.sources.dynamodb_erasing import DynamoEraser


def corrector_for(source: Source, *, client: Callable[[str], Any]) -> SourceCorrector:
    """`client("s3")` gives the process's client of an AWS service."""
    if source.kind == "dynamodb":
        from rightsdesk.sources.dynamodb_erasing import DynamoEraser

        return _Tables(DynamoEraser(client("dynamodb")))

    from rightsdesk.sources.s3_correcting import S3Corrector

    if not source.columnar:
        return S3Corrector(client("s3"))

    from rightsdesk.sources.columnar_rewriting import rewrite_columns

    return S3Corrector(client("s3"), rewrite_columns=rewrite_columns)


class _Tables:
    def __init__(self, rows: "DynamoEraser") -> None:
        self._rows = rows

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        return self._rows.find(cast("TableCollection", collection), identifier, values, rule)

    def carry_out(self, collection: Collection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        return self._rows.carry_out(cast("TableCollection", collection), rows)
