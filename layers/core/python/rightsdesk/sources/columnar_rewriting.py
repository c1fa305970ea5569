"""Writes a Parquet file again without what has to go, or with what is right: only groups of rows with a hit are
encoded anew.

All others are copied as bytes, and so are columns of which no value changes in a group of which no row goes. All else
of a group is rewritten column by column, so that memory is bounded by one column of one group; its codec, encodings,
dictionaries and statistics are as before, and the schema is not touched. Each column is read back before it is written:
every other value is what it was, and of the rows that are meant only what may stay, or what is right, is left. A group
of which every row goes is left out; a file without rows keeps its schema.

An attribute that goes is null; where a column allows no null, an empty text. A value that is corrected keeps the type
of its column. What can't be written as it was (old forms of lists, decimals in bytes, times outside of the range of
nanoseconds) is an error, and nothing is written; of a correction it is told when its rows are found.
"""

# serves: E-03, E-04, I-2

import hashlib
import io
import json
from array import array
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import JsonValue

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.errors import SourceBrokenError, UnwritableError
from rightsdesk.domain.records import Record, plain
from rightsdesk.sources.compact_thrift import Struct
from rightsdesk.sources.parquet_copy import (
    Buffer,
    Element,
    ParquetCopy,
    columns_of,
    is_encrypted,
    read_footer,
    without_notes,
)
from rightsdesk.sources.row_changes import RowSeen, Rule, Sink, has_to_go, still_there, still_wrong
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
    """As `row_changes.RowRewrite`. In the changes that it gives, values are as the file will hold them.

    UnwritableError where a correction can't be written in its column, or the file is encrypted.
    """
    try:
        yield from _rewritten(file, collection, wanted, rule, out)
    except UnwritableError:
        raise
    except SourceBrokenError as error:
        if is_encrypted(file):
            raise UnwritableError(file.name, collection.path, "encrypted") from error
        raise


def _rewritten(
    file: S3File, collection: FileCollection, wanted: frozenset[str] | None, rule: Rule, out: Sink | None
) -> Iterator[RowSeen]:
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
        corrected: set[str] = set()
        records = _rows(source.file, group, hits, source.zone, file.name) if hits else iter(())
        for position, record in zip(hits, records, strict=True):
            change = source.as_held(rule(record))
            new = source.to_do(record, change)
            seen = source.seen(number + position + 1, record, change, new)
            if seen.to_do:
                changes[position] = _Change(new, seen.after)
            if change.fate is RowFate.CORRECT:
                corrected.update(new)
            yield seen
        number += rows
        with _readable(file.name):
            if copy is None:
                source.require_writable(group, corrected)
            else:
                copy.group(group, hits, changes)
    if copy is not None:
        with _readable(file.name):
            copy.close()


