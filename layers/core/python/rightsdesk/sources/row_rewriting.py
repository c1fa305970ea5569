"""Writes a text file, JSON Lines or CSV, plain or gzip, again without what has to go, or with what is right.

All other rows keep their bytes. What is written is read back on its way out: the rows of others that come out are those
that went in, and of the rows that are meant only what may stay is left. Memory is that of a few blocks, whatever the
size of the file.

Under a prefix a file of which every row goes stays as an empty one (CSV: with its header): a prefix under which there
is nothing would look like a wrong one.
"""

# serves: E-03, E-04

import csv
import hashlib
import io
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from io import BufferedIOBase, BufferedReader
from itertools import islice
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record
from rightsdesk.sources.row_changes import (
    RowSeen,
    Rule,
    Sink,
    as_cell,
    has_to_go,
    is_meant,
    still_there,
    still_wrong,
)
from rightsdesk.sources.row_cutting import with_cells, with_members, without_members
from rightsdesk.sources.rows import Unreadable, _gunzipped, _json, _lines
from rightsdesk.sources.s3_file import S3File

try:
    from isal import igzip as gzip  # several times faster
except ImportError:  # pragma: no cover - the same interface in the standard library
    import gzip  # type: ignore[no-redef]

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BLOCK = 1024 * 1024  # bytes that are checked and written at a time
_RANGE = 4 * _BLOCK  # bytes asked of S3 at a time
_BOM = b"\xef\xbb\xbf"


def rewrite_rows(
    file: S3File, collection: FileCollection, wanted: frozenset[str] | None, rule: Rule, out: Sink | None = None
) -> Generator[RowSeen, None, None]:
    """As `row_changes.RowRewrite`."""
    place = file.name
    zipped = collection.compression == "gzip" or (collection.compression == "by_name" and place.endswith(".gz"))
    file.seek(0)
    raw = BufferedReader(file, _RANGE)
    copy = (
        None if out is None else _Copy(_Zipped(out, place) if zipped else _Plain(out), collection, wanted, rule, place)
    )
    try:
        stream: BufferedIOBase = BufferedReader(_gunzipped(raw), _BLOCK) if zipped else raw
        yield from _rewritten(raw_rows(stream, collection, place=place), collection, wanted, rule, copy, place)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceBrokenError(f"{place}: the gzip stream is damaged") from error
    finally:
        raw.detach()  # the file is read again
    if copy is not None:
        copy.close()


def raw_rows(
    stream: BufferedIOBase, collection: FileCollection, *, place: str
) -> Iterator[tuple[bytes, Record | None]]:
    """All bytes of a text in order, row by row as `rows.rows_of` reads them; no row: a mark, a header, empty lines."""
    unreadable = Unreadable(place)
    if collection.format == "jsonl":
        yield from _raw_json_lines(stream, collection, unreadable, place)
    else:
        yield from _raw_csv_rows(stream, collection, unreadable, place)
    unreadable.raise_if_any()


def _raw_json_lines(
    stream: BufferedIOBase, collection: FileCollection, unreadable: Unreadable, place: str
) -> Iterator[tuple[bytes, Record | None]]:
    for number, line in enumerate(_lines(stream, place), 1):
        text = line.removeprefix(_BOM) if number == 1 else line
        if len(text) < len(line):
            yield _BOM, None
        if not text.strip():
            yield text, None
            continue
        try:
            row = _json(text if collection.encoding != "cp932" else text.decode("cp932").encode())
        except ValueError:
            row = None
        if isinstance(row, dict):
            yield text, row
        else:
            unreadable.note(number)


class _Consumed:
    """Lines as text, and the bytes of those that were asked for since the last time."""

    def __init__(self, stream: BufferedIOBase, encoding: str, unreadable: Unreadable, place: str) -> None:
        self._lines = enumerate(_lines(stream, place), 1)
        self._encoding = encoding
        self._unreadable = unreadable
        self._bytes: list[bytes] = []

    def __iter__(self) -> "_Consumed":
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self._bytes.append(line)
        plain_encoding = self._encoding.removesuffix("-sig")
        try:
            return line.decode(self._encoding if number == 1 else plain_encoding)
        except UnicodeDecodeError:
            self._unreadable.note(number)
            return line.decode(plain_encoding, "replace")

    def taken(self) -> bytes:
        taken, self._bytes = b"".join(self._bytes), []
        return taken


