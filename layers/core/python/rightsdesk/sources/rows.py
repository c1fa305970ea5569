"""Rows of a text file, JSON Lines or CSV, plain or gzip, one at a time: memory does not grow with the file.

A row that can't be read is counted and the next one is read; `Unreadable.raise_if_any` then names the place. Whose row
it was can't be known, so without it nothing is complete.
"""

import csv
import json
import re
import zlib
from collections.abc import Iterator
from decimal import Decimal
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import Any, cast

import orjson

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record, plain

try:
    from isal import igzip as gzip  # several times faster
except ImportError:  # pragma: no cover - the same interface in the standard library
    import gzip  # type: ignore[no-redef]

_CHUNK = 1024 * 1024
_RANGE = 4 * _CHUNK  # bytes asked of S3 at a time
MAX_LINE = 16 * 1024 * 1024  # bytes; a longer line is no line
_LONG_NUMBER = re.compile(rb"[0-9][0-9.]{15}")  # more digits than a float keeps
csv.field_size_limit(MAX_LINE)


class Unreadable:
    """Rows of one file that can't be read: how many, and where the first is."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._count = 0
        self._first = 0

    def note(self, line: int) -> None:
        self._first = self._first or line
        self._count += 1

    def raise_if_any(self) -> None:
        if self._count:
            rows = "1 row" if self._count == 1 else f"{self._count} rows"
            raise SourceBrokenError(f"{self._place}: {rows} can't be read, the first in line {self._first}")


def rows_of(file: RawIOBase, collection: FileCollection, *, place: str) -> Iterator[Record]:
    """All rows of one file. Raises SourceBrokenError at once or, for single rows, at the end."""
    unreadable = Unreadable(place)
    zipped = collection.compression == "gzip" or (collection.compression == "by_name" and place.endswith(".gz"))
    raw = BufferedReader(file, _RANGE)
    stream = BufferedReader(_gunzipped(raw), _CHUNK) if zipped else raw
    read = _json_lines if collection.format == "jsonl" else _csv_rows
    try:
        yield from read(stream, collection, unreadable, place)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceBrokenError(f"{place}: the gzip stream is damaged") from error
    unreadable.raise_if_any()


def _gunzipped(raw: BufferedIOBase) -> RawIOBase:
    """All members of a gzip stream, one after another."""
    unzipped: Any = gzip.GzipFile(fileobj=raw)  # type: ignore[no-untyped-call]
    return cast("RawIOBase", unzipped)


def _lines(stream: BufferedIOBase, place: str) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise SourceBrokenError(f"{place}: a line is longer than {MAX_LINE} bytes")
        yield line


def _json_lines(
    stream: BufferedIOBase, collection: FileCollection, unreadable: Unreadable, place: str
) -> Iterator[Record]:
    for number, line in enumerate(_lines(stream, place), 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            row = _json(text if collection.encoding != "cp932" else text.decode("cp932").encode())
        except ValueError:  # not JSON, or not in this encoding
            row = None
        if isinstance(row, dict):
            yield row
        else:
            unreadable.note(number)


def _json(line: bytes) -> object:
    if _LONG_NUMBER.search(line):  # maybe in a text, maybe a number that a float would round
        return plain(json.loads(line, parse_float=Decimal, parse_constant=_no_json))
    return orjson.loads(line)


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _csv_rows(
    stream: BufferedIOBase, collection: FileCollection, unreadable: Unreadable, place: str
) -> Iterator[Record]:
    reader = csv.reader(
        _decoded(stream, collection.encoding, unreadable, place), delimiter=collection.delimiter, strict=True
    )
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            unreadable.note(reader.line_num)
            continue
        if header is None:
            header = cells
            if len(set(header)) != len(header):
                raise SourceBrokenError(f"{place}: a column stands twice in the header")
            if collection.match and collection.match.column not in header:
                raise SourceBrokenError(f"{place}: no column {collection.match.column} in the header")
        elif len(cells) == len(header):
            yield dict(zip(header, cells, strict=True))
        elif cells:  # an empty line is no row
            unreadable.note(reader.line_num)


def _decoded(stream: BufferedIOBase, encoding: str, unreadable: Unreadable, place: str) -> Iterator[str]:
    plain_encoding = encoding.removesuffix("-sig")
    for number, line in enumerate(_lines(stream, place), 1):
        try:
            yield line.decode(encoding if number == 1 else plain_encoding)
        except UnicodeDecodeError:
            unreadable.note(number)
            yield line.decode(plain_encoding, "replace")  # so that a quoted cell over several lines still ends
