"""Which reader reads which source; libraries are loaded for the kind that is asked for, and no other."""

from collections.abc import Callable
from typing import Any

from rightsdesk.domain.datamap import Source
from rightsdesk.ports.sources import SourceReader


def reader_for(source: Source, *, client: Callable[[str], Any]) -> SourceReader:
    """`client("s3")` gives the process's client of an AWS service."""
    if source.kind == "dynamodb":
        from rightsdesk.sources.dynamodb import DynamoReader

        return DynamoReader(client("dynamodb"))

    from rightsdesk.sources.s3_objects import S3Reader

    if not source.columnar:
        return S3Reader(client("s3"))

    from rightsdesk.sources.columnar import search_columns

    return S3Reader(client("s3"), search_columns=search_columns)