class _Change(NamedTuple):
    """`new`: what is to stand in a row, by column. `after`: the digest of what is left of it; None: it goes whole."""

    new: Record
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
        self._nullable = {field.name: field.nullable for field in self.fields}
        self._forms: dict[int, _Form] = {}
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

    def as_held(self, change: RowChange) -> RowChange:
        """The same, with each value as it will be read again: `"7.90"` is 7.9 in a column of decimals."""
        if change.fate is not RowFate.CORRECT:
            return change
        return change.model_copy(update={"set": {name: self._held(name, value) for name, value in change.set.items()}})

    def to_do(self, record: Record, change: RowChange) -> Record:
        """What does not stand in a row yet, by column."""
        gone = still_there(record, change, self._collection)
        return {name: None if self._nullable[name] else "" for name in gone} | still_wrong(
            record, change, self._collection
        )

    def seen(self, number: int, record: Record, change: RowChange, new: Record) -> RowSeen:
        before = _digest(record)
        if change.fate is RowFate.DELETE:
            return RowSeen(number, before, change, None)
        return RowSeen(number, before, change, _digest(record | new) if new else before)

    def cells(self, field: pa.Field, values: Collection[JsonValue]) -> pa.Array:
        """Values as a column holds them. `field`: without dictionaries."""
        from rightsdesk.sources.columnar_values import cell_of

        if all(value is None for value in values):  # also lists and maps, of which no other value is made
            return pa.nulls(len(values), field.type)
        try:
            return pa.array([cell_of(value, field.type, self.zone) for value in values], field.type)
        except ValueError:  # of what goes: what is corrected was held against the type before
            raise SourceBrokenError(f"{self.place}: column {field.name} can't be empty") from None

    def require_writable(self, group: int, names: Collection[str]) -> None:
        """UnwritableError where one of these columns of a group can't be written again with what is right in it."""
        for name in names:
            column = next(column for column in self.columns if column.field.name == name)
            try:
                form = self.form_of(column)
            except SourceBrokenError as error:
                raise self._unwritable(name, "old_form") from error
            try:
                if form.int96:
                    self.column_of(group, column.field, int96=True)
            except pa.ArrowInvalid:  # whose text may hold a time
                raise self._unwritable(name, "times_out_of_range") from None

    def _held(self, name: str, value: JsonValue) -> JsonValue:
        from rightsdesk.sources.columnar_values import cell_of, takes_values

        position = self.file.schema_arrow.get_field_index(name)
        if position < 0:
            raise self._unwritable(name, "no_column")
        field = self.fields[position]
        kind = _undictionaried(field.type)
        if name == self.column:
            raise self._unwritable(name, "match_column")
        if pa.types.is_nested(kind):
            raise self._unwritable(name, "nested_column")
        if not takes_values(kind):
            raise self._unwritable(name, "type_of_column")
        if value is None and not field.nullable:
            raise self._unwritable(name, "does_not_fit")
        try:
            return plain(cell_of(value, kind, self.zone).as_py(), zone=self.zone)
        except ValueError:
            raise self._unwritable(name, "does_not_fit") from None

    def _unwritable(self, name: str, reason: str) -> UnwritableError:
        return UnwritableError(self.place, f"{self._collection.path}.{name}", reason)

    @cached_property
    def footer(self) -> Struct:
        return read_footer(self.bytes)

    @cached_property
    def columns(self) -> list["_Column"]:
        """All at the top, in the order of the schema."""
        bare = pq.read_schema(io.BytesIO(without_notes(self.footer)))
        columns = []
        first = 0
        for field, elements, kind in zip(self.fields, columns_of(self.footer), bare.types, strict=True):
            leaves = sum(not element.parts for element in elements)
            written_out = field.with_type(_undictionaried(field.type))
            columns.append(_Column(written_out, range(first, first + leaves), elements, kind))
            first += leaves
        return columns

    def form_of(self, column: "_Column") -> "_Form":
        """SourceBrokenError where the library would write the column in another way."""
        form = self._forms.get(column.leaves.start)
        if form is None:
            form = self._forms[column.leaves.start] = self._new_form(column)
        return form

    def _new_form(self, column: "_Column") -> "_Form":
        options: dict[str, Any] = {}
        if any(element.kind == _INT96 for element in column.elements):
            options["use_deprecated_int96_timestamps"] = True
        if any(element.meaning == _DECIMAL and element.kind in _INTEGERS for element in column.elements):
            options["store_decimal_as_integer"] = True
        out = io.BytesIO()
        pq.write_table(pa.schema([column.field]).empty_table(), out, store_schema=False, **options)
        (new,) = columns_of(read_footer(Buffer(out.getvalue())))
        shapes = [element.shape for element in column.elements]
        if [element.shape for element in new] != shapes or pq.read_schema(out).types != [column.kind]:
            raise SourceBrokenError(f"{self.place}: column {column.field.name} can't be written as it was")
        schema = pq.ParquetFile(out).schema
        return _Form(
            [schema.column(leaf).path for leaf in range(len(column.leaves))],
            [a.meaning == b.meaning for a, b in zip(column.elements, new, strict=True) if not a.parts],
            options,
        )

    def column_of(self, group: int, field: pa.Field, *, int96: bool) -> pa.ChunkedArray:
        """One column of a group, without dictionaries: they would keep values that are gone."""
        column = _one(self.file.read_row_group(group, columns=[field.name], use_threads=False), field.name)
        if int96:  # holds times of which the library would make others
            slow = _opened(self.bytes, coerce_int96_timestamp_unit="us")
            wide = _one(slow.read_row_group(group, columns=[field.name], use_threads=False), field.name)
            wide.cast(column.type)
        return column.cast(_undictionaried(field.type))


