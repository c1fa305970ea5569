"""Writes a Parquet file again without what has to go: only groups of rows with a hit are encoded anew.

All others are copied as bytes, and so are columns of which no value goes in a group of which no row goes. All else of a
group is rewritten column by column, so that memory is bounded by one column of one group; its codec, encodings,
dictionaries and statistics are as before, and the schema is not touched. Each column is read back before it is written:
every other value is what it was, and of the rows that are meant only what may stay is left. A group of which every row
goes is left out; a file without rows keeps its schema.

An attribute that goes is null; where a column allows no null, an empty text. What can't be written as it was (old forms
of lists, decimals in bytes, times outside of the range of nanoseconds) is an error, and nothing is written.
"""

# serves: E-04, I-2

import hashlib
import io
import json
from array import array
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record, plain
from rightsdesk.sources.parquet_copy import Buffer, ParquetCopy, columns_of, read_footer, without_notes
from rightsdesk.sources.row_changes import RowSeen, Rule, Sink, has_to_go, still_there
from rightsdesk.sources.s3_file import S3File

_BATCH = 4096  # rows
_BUFFER = 1024 * 1024  # bytes of a column that are asked for at a time
_DICTIONARIES = {"PLAIN_DICTIONARY", "RLE_DICTIONARY"}
_ENCODINGS = {"BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}

_CODECS = {"UNCOMPRESSED": "NONE"}
_INT96, _DECIMAL, _INTEGERS = 3, 5, (1, 2)  # of the definition of Parquet


def rewrite_columns(
    file: S3File, collection: FileCollection, wanted: frozenset[str] | None, rule: Rule, out: Sink | None = None
) -> Generator[RowSeen, None, None]:
    """As `row_changes.RowRewrite`."""
    from rightsdesk.sources.columnar import _hits, _readable, _rows

    with _readable(file.name):
        source = _Source(file, collection, wanted)
        copy = None if out is None else _Copy(source, collection, rule, out)
    number = 0
    for group in range(source.file.num_row_groups):
        rows = source.rows(group)
        with _readable(file.name):
            hits = array("q", range(rows))
            if source.column is not None:
                hits = _hits(source.file, group, source.column, source.values) if len(source.values) else array("q")
        changes: dict[int, _Change] = {}
        records = _rows(source.file, group, hits, source.zone, file.name) if hits else iter(())
        for position, record in zip(hits, records, strict=True):
            seen = source.seen(number + position + 1, record, rule(record))
            if seen.to_do:
                changes[position] = _Change(still_there(record, seen.change, collection), seen.after)
            yield seen
        number += rows
        if copy is not None:
            with _readable(file.name):
                copy.group(group, hits, changes)
    if copy is not None:
        with _readable(file.name):
            copy.close()


class _Change(NamedTuple):
    """`after`: the digest of what is left of a row; None: it goes whole."""

    remove: tuple[str, ...]
    after: bytes | None


class _Source:
    """The old file. `column`: the one that says whose a row is; None: every row is meant."""

    def __init__(self, file: S3File, collection: FileCollection, wanted: frozenset[str] | None) -> None:
        from rightsdesk.sources.columnar import _as_written

        self.bytes = file
        self.place = file.name
        self.zone = ZoneInfo(collection.zone)
        self.file = _opened(file)
        self.fields: list[pa.Field] = list(self.file.schema_arrow)
        self.column: str | None = None
        self.values = pa.array([], pa.null())
        self._collection = collection
        if wanted is not None and collection.match is not None:
            self.column = collection.match.column
            position = self.file.schema_arrow.get_field_index(self.column)
            if position < 0:
                raise SourceBrokenError(f"{file.name}: no column {self.column}, or more than one")
            self.values = _as_written(self.fields[position].type, wanted, file.name)

    def rows(self, group: int) -> int:
        rows: int = self.file.metadata.row_group(group).num_rows
        return rows

    def seen(self, number: int, record: Record, change: RowChange) -> RowSeen:
        before = _digest(record)
        if change.fate is RowFate.DELETE:
            return RowSeen(number, before, change, None)
        if change.fate is RowFate.CORRECT:
            raise SourceBrokenError(f"{self.place}: values in Parquet are not replaced: where it is written, they are")
        gone = still_there(record, change, self._collection)
        return RowSeen(number, before, change, _digest(self._without(record, gone)) if gone else before)

    def _without(self, record: Record, gone: Iterable[str]) -> Record:
        nullable = {field.name: field.nullable for field in self.fields}
        return record | {name: None if nullable[name] else "" for name in gone}

    def column_of(self, group: int, field: pa.Field, *, int96: bool) -> pa.ChunkedArray:
        """One column of a group, without dictionaries: they would keep values that are gone."""
        column = _one(self.file.read_row_group(group, columns=[field.name], use_threads=False), field.name)
        if int96:  # holds times of which the library would make others
            slow = _opened(self.bytes, coerce_int96_timestamp_unit="us")
            wide = _one(slow.read_row_group(group, columns=[field.name], use_threads=False), field.name)
            wide.cast(column.type)
        return column.cast(_undictionaried(field.type))


class _Form(NamedTuple):
    """How a column is written."""

    field: pa.Field
    leaves: range  # the columns that it is in the file
    paths: list[str]
    sorted_alike: list[bool]  # of each: whether its new statistics mean what the old ones did
    options: dict[str, Any]


class _Copy:
    """The new file."""

    def __init__(self, source: _Source, collection: FileCollection, rule: Rule, out: Sink) -> None:
        self._source, self._collection, self._rule = source, collection, rule
        self._copy = ParquetCopy(source.bytes, out.write)
        self._gone = 0
        self._forms: list[_Form] = []

    def group(self, group: int, hits: Sequence[int], changes: Mapping[int, _Change]) -> None:
        """Write a group: as it is, or without what goes, or not at all. `hits`: the rows that are meant, ascending."""
        if not changes:
            self._copy.copy_group(group)
            return
        rows = self._source.rows(group)
        gone = [position for position, change in changes.items() if change.after is None]
        self._gone += len(gone)
        if len(gone) == rows:
            return
        self._forms = self._forms or list(self._all_forms())
        stay = _Stay(rows, gone, hits, changes)
        left: dict[str, pa.ChunkedArray] = {}
        unsorted: set[int] = set()
        for form in self._forms:
            name = form.field.name
            emptied = [position for position, change in changes.items() if name in change.remove]
            if not gone and not emptied:
                left[name] = self._source.column_of(group, form.field, int96=False).take(stay.meant)
                self._copy.copy_columns(group, form.leaves)
                continue
            column = self._source.column_of(group, form.field, int96="use_deprecated_int96_timestamps" in form.options)
            if emptied:
                column = _emptied(column, form.field, emptied, self._source.place)
                unsorted |= set(form.leaves)
            expected = column.filter(stay.mask)
            content = self._encoded(group, form, expected)
            written = _one(_opened(pa.BufferReader(content)).read(use_threads=False), name)
            self._check_column(name, expected, written, stay)
            left[name] = written.take(stay.meant)
            self._copy.add_columns(memoryview(content), with_statistics=form.sorted_alike)
        self._check_rows(left, stay)
        self._copy.end_group(group, rows=rows - len(gone), unsorted=unsorted)

    def close(self) -> None:
        rows = self._copy.close()
        if rows != self._source.file.metadata.num_rows - self._gone:
            raise SourceBrokenError(f"{self._source.place}: rows would be lost; nothing was written")

    def _all_forms(self) -> Iterator[_Form]:
        columns = columns_of(self._copy.footer)
        bare = pq.read_schema(io.BytesIO(without_notes(self._copy.footer)))
        first = 0
        for field, elements, kind in zip(self._source.fields, columns, bare.types, strict=True):
            kinds = [element.kind for element in elements if not element.parts]
            options: dict[str, Any] = {}
            if _INT96 in kinds:
                options["use_deprecated_int96_timestamps"] = True
            if any(element.meaning == _DECIMAL and element.kind in _INTEGERS for element in elements):
                options["store_decimal_as_integer"] = True
            field = field.with_type(_undictionaried(field.type))
            out = io.BytesIO()
            pq.write_table(pa.schema([field]).empty_table(), out, store_schema=False, **options)
            (new,) = columns_of(read_footer(Buffer(out.getvalue())))
            shapes = [element.shape for element in elements]
            if [element.shape for element in new] != shapes or pq.read_schema(out).types != [kind]:
                raise SourceBrokenError(f"{self._source.place}: column {field.name} can't be written as it was")
            schema = pq.ParquetFile(out).schema
            yield _Form(
                field,
                range(first, first + len(kinds)),
                [schema.column(leaf).path for leaf in range(len(kinds))],
                [a.meaning == b.meaning for a, b in zip(elements, new, strict=True) if not a.parts],
                options,
            )
            first += len(kinds)

    def _encoded(self, group: int, form: _Form, column: pa.ChunkedArray) -> pa.Buffer:
        metas = [self._source.file.metadata.row_group(group).column(leaf) for leaf in form.leaves]
        by_path = dict(zip(form.paths, metas, strict=True))
        dictionaries = [path for path, meta in by_path.items() if _DICTIONARIES & set(meta.encodings)]
        encodings = {
            path: next(iter(_ENCODINGS & set(meta.encodings)))
            for path, meta in by_path.items()
            if path not in dictionaries and _ENCODINGS & set(meta.encodings)
        }
        new_pages, checksums = self._copy.pages_of(group, form.leaves[0])
        out = pa.BufferOutputStream()
        pq.write_table(
            pa.table([column], pa.schema([form.field])),
            out,
            row_group_size=len(column),
            compression={path: _CODECS.get(meta.compression, meta.compression) for path, meta in by_path.items()},
            use_dictionary=dictionaries,
            column_encoding=encodings or None,
            write_statistics=[path for path, meta in by_path.items() if meta.is_stats_set],
            write_page_index=any(meta.has_column_index for meta in metas),
            write_page_checksum=checksums,
            data_page_version="2.0" if new_pages else "1.0",
            **form.options,
        )
        return out.getvalue()

    def _check_column(self, name: str, expected: pa.ChunkedArray, written: pa.ChunkedArray, stay: "_Stay") -> None:
        if not _same(expected, written):
            raise SourceBrokenError(f"{self._source.place}: column {name} would change; nothing was written")
        if name == self._source.column:
            found = pc.sum(pc.is_in(written, value_set=self._source.values)).as_py() or 0
            if found != stay.count_with(name):
                raise SourceBrokenError(f"{self._source.place}: a row would stay that has to go; nothing was written")

    def _check_rows(self, left: dict[str, pa.ChunkedArray], stay: "_Stay") -> None:
        """Of the rows that are meant, as they are written: only what may stay is left of each."""
        at = 0
        for batch in pa.table(left).to_batches(_BATCH):
            for row in batch.to_pylist():
                record = {name: plain(value, zone=self._source.zone) for name, value in row.items()}
                change = stay.changes[at]
                at += 1
                if change is not None and change.after != _digest(record):
                    raise SourceBrokenError(f"{self._source.place}: a row would not be left as it should")
                is_theirs = change is None or self._source.column not in change.remove
                if is_theirs and has_to_go(record, self._rule(record), self._collection):
                    raise SourceBrokenError(f"{self._source.place}: a row would not be done with; nothing was written")


class _Stay:
    """Which rows of a group stay. `meant`: where those that are meant are then; `changes`: what becomes of each."""

    def __init__(self, rows: int, gone: Iterable[int], hits: Sequence[int], changes: Mapping[int, _Change]) -> None:
        flags = bytearray(b"\x01") * rows
        for position in gone:
            flags[position] = 0
        self.mask = pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(flags)]).cast(pa.bool_())
        self.changes: list[_Change | None] = []
        meant = array("q")
        before = 0
        for position in hits:
            if flags[position]:
                meant.append(position - before)
                self.changes.append(changes.get(position))
            else:
                before += 1
        self.meant = pa.array(meant, pa.int64())

    def count_with(self, column: str) -> int:
        return sum(change is None or column not in change.remove for change in self.changes)


