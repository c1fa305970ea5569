"""A Parquet file put together anew: groups of rows copied as bytes, others of columns that were encoded anew.

Everything in a footer stays as it is, but for where things are and how many rows there are: the schema, what the writer
says of itself, keys and values, statistics of groups that are copied. Page indexes and Bloom filters of such groups are
copied, too; of a group that is not, none is, unless it came with the new columns: they would tell what is gone.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from rightsdesk.sources.compact_thrift import (
    I64,
    DamagedError,
    Elements,
    Field,
    Struct,
    read_struct,
    written,
)

_MAGIC, _ENCRYPTED_MAGIC = b"PAR1", b"PARE"
_ONE_READ = 8 * 1024 * 1024  # bytes
_BLOOM_HEAD = 64  # bytes, more than it ever has
_PAGE_HEAD = 64 * 1024  # bytes, more than it mostly has
_WRONG_SIZES = re.compile(rb"parquet-mr version 1\.[0-2]\.")  # left the head of a dictionary out of the size

# Fields of the footer, by the numbers that they have in its definition.
_ROWS, _GROUPS, _CREATED_BY, _ENCRYPTION = 3, 4, 6, 8
_COLUMNS, _BYTES, _ROWS_OF_GROUP, _SORTING, _GROUP_OFFSET, _PACKED_BYTES, _ORDINAL = 1, 2, 3, 4, 5, 6, 7
_FILE, _CHUNK_OFFSET, _META, _PAGES, _PAGES_LENGTH, _BOUNDS, _BOUNDS_LENGTH, _CRYPTO, _SECRET = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
_PATH, _UNPACKED_SIZE, _SIZE, _NOTES, _DATA, _INDEX, _DICTIONARY, _STATISTICS = 3, 6, 7, 8, 9, 10, 11, 12
_BLOOM, _BLOOM_LENGTH = 14, 15
_LOCATIONS, _LOCATION_OFFSET = 1, 1
_SCHEMA, _KEYS_AND_VALUES = 2, 5
_PAGE_TYPE, _PAGE_CHECKSUM, _NEW_PAGE = 1, 4, 3


class Readable(Protocol):
    """Bytes at any place; `size` of them."""

    size: int

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes | None: ...


class Buffer(io.BytesIO):
    """A file in memory."""

    def __init__(self, content: bytes | memoryview) -> None:
        super().__init__(content)
        self.size = len(content)


def read_footer(file: Readable) -> Struct:
    footer = _footer(file)
    if _ENCRYPTION in footer:
        raise DamagedError("it is encrypted")
    return footer


def _footer(file: Readable) -> Struct:
    tail = b"".join(_read(file, max(0, file.size - 8), min(8, file.size)))
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length + 12 > file.size:
        raise DamagedError("it is no Parquet file, or an encrypted one")
    footer, _ = read_struct(b"".join(_read(file, file.size - 8 - length, length)))
    return footer


def is_encrypted(file: Readable) -> bool:
    """Whether a file, or some columns of it, are. Of one that is no Parquet, False."""
    try:
        return b"".join(_read(file, max(0, file.size - 4), 4)) == _ENCRYPTED_MAGIC or _ENCRYPTION in _footer(file)
    except DamagedError:
        return False


class Element(NamedTuple):
    """A part of the schema, as far as bytes must fit it. After `meaning`, the converted type, statistics are sorted."""

    kind: int | None  # None: it has parts itself
    length: int | None
    repetition: int | None
    parts: int | None
    meaning: int | None

    @property
    def shape(self) -> tuple[int | None, ...]:
        return self[:4]


def columns_of(footer: Struct) -> list[list[Element]]:
    """For each column at the top, it and all its parts, in the order of the schema."""
    columns: list[list[Element]] = []
    left = 0
    for struct in footer[_SCHEMA].value.values[1:]:
        element = Element(*(_value(struct, number) for number in (1, 2, 3, 5, 6)))
        if not left:
            columns.append([])
            left = 1
        columns[-1].append(element)
        left += (element.parts or 0) - 1
    return columns


def without_notes(footer: Struct) -> bytes:
    """A file of nothing but the footer, without keys and values: the schema alone says what stands in columns."""
    end = written({number: field for number, field in footer.items() if number != _KEYS_AND_VALUES})
    return _MAGIC + end + len(end).to_bytes(4, "little") + _MAGIC


class ParquetCopy:
    """Writes the new file, group by group, in the order of the old one."""

    def __init__(self, file: Readable, write: Callable[[bytes], object], footer: Struct) -> None:
        """`footer`: that of the file; it becomes that of the new one."""
        self._file = file
        self._write_bytes = write
        self._footer = footer
        created_by = _value(self._footer, _CREATED_BY) or b""
        if _WRONG_SIZES.match(created_by):
            raise DamagedError("its writer is too old, sizes in it are wrong")
        self._position = 0
        self._groups: list[Struct] = []
        self._later: list[tuple[int, Struct, int, int | None, Callable[[], bytes]]] = []
        self._new: list[Struct] = []  # columns of the group that is put together
        self._write(_MAGIC)

    def pages_of(self, group: int, column: int) -> tuple[bool, bool]:
        """Whether the first page of a column has the form that came later, and whether it has a checksum."""
        meta = self._old(group)[_COLUMNS].value.values[column][_META].value
        first = meta[_DATA].value
        try:
            head, _ = read_struct(_all(self._file, first, min(_PAGE_HEAD, self._file.size - first)))
        except DamagedError:  # it is longer
            return False, False
        return _value(head, _PAGE_TYPE) == _NEW_PAGE, _PAGE_CHECKSUM in head

    def copy_group(self, index: int) -> None:
        """As it is, byte by byte."""
        group = self._old(index)
        chunks = list(group[_COLUMNS].value.values)
        start = self._position
        for chunk in chunks:
            self._copy_chunk(chunk)
        self._end(group, start, group[_ROWS_OF_GROUP].value)

    def copy_columns(self, index: int, columns: Iterable[int]) -> None:
        """Columns of a group that stay as they are: the next ones of the group that is put together."""
        chunks = self._old(index)[_COLUMNS].value.values
        for column in columns:
            self._copy_chunk(chunks[column])
            self._new.append(chunks[column])

    def add_columns(self, content: memoryview, *, with_statistics: list[bool]) -> None:
        """The columns of a file of one group: the next ones of the group that is put together."""
        file = Buffer(content)
        (group,) = read_footer(file)[_GROUPS].value.values
        for chunk, wanted in zip(group[_COLUMNS].value.values, with_statistics, strict=True):
            first, length = _span(chunk, file.size)
            shift = self._position - first
            self._write(content[first : first + length])
            meta = chunk[_META].value
            meta.pop(_NOTES, None)
            if not wanted:
                meta.pop(_STATISTICS, None)
                chunk.pop(_BOUNDS, None)
                chunk.pop(_BOUNDS_LENGTH, None)
            self._place(chunk, shift, file)
            self._new.append(chunk)

    def end_group(self, index: int, *, rows: int, unsorted: set[int]) -> None:
        """The group is what was added since the last one. `unsorted`: columns whose order may be another now."""
        group = self._old(index)
        old = group[_COLUMNS].value.values
        new, self._new = self._new, []
        if len(old) != len(new):
            raise DamagedError("columns are missing")
        for before, after in zip(old, new, strict=True):
            after[_META].value[_PATH] = before[_META].value[_PATH]
        group[_COLUMNS] = Field(group[_COLUMNS].kind, Elements(group[_COLUMNS].value.kind, new))
        sorting = _value(group, _SORTING)
        if sorting is not None and any(_value(column, 1) in unsorted for column in sorting.values):
            group.pop(_SORTING)
        start = self._position - sum(chunk[_META].value[_SIZE].value for chunk in new)
        self._end(group, start, rows)

    def close(self) -> int:
        """Indexes and footer. Gives the number of rows."""
        for _, struct, offset, length, content in sorted(self._later, key=lambda entry: entry[0]):
            block = content()
            struct[offset] = Field(I64, self._position)
            if length is not None:
                struct[length] = Field(struct[length].kind, len(block))
            self._write(block)
        rows: int = sum(group[_ROWS_OF_GROUP].value for group in self._groups)
        for ordinal, group in enumerate(self._groups):
            if _ORDINAL in group:
                group[_ORDINAL] = Field(group[_ORDINAL].kind, ordinal)
        groups = self._footer[_GROUPS]
        self._footer[_ROWS] = Field(I64, rows)
        self._footer[_GROUPS] = Field(groups.kind, Elements(groups.value.kind, self._groups))
        footer = written(self._footer)
        self._write(footer + len(footer).to_bytes(4, "little") + _MAGIC)
        return rows

    def _copy_chunk(self, chunk: Struct) -> None:
        first, length = _span(chunk, self._file.size)
        shift = self._position - first
        for block in _read(self._file, first, length):
            self._write(block)
        self._place(chunk, shift, self._file)

    def _old(self, index: int) -> Struct:
        return dict(self._footer[_GROUPS].value.values[index])

    def _end(self, group: Struct, start: int, rows: int) -> None:
        metas = [chunk[_META].value for chunk in group[_COLUMNS].value.values]
        group[_ROWS_OF_GROUP] = Field(I64, rows)
        group[_BYTES] = Field(I64, sum(meta[_UNPACKED_SIZE].value for meta in metas))
        if _GROUP_OFFSET in group:
            group[_GROUP_OFFSET] = Field(I64, start)
        if _PACKED_BYTES in group:
            group[_PACKED_BYTES] = Field(I64, sum(meta[_SIZE].value for meta in metas))
        self._groups.append(group)

    def _place(self, chunk: Struct, shift: int, file: Readable) -> None:
        """Say where the bytes are now, and remember what is written at the end."""
        meta = chunk[_META].value
        if _value(chunk, _CHUNK_OFFSET):
            chunk[_CHUNK_OFFSET] = Field(I64, chunk[_CHUNK_OFFSET].value + shift)
        for number in (_DATA, _INDEX, _DICTIONARY):
            if _value(meta, number):
                meta[number] = Field(I64, meta[number].value + shift)
        bounds, pages, bloom = _value(chunk, _BOUNDS), _value(chunk, _PAGES), _value(meta, _BLOOM)
        if bounds is not None:
            length = chunk[_BOUNDS_LENGTH].value
            self._later.append((0, chunk, _BOUNDS, _BOUNDS_LENGTH, lambda: _all(file, bounds, length)))
        if pages is not None:
            size = chunk[_PAGES_LENGTH].value
            self._later.append((1, chunk, _PAGES, _PAGES_LENGTH, lambda: _shifted(_all(file, pages, size), shift)))
        if bloom is not None:
            field = _BLOOM_LENGTH if _BLOOM_LENGTH in meta else None
            self._later.append((2, meta, _BLOOM, field, lambda: _bloom(file, bloom)))

    def _write(self, data: bytes | memoryview) -> None:
        self._write_bytes(data)  # type: ignore[arg-type]
        self._position += len(data)


def _value(struct: Struct, number: int) -> Any:
    return struct[number].value if number in struct else None


def _span(chunk: Struct, size: int) -> tuple[int, int]:
    """Where the pages of a column begin, and how many bytes they are."""
    if _FILE in chunk or _CRYPTO in chunk or _SECRET in chunk:
        raise DamagedError("a column is in another file, or encrypted")
    meta = chunk[_META].value
    starts = [_value(meta, number) for number in (_DATA, _DICTIONARY, _INDEX)]
    first = min(start for start in starts if start)
    length: int = meta[_SIZE].value
    if first < len(_MAGIC) or length < 0 or first + length > size:
        raise DamagedError("a column is outside of the file")
    return first, length


def _read(file: Readable, first: int, length: int) -> Iterator[bytes]:
    file.seek(first)
    while length:
        block = file.read(min(length, _ONE_READ))
        if not block:
            raise DamagedError("it ends too early")
        length -= len(block)
        yield block


def _all(file: Readable, first: int, length: int) -> bytes:
    return b"".join(_read(file, first, length))


def _shifted(index: bytes, shift: int) -> bytes:
    """The index of the pages of a column, which says where each is."""
    struct, _ = read_struct(index)
    for location in struct[_LOCATIONS].value.values:
        location[_LOCATION_OFFSET] = Field(I64, location[_LOCATION_OFFSET].value + shift)
    return written(struct)


def _bloom(file: Readable, first: int) -> bytes:
    head, length = read_struct(_all(file, first, min(_BLOOM_HEAD, file.size - first)))
    return _all(file, first, length + head[1].value)
