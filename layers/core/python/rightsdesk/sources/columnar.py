"""Parquet in S3: only the column that says whose a row is, and the rest only where it says so.

A group of rows whose statistics exclude every value is not read at all. Of the others the one column is streamed, and
only for a group with a hit the other columns follow, batch by batch: memory is bounded by the pages of one group,
whatever the size of the file. This is the one module that needs pyarrow, 154 MB: only one function carries it.
"""

# serves: E-02, I-2

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record, plain
from rightsdesk.sources.s3_file import S3File

_BATCH = 4096  # rows
_BUFFER = 1024 * 1024  # bytes of a column that are asked for at a time


def search_columns(file: S3File, collection: FileCollection, wanted: frozenset[str] | None) -> Iterator[Record]:
    """As `s3_objects.RowSearch`."""
    with _readable(file.name):
        source = pq.ParquetFile(
            pa.PythonFile(file, mode="r"), buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True
        )
    column, values = None, None
    if wanted is not None and collection.match is not None:
        column = collection.match.column
        position = source.schema_arrow.get_field_index(column)
        if position < 0:
            raise SourceBrokenError(f"{file.name}: no column {column}, or more than one")
        values = _as_written(source.schema_arrow.field(position).type, wanted, file.name)
        if not len(values):
            return
    zone = ZoneInfo(collection.zone)
    for group in range(source.num_row_groups):
        with _readable(file.name):
            hits = None if column is None else _hits(source, group, column, values)
        if hits is None or hits:
            yield from _rows(source, group, hits, zone, file.name)


def read_columns(file: S3File, collection: FileCollection, names: frozenset[str]) -> Iterator[Record]:
    """Every row, as far as these columns go: those that the file does not have are left out."""
    with _readable(file.name):
        source = pq.ParquetFile(
            pa.PythonFile(file, mode="r"), buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True
        )
    columns = [name for name in source.schema_arrow.names if name in names]
    if collection.match and columns.count(collection.match.column) != 1:
        raise SourceBrokenError(f"{file.name}: no column {collection.match.column}, or more than one")
    zone = ZoneInfo(collection.zone)
    batches = source.iter_batches(_BATCH, columns=columns, use_threads=False)
    while True:
        with _readable(file.name):
            batch = next(batches, None)
        if batch is None:
            return
        yield from _records(batch, zone, file.name)


def _as_written(kind: pa.DataType, wanted: frozenset[str], place: str) -> pa.Array:
    """The values in the type of the column: a number in a file is no text, and "1042" must still find 1042."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.array(sorted(wanted), kind)
    numbers = [number for number in map(_number, sorted(wanted)) if number is not None]
    if pa.types.is_integer(kind):
        bits = kind.bit_width - pa.types.is_signed_integer(kind)
        least = -(2**bits) if pa.types.is_signed_integer(kind) else 0
        return pa.array([int(n) for n in numbers if n == n.to_integral_value() and least <= n < 2**bits], kind)
    if pa.types.is_floating(kind):
        return pa.array([float(n) for n in numbers if Decimal(float(n)) == n], kind)
    if pa.types.is_decimal(kind):
        limit = Decimal(10) ** (kind.precision - kind.scale)
        return pa.array([n for n in numbers if abs(n) < limit and n == round(n, kind.scale)], kind)
    raise SourceBrokenError(f"{place}: a column of type {kind} can't be searched")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if text.isascii() else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _hits(source: pq.ParquetFile, group: int, column: str, values: pa.Array) -> "array[int]":
    """The positions in a group of rows that are wanted, ascending."""
    if _excluded(source, group, column, values):
        return array("q")
    found = array("q")  # eight bytes each: all rows of a group may be one person's
    offset = 0
    for batch in source.iter_batches(_BATCH, row_groups=[group], columns=[column], use_threads=False):
        cells = batch.column(0)
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        inside = pc.indices_nonzero(pc.is_in(cells, value_set=values))
        found.extend(offset + index for index in inside.to_pylist())
        offset += batch.num_rows
    return found


def _excluded(source: pq.ParquetFile, group: int, column: str, values: pa.Array) -> bool:
    """Whether the statistics of the group say that none of the values can be in it."""
    meta = source.metadata.row_group(group)
    names = [meta.column(i).path_in_schema for i in range(meta.num_columns)]
    statistics = meta.column(names.index(column)).statistics if column in names else None
    if statistics is None or not statistics.has_min_max or type(statistics.min) not in (int, str):
        return False
    wanted = values.to_pylist()
    if any(type(value) is not type(statistics.min) for value in wanted):
        return False
    return bool(max(wanted) < statistics.min or min(wanted) > statistics.max)


def _rows(
    source: pq.ParquetFile, group: int, hits: "array[int] | None", zone: ZoneInfo, place: str
) -> Iterator[Record]:
    if hits is not None and len(hits) <= _BATCH:
        with _readable(place):
            table = _few_rows(source, group, hits)
        if table is not None:
            yield from _records(table, zone, place)
            return
    offset = 0
    ahead = iter(hits or ())
    hit = next(ahead, None)
    batches = source.iter_batches(_BATCH, row_groups=[group], use_threads=False)
    while True:
        with _readable(place):
            batch = next(batches, None)
        if batch is None or (hits is not None and hit is None):
            return
        if hits is not None:
            inside = []
            while hit is not None and hit < offset + batch.num_rows:
                inside.append(hit - offset)
                hit = next(ahead, None)
            offset += batch.num_rows
            batch = batch.take(pa.array(inside, pa.int64()))
        yield from _records(batch, zone, place)


def _records(rows: pa.Table | pa.RecordBatch, zone: ZoneInfo, place: str) -> Iterator[Record]:
    """SourceBrokenError for times finer than a microsecond, which Python has no type for."""
    with _readable(place):
        found = rows.to_pylist()
    for row in found:
        yield {name: plain(value, zone=zone) for name, value in row.items()}


def _few_rows(source: pq.ParquetFile, group: int, hits: "array[int]") -> pa.Table | None:
    """A handful of rows, column by column and no further than the last of them: in half the time of all columns side by
    side. None where the name of a column does not tell it from others."""
    columns = {}
    for name in source.schema_arrow.names:
        found = []
        offset, ahead = 0, iter(hits)
        hit = next(ahead, None)
        for batch in source.iter_batches(_BATCH, row_groups=[group], columns=[name], use_threads=False):
            if batch.schema.names != [name]:
                return None
            inside = []
            while hit is not None and hit < offset + batch.num_rows:
                inside.append(hit - offset)
                hit = next(ahead, None)
            offset += batch.num_rows
            if inside:
                found.append(batch.column(0).take(pa.array(inside, pa.int64())))
            if hit is None:
                break
        columns[name] = pa.chunked_array(found)
    return pa.table(columns) if len(columns) == len(source.schema_arrow.names) else None


@contextmanager
def _readable(place: str) -> Iterator[None]:
    """A damaged file is broken. What S3 answers is translated below and passes through pyarrow as it is."""
    try:
        yield
    except (pa.ArrowException, ValueError, OSError) as error:
        raise SourceBrokenError(f"{place}: {type(error).__name__}") from error
