"""Records as gzip'd JSON Lines in the export bucket, each object under a data key of its own.

Under `work/` lies what was collected, until the package is built; under `kept/`, where the rows are that an erasure
leaves, until the last of them is gone.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Literal, cast

import orjson

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.s3_errors import translated_errors
from rightsdesk.adapters.s3_uploads import UploadWriter
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.records import Record
from rightsdesk.ports.sources import StoredObject

try:
    from isal import igzip as gzip
    from isal import isal_zlib as deflate  # four times as fast, and no larger
except ImportError:  # pragma: no cover - the same interfaces in the standard library
    import gzip  # type: ignore[no-redef]
    import zlib as deflate  # type: ignore[no-redef]

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LEVEL = 1  # it is read once and deleted: speed counts
_BATCH = 64 * 1024
_ESCAPED = b" "  # before a line that the fast parser would refuse or round


def work_prefix(request_id: str) -> str:
    """Everything that collecting keeps of a request. The id is 128 random bits, and is never shown outside."""
    return f"work/{request_id}/"


class S3RecordStore:
    """Keeps the port RecordStore."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None, *, area: Literal["work", "kept"] = "work") -> None:
        self._bucket = bucket
        self._given = s3
        self._area = area

    @property
    def _s3(self) -> "S3Client":
        return self._given or client("s3")

    def write(self, request_id: str, name: str, records: Iterable[Record]) -> StoredObject:
        key = self._key(request_id, name)
        digest = hashlib.sha256()
        rows = 0
        with UploadWriter(self._s3, self._bucket, key, content_type="application/gzip") as upload:

            def put(data: bytes) -> None:
                digest.update(data)
                upload.write(data)

            compressor = deflate.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
            batch = bytearray()
            for rows, record in enumerate(records, start=1):  # noqa: B007 - the count is used after the loop
                batch += _line(record)
                if len(batch) >= _BATCH:
                    put(compressor.compress(bytes(batch)))
                    batch.clear()
            put(compressor.compress(bytes(batch)) + compressor.flush())
        return StoredObject(key=key, rows=rows, bytes=upload.bytes, sha256=digest.hexdigest())

    def read(self, request_id: str, name: str) -> Iterator[Record]:
        with translated_errors():
            body = self._s3.get_object(Bucket=self._bucket, Key=self._key(request_id, name))["Body"]
        return self._records(cast("IO[bytes]", body))

    def _records(self, body: IO[bytes]) -> Iterator[Record]:
        rest = b""
        with translated_errors(), body, gzip.GzipFile(fileobj=body) as file:  # type: ignore[no-untyped-call]
            while data := file.read(_BATCH):
                lines, end, rest = (rest + data).rpartition(b"\n")
                if end:
                    yield from _parsed(lines)

    def exists(self, request_id: str, name: str) -> bool:
        try:
            with translated_errors():
                self._s3.head_object(Bucket=self._bucket, Key=self._key(request_id, name))
        except NotFoundError:
            return False
        return True

    def delete(self, request_id: str, name: str) -> None:
        with translated_errors():
            self._s3.delete_object(Bucket=self._bucket, Key=self._key(request_id, name))

    def _key(self, request_id: str, name: str) -> str:
        return f"{self._area}/{request_id}/{name}.jsonl.gz"


def _line(record: Record) -> bytes:
    """One line. What UTF-8 or 64 bits can't hold (half an emoji, cut off by another system) is kept as it came."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return _ESCAPED + json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def _parsed(lines: bytes) -> list[Record]:
    """The records of several lines. Read as one list, which takes half the time of one by one."""
    if lines.startswith(_ESCAPED) or b"\n" + _ESCAPED in lines:
        return [json.loads(line) if line.startswith(_ESCAPED) else orjson.loads(line) for line in lines.split(b"\n")]
    return cast("list[Record]", orjson.loads(b"[" + lines.replace(b"\n", b",") + b"]"))