def _raw_csv_rows(
    stream: BufferedIOBase, collection: FileCollection, unreadable: Unreadable, place: str
) -> Iterator[tuple[bytes, Record | None]]:
    lines = _Consumed(stream, collection.encoding, unreadable, place)
    reader = csv.reader(lines, delimiter=collection.delimiter, strict=True)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            unreadable.note(reader.line_num)
            lines.taken()
            continue
        if header is None:
            header = cells
            if len(set(header)) != len(header):
                raise SourceBrokenError(f"{place}: a column stands twice in the header")
            if collection.match and collection.match.column not in header:
                raise SourceBrokenError(f"{place}: no column {collection.match.column} in the header")
            yield lines.taken(), None
        elif len(cells) == len(header):
            yield lines.taken(), dict(zip(header, cells, strict=True))
        elif cells:
            unreadable.note(reader.line_num)
            lines.taken()
        else:
            yield lines.taken(), None


def _rewritten(
    rows: Iterator[tuple[bytes, Record | None]],
    collection: FileCollection,
    wanted: frozenset[str] | None,
    rule: Rule,
    copy: "_Copy | None",
    place: str,
) -> Iterator[RowSeen]:
    number = 0
    for raw, record in rows:
        if record is None or not is_meant(record, collection, wanted):
            number += record is not None
            if copy is not None:
                copy.pass_on(raw, record)
            continue
        number += 1
        change = rule(record)
        left = _left(raw, record, change, collection, place)
        if copy is not None and left is not None:
            copy.add(left, record, change)
        yield RowSeen(number, _digest(raw), change, None if left is None else _digest(left))


def _left(raw: bytes, record: Record, change: RowChange, collection: FileCollection, place: str) -> bytes | None:
    """The bytes of a row that stay."""
    if change.fate is RowFate.DELETE:
        return None
    names, values = still_there(record, change, collection), still_wrong(record, change, collection)
    if not names and not values:
        return raw
    encoding = collection.encoding.removesuffix("-sig")
    try:
        if collection.format == "csv":
            cells, new = _cells(record, values or dict.fromkeys(names, ""))
            left = with_cells(raw, cells, new, encoding=encoding, delimiter=collection.delimiter)
        elif values:
            left = with_members(raw, values, encoding=encoding)
        else:
            left = without_members(raw, names, encoding=encoding)
    except ValueError:  # whose text may hold what stands in the row
        left = raw
    if left == raw:
        raise SourceBrokenError(f"{place}: a row can't be {'corrected' if values else 'reduced'}")
    return left


def _cells(record: Record, values: Mapping[str, JsonValue]) -> tuple[list[str], dict[int, str]]:
    """All cells of a row, and the new ones by position. ValueError where the file has no such column."""
    if not values.keys() <= record.keys():
        raise ValueError("no such column")
    new = {position: as_cell(values[name]) for position, name in enumerate(record) if name in values}
    return cast("list[str]", list(record.values())), new


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw.rstrip(b"\r\n")).digest()


class _Rows:
    """Number and digest of the bytes that nobody may touch."""

    def __init__(self) -> None:
        self._rows = 0
        self._digest = hashlib.sha256()

    def add(self, raw: bytes, record: Record | None) -> None:
        self._rows += record is not None
        self._digest.update(raw)

    def same(self, other: "_Rows") -> bool:
        return self._rows == other._rows and self._digest.digest() == other._digest.digest()


