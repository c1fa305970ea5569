"""One ZIP part of a package, streamed to a writer that can't be sought (a multipart upload, a pipe).

The same files give the same bytes: one time stamp, one set of attributes, the order in which entries are opened.
Each file is hashed as it passes, and so is the part. Memory is the buffer of one entry, whatever its size.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from rightsdesk.domain.errors import RightsdeskError
from rightsdesk.export.entry_names import EntryNames

try:
    from isal import isal_zlib
except ImportError:  # pragma: no cover - the layer ships it; without it packages are only built more slowly
    isal_zlib = None  # type: ignore[assignment]

MAX_PART_BYTES = 2_000_000_000  # below 2^31, so that no file needs ZIP64, which some unpackers read badly
_BUFFER_BYTES = 128 * 1024
_ISAL_LEVEL = 2  # as small as zlib 6 on JSON, about ten times as fast; level 3 is slower and no smaller
_ZLIB_LEVEL = 6
_FILE_ATTRIBUTES = 0o100644 << 16  # a plain file, rw-r--r--
_UTF8_NAME = 0x800
_ENTRY_OVERHEAD = 30 + 16 + 46 + 2 * 120  # both headers, the descriptor, the name twice


class PackageError(RightsdeskError):
    """The package can't be built as asked: a part or a file grew beyond its limit, or a source changed meanwhile."""

    code = "package"


class PartSink(Protocol):
    """Where a part goes. Who opened it completes it or throws it away."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class FileDigest:
    """A file as written: bytes before compression and their SHA-256 in hex."""

    bytes: int
    sha256: str


class EntryWriter:
    """One file of a part; made by `PartArchive.entry`."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._hash = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._buffered = 0
        self.bytes_written = 0

    def write(self, data: bytes) -> None:
        self._chunks.append(data)
        self._buffered += len(data)
        self.bytes_written += len(data)
        if self._buffered >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._buffered = 0
        self._hash.update(data)
        self._handle.write(data)

    def digest(self) -> FileDigest:
        return FileDigest(self.bytes_written, self._hash.hexdigest())


class PartArchive:
    """A part that is being written. `folder` is the one directory inside it; names of entries are relative to it."""

    def __init__(
        self,
        sink: PartSink,
        *,
        folder: str,
        modified: datetime,
        max_bytes: int = MAX_PART_BYTES,
        fast: bool = True,
    ) -> None:
        self._output = _Output(sink, max_bytes)
        self._zip = zipfile.ZipFile(self._output, "w", zipfile.ZIP_DEFLATED, False, compresslevel=_ZLIB_LEVEL)  # type: ignore[call-overload]
        self._names = EntryNames()
        self._folder = folder
        self._time = modified.astimezone(UTC).timetuple()[:6]
        self._fast = fast
        self._entries = 0

    @property
    def bytes_written(self) -> int:
        """Bytes of the part so far, with what its directory at the end will need."""
        return self._output.bytes + (self._entries + 1) * _ENTRY_OVERHEAD

    @contextmanager
    def entry(self, name: str) -> Iterator[EntryWriter]:
        """Opens the next file. Raises EntryNameError for a bad name, PackageError when the part is full."""
        info = _PlainFile(self._names.claim(f"{self._folder}/{name}"), self._time)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = _FILE_ATTRIBUTES
        info.create_system = 3
        self._entries += 1
        handle: Any = self._zip.open(info, "w")
        if self._fast:
            _use_fast_deflate(handle)
        writer = EntryWriter(handle)
        try:
            yield writer
            writer.flush()
        except BaseException:
            self._output.discard = True
            raise
        finally:
            handle.close()

    def close(self) -> FileDigest:
        """Writes the directory at the end; answers the size of the part and its SHA-256."""
        self._zip.close()
        return FileDigest(self._output.bytes, self._output.hash.hexdigest())

    def abandon(self) -> None:
        """Lets go of a part that failed: nothing more is written to the sink, not even the directory."""
        self._output.discard = True
        self._zip.close()


class _PlainFile(zipfile.ZipInfo):
    """An entry whose name is flagged as UTF-8 even where it is ASCII, so that no unpacker has to guess."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name is zipfile's
        return self.filename.encode(), self.flag_bits | _UTF8_NAME


class _Output:
    """What zipfile writes to: counts and hashes. It has no `tell` and no `seek`, so zipfile never goes back."""

    def __init__(self, sink: PartSink, max_bytes: int) -> None:
        self._sink = sink
        self._max_bytes = max_bytes
        self.bytes = 0
        self.hash = hashlib.sha256()
        self.discard = False

    def write(self, data: bytes) -> int:
        if not self.discard:
            if self.bytes + len(data) > self._max_bytes:
                raise PackageError(f"a part grew beyond {self._max_bytes} bytes")
            self._sink.write(data)
            self.bytes += len(data)
            self.hash.update(data)
        return len(data)

    def flush(self) -> None:
        """zipfile asks for it; the sink flushes when it is closed."""


def _use_fast_deflate(handle: Any) -> None:
    """Puts isal in the place of zlib. The place is a private name of zipfile: where it is missing, zlib stays."""
    if isal_zlib is not None and isinstance(getattr(handle, "_compressor", None), type(zlib.compressobj())):
        handle._compressor = isal_zlib.compressobj(_ISAL_LEVEL, zlib.DEFLATED, -15)
