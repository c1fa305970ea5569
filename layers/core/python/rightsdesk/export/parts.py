"""Writes the files of a package into as many ZIP parts as they need.

Every part stays open until all of the data are written: only then is known what each part must say of the others.
What people read first (pages, letters, the list of what was withheld) is in the first part.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from rightsdesk.export.archive import FileDigest, PartArchive, PartSink
from rightsdesk.export.encoding import encode_document
from rightsdesk.export.layout import media_type, part_file, part_folder, segment_path
from rightsdesk.export.manifest import MANIFEST, SUMS, FileEntry, PartEntry, contents_digest, sums_text
from rightsdesk.export.package import PackageLimits, PartSummary

_BYTES_AT_ONCE = 64 * 1024  # rows are written in batches of about this size, and never more than 32 of them
_MOST_ROWS_AT_ONCE = 32

OpenPart = Callable[[int], AbstractContextManager[PartSink]]
"""Opens the sink of a part by its number, from 1. Left in peace it completes, left by an exception it aborts."""

ManifestOf = Callable[[int, tuple[PartEntry, ...], tuple[FileEntry, ...]], BaseModel]
"""Makes the manifest of one part from its number, the list of all parts, and its own files."""


@dataclass(frozen=True)
class Frame:
    """A file that is a stream of rows: what comes before, between and after them. `tail` is given their number."""

    head: bytes = b""
    separator: bytes = b""
    tail: Callable[[int], bytes] = lambda _rows: b""


@dataclass
class _Part:
    number: int
    archive: PartArchive
    files: list[FileEntry] = field(default_factory=list)


class PartsWriter:
    """One package that is being written: `stream` and `document`, then `finish` once.

    A context manager: left by an exception it abandons every part, and their sinks abort.
    """

    def __init__(self, *, open_part: OpenPart, package: str, modified: datetime, limits: PackageLimits) -> None:
        if limits.part_bytes <= limits.reserve_bytes + 2 * _BYTES_AT_ONCE:
            raise ValueError("a part must be larger than its reserve")
        self._open_part = open_part
        self._package = package
        self._modified = modified
        self._limits = limits
        self._parts: list[_Part] = []
        self._sinks = ExitStack()
        self._next_part()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for part in self._parts:
                part.archive.abandon()
        self._sinks.__exit__(kind, error, trace)

    @property
    def count(self) -> int:
        return len(self._parts)

    @property
    def files(self) -> dict[str, int]:
        """Path -> number of its part, for all files so far."""
        return {entry.path: part.number for part in self._parts for entry in part.files}

    def document(self, path: str, content: bytes, *, part: int = 1, schema: str | None = None) -> None:
        """Writes one small file, into the first part unless told otherwise."""
        target = self._parts[part - 1]
        with target.archive.entry(path) as entry:
            entry.write(content)
        self._record(target, path, entry.digest(), schema=schema)

    def stream(
        self,
        path: str,
        rows: Iterable[bytes],
        *,
        frame: Callable[[int], Frame],
        max_rows: int | None = None,
        schema: str | None = None,
    ) -> tuple[str, ...]:
        """Writes rows as one file, or as several (`orders.json`, `orders-2.json`) where a limit is reached.

        `frame` is asked for each file by its number, from 1. There is always one file, also without rows. Answers the
        paths.
        """
        paths: list[str] = []
        left: Iterator[bytes] | None = iter(rows)
        while left is not None:
            paths.append(segment_path(path, len(paths) + 1))
            left = self._write_file(paths[-1], left, frame(len(paths)), max_rows or sys.maxsize, schema)
        return tuple(paths)

    def finish(self, manifest_of: ManifestOf) -> list[PartSummary]:
        """Writes manifest and sums of each part and completes it."""
        listed = tuple(self._part_entry(part) for part in self._parts)
        summaries = []
        for part in self._parts:
            files = tuple(sorted(part.files, key=lambda entry: entry.path))
            model = manifest_of(part.number, listed, files)
            content = encode_document(model.model_dump(mode="json", by_alias=True, exclude_none=True))
            digest = hashlib.sha256(content).hexdigest()
            for path, data in ((MANIFEST, content), (SUMS, sums_text(files, manifest_sha256=digest).encode())):
                with part.archive.entry(path) as entry:
                    entry.write(data)
            whole = part.archive.close()
            summaries.append(
                PartSummary(
                    name=part_file(self._package, part.number),
                    bytes=whole.bytes,
                    sha256=whole.sha256,
                    manifest_sha256=digest,
                )
            )
        return summaries

    def _write_file(
        self, path: str, rows: Iterator[bytes], frame: Frame, max_rows: int, schema: str | None
    ) -> Iterator[bytes] | None:
        """Writes one file; answers the rows that did not go in, or None where all did."""
        part = self._part_with_room()
        count, at_once = 0, 1
        with part.archive.entry(path) as entry:
            entry.write(frame.head)
            while batch := list(islice(rows, min(at_once, max_rows - count))):
                data = frame.separator.join(batch)
                entry.write(data if count == 0 else frame.separator + data)
                count += len(batch)
                if entry.bytes_written >= self._limits.file_bytes or not self._has_room(part):
                    break
                at_once = max(1, min(_MOST_ROWS_AT_ONCE, _BYTES_AT_ONCE * len(batch) // (len(data) or 1)))
            entry.write(frame.tail(count))
        self._record(part, path, entry.digest(), rows=count, schema=schema)
        following = next(rows, None)
        return None if following is None else chain((following,), rows)

    def _has_room(self, part: _Part) -> bool:
        return part.archive.bytes_written < self._limits.part_bytes - self._limits.reserve_bytes

    def _part_with_room(self) -> _Part:
        return self._parts[-1] if self._has_room(self._parts[-1]) else self._next_part()

    def _next_part(self) -> _Part:
        number = len(self._parts) + 1
        sink = self._sinks.enter_context(self._open_part(number))
        archive = PartArchive(
            sink,
            folder=part_folder(self._package, number),
            modified=self._modified,
            max_bytes=self._limits.part_bytes,
        )
        self._parts.append(_Part(number, archive))
        return self._parts[-1]

    def _record(
        self, part: _Part, path: str, digest: FileDigest, *, rows: int | None = None, schema: str | None = None
    ) -> None:
        part.files.append(
            FileEntry(
                path=path,
                bytes=digest.bytes,
                sha256=digest.sha256,
                media_type=media_type(path),
                rows=rows,
                schema=schema,
            )
        )

    def _part_entry(self, part: _Part) -> PartEntry:
        return PartEntry(
            part=part.number,
            name=part_file(self._package, part.number),
            folder=part_folder(self._package, part.number),
            files=len(part.files),
            contents_sha256=contents_digest(part.files),
        )