class _Copy:
    """The new content, block by block. Each is read back before it is written."""

    def __init__(
        self,
        sink: "_Plain | _Zipped",
        collection: FileCollection,
        wanted: frozenset[str] | None,
        rule: Rule,
        place: str,
    ) -> None:
        self._sink = sink
        self._collection, self._wanted, self._rule, self._place = collection, wanted, rule, place
        self._block: list[bytes] = []
        self._size = 0
        self._written = False
        self._rows = 0  # in the block
        self._meant: dict[int, tuple[Record, RowChange]] = {}  # position in the block -> as it was, what becomes of it
        self._head = b""  # the header of a CSV
        self._went_in, self._came_out = _Rows(), _Rows()

    def pass_on(self, raw: bytes, record: Record | None) -> None:
        if self._collection.format == "csv" and not self._head:
            self._head = raw
        self._went_in.add(raw, record)
        self._take(raw, record is not None)

    def add(self, left: bytes, record: Record, change: RowChange) -> None:
        self._meant[self._rows] = record, change
        self._take(left, True)

    def close(self) -> None:
        self._write()
        self._sink.close()
        if not self._went_in.same(self._came_out):
            raise SourceBrokenError(f"{self._place}: rows of others would change; nothing was written")

    def _take(self, raw: bytes, is_row: bool) -> None:
        self._block.append(raw)
        self._rows += is_row
        self._size += len(raw)
        if self._size >= _BLOCK:
            self._write()

    def _write(self) -> None:
        block = b"".join(self._block)
        self._check(block, self._head if self._written else b"")
        self._sink.write(block)
        self._written = True
        self._block, self._size, self._rows, self._meant = [], 0, 0, {}

    def _check(self, block: bytes, head: bytes) -> None:
        position = 0
        stream = io.BytesIO(head + block)
        rows = raw_rows(stream, self._collection, place=self._place)
        for raw, record in islice(rows, bool(head), None):
            if record is not None and position in self._meant:
                self._check_left(record, *self._meant[position])
            elif record is not None and is_meant(record, self._collection, self._wanted):
                raise SourceBrokenError(f"{self._place}: a row would stay that has to go; nothing was written")
            else:
                self._came_out.add(raw, record)
            position += record is not None
        if position != self._rows:
            raise SourceBrokenError(f"{self._place}: rows would run together; nothing was written")

    def _check_left(self, record: Record, before: Record, change: RowChange) -> None:
        gone = still_there(before, change, self._collection)
        expected = {name: value for name, value in before.items() if name not in gone}
        if self._collection.format == "csv":
            expected = {name: "" if name in gone else value for name, value in before.items()}
        expected |= still_wrong(before, change, self._collection)
        if list(record) != list(expected) or not _alike(record, expected):
            raise SourceBrokenError(f"{self._place}: a row would not be left as it should; nothing was written")
        if is_meant(record, self._collection, self._wanted) and has_to_go(record, self._rule(record), self._collection):
            raise SourceBrokenError(f"{self._place}: a row would not be done with; nothing was written")


def _alike(one: JsonValue, other: JsonValue) -> bool:
    """Whether two readings of the same text say the same. How a large number is given depends on what stands beside it:
    1e300 alone is a number, and beside one that a float would round it is text.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, str) is isinstance(other, str) or one is None or other is None:
        return one == other
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return False


class _Plain:
    def __init__(self, out: Sink) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        self._out.write(data)

    def close(self) -> None:
        """All is written."""


class _Zipped:
    """One gzip member, which is unpacked on its way out and has to give what went in."""

    def __init__(self, out: Sink, place: str) -> None:
        self._out, self._place = out, place
        self._went_in, self._came_out = hashlib.sha256(), hashlib.sha256()
        self._unzip = zlib.decompressobj(wbits=31)
        self._zip = gzip.GzipFile(fileobj=_Calling(self._pass_on), mode="wb", mtime=0)  # type: ignore[no-untyped-call]

    def write(self, data: bytes) -> None:
        self._went_in.update(data)
        self._zip.write(data)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._zip.close()
        if not self._unzip.eof or self._went_in.digest() != self._came_out.digest():
            raise SourceBrokenError(f"{self._place}: what was packed can't be unpacked; nothing was written")

    def _pass_on(self, data: bytes) -> None:
        left = data
        try:
            while left:
                self._came_out.update(self._unzip.decompress(left, _BLOCK))
                left = self._unzip.unconsumed_tail
        except zlib.error as error:
            raise SourceBrokenError(f"{self._place}: what was packed is damaged; nothing was written") from error
        self._out.write(data)


class _Calling(io.RawIOBase):
    """A file that hands on what is written to it."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._take = take

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        taken = bytes(data)
        self._take(taken)
        return len(taken)