class _Column(NamedTuple):
    """A column at the top. `field`: without dictionaries; `leaves`: the columns that it is in the file."""

    field: pa.Field
    leaves: range
    elements: list[Element]
    kind: pa.DataType  # as the schema alone has it


class _Form(NamedTuple):
    """How a column is written."""

    paths: list[str]
    sorted_alike: list[bool]  # of each leaf: whether its new statistics mean what the old ones did
    options: dict[str, Any]

    @property
    def int96(self) -> bool:
        return "use_deprecated_int96_timestamps" in self.options


class _Copy:
    """The new file."""

    def __init__(self, source: _Source, collection: FileCollection, rule: Rule, out: Sink) -> None:
        self._source, self._collection, self._rule = source, collection, rule
        self._columns = source.columns
        self._copy = ParquetCopy(source.bytes, out.write, source.footer)
        self._gone = 0

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
        stay = _Stay(rows, gone, hits, changes)
        left: dict[str, pa.ChunkedArray] = {}
        unsorted: set[int] = set()
        for column in self._columns:
            field, name = column.field, column.field.name
            new = {position: change.new[name] for position, change in changes.items() if name in change.new}
            if not gone and not new:
                left[name] = self._source.column_of(group, field, int96=False).take(stay.meant)
                self._copy.copy_columns(group, column.leaves)
                continue
            form = self._source.form_of(column)
            values = self._source.column_of(group, field, int96=form.int96)
            if new:
                values = _replaced(values, new, self._source.cells(field, new.values()))
                unsorted |= set(column.leaves)
            expected = values.filter(stay.mask)
            content = self._encoded(group, column, form, expected)
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

    def _encoded(self, group: int, column: _Column, form: _Form, values: pa.ChunkedArray) -> pa.Buffer:
        metas = [self._source.file.metadata.row_group(group).column(leaf) for leaf in column.leaves]
        by_path = dict(zip(form.paths, metas, strict=True))
        dictionaries = [path for path, meta in by_path.items() if _DICTIONARIES & set(meta.encodings)]
        encodings = {
            path: next(iter(_ENCODINGS & set(meta.encodings)))
            for path, meta in by_path.items()
            if path not in dictionaries and _ENCODINGS & set(meta.encodings)
        }
        new_pages, checksums = self._copy.pages_of(group, column.leaves[0])
        out = pa.BufferOutputStream()
        pq.write_table(
            pa.table([values], pa.schema([column.field])),
            out,
            row_group_size=len(values),
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
                is_theirs = change is None or self._source.column not in change.new
                if is_theirs and has_to_go(record, self._source.as_held(self._rule(record)), self._collection):
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
        return sum(change is None or column not in change.new for change in self.changes)


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


def _replaced(column: pa.ChunkedArray, positions: Iterable[int], cells: pa.Array) -> pa.ChunkedArray:
    """With these cells at these positions, which ascend."""
    flags = bytearray(len(column))
    for position in positions:
        flags[position] = 1
    mask = pa.Array.from_buffers(pa.uint8(), len(column), [None, pa.py_buffer(flags)]).cast(pa.bool_())
    order = pa.array(range(len(cells)), pa.int64())
    if not pa.types.is_nested(column.type):
        spread = cells.take(pc.replace_with_mask(pa.nulls(len(column), pa.int64()), mask, order))
        return pc.if_else(mask, spread, column)
    places = pa.array(range(len(column)), pa.int64())
    places = pc.replace_with_mask(places, mask, pc.add(order, len(column)))
    return pa.chunked_array([*column.chunks, cells]).take(places)


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