def _opened(file: Any, **options: Any) -> pq.ParquetFile:
    readable = file if isinstance(file, pa.NativeFile) else pa.PythonFile(file, mode="r")
    return pq.ParquetFile(readable, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True, **options)


def _one(table: pa.Table, name: str) -> pa.ChunkedArray:
    """The column of this name: where a name stands twice, or one begins like a part of another, more are read."""
    if table.schema.get_field_index(name) < 0:
        raise ValueError("no such column, or more than one")
    return table.column(name)


def _undictionaried(kind: pa.DataType) -> pa.DataType:
    """The same type, in which every value is written out."""
    if pa.types.is_dictionary(kind):
        return _undictionaried(kind.value_type)
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_undictionaried(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_undictionaried(kind.key_type), kind.item_field.with_type(_undictionaried(kind.item_type)))
    for is_list, of in ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list)):
        if is_list(kind):
            return of(kind.value_field.with_type(_undictionaried(kind.value_type)))
    return kind


def _emptied(column: pa.ChunkedArray, field: pa.Field, positions: Iterable[int], place: str) -> pa.ChunkedArray:
    """With nothing at these positions."""
    flags = bytearray(len(column))
    for position in positions:
        flags[position] = 1
    empty = pa.Array.from_buffers(pa.uint8(), len(column), [None, pa.py_buffer(flags)]).cast(pa.bool_())
    if not field.nullable and not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise SourceBrokenError(f"{place}: column {field.name} can't be empty")
    if pa.types.is_nested(column.type):
        places = pc.if_else(empty, pa.scalar(None, pa.int64()), pa.array(range(len(column)), pa.int64()))
        column = column.take(places)
    else:
        column = pc.if_else(empty, pa.scalar(None, column.type), column)
    return column if field.nullable else column.fill_null("")


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if len(one) != len(other):
        return False
    if other.type != one.type:
        other = other.cast(one.type)
    return one.equals(other) or all(  # it is not where a number is none: that one is not equal to itself
        repr(one.slice(at, _BATCH).to_pylist()) == repr(other.slice(at, _BATCH).to_pylist())
        for at in range(0, len(one), _BATCH)
    )


def _digest(record: Record) -> bytes:
    return hashlib.sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).digest()
