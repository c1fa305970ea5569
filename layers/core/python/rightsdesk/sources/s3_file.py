"""One S3 object as a file that is read by ranges: any part, in any order, and never held whole.

Every range is asked for under the ETag of the first, so that a file is never read half old and half new.
"""

import io
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from rightsdesk.domain.errors import SourceUnavailableError
from rightsdesk.sources.failures import answer_code, reading

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3 import S3Client

_RANGE = 4 * 1024 * 1024  # bytes of the first request, which mostly is the only one
_LEAST = 1024 * 1024  # bytes of each other one: columns lie side by side, and a request costs more than its bytes


class S3File(io.RawIOBase):
    """Readable and seekable. `name` is `bucket/key`, for messages."""

    def __init__(
        self, client: "S3Client", bucket: str, key: str, *, size: int, etag: str | None, first: bytes = b""
    ) -> None:
        super().__init__()
        self.name = f"{bucket}/{key}"
        self.size = size
        self._client = client
        self._request: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if etag:
            self._request["IfMatch"] = etag
        self._block_start, self._block = 0, first  # what is at hand
        self._position = 0

    @classmethod
    def open(cls, client: "S3Client", bucket: str, key: str) -> Self | None:
        """None where there is no such object. The first range comes with the answer: a small object is one request."""
        with reading(f"{bucket}/{key}"):
            try:
                answer = client.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{_RANGE - 1}")
                first = answer["Body"].read()
            except ClientError as error:
                if answer_code(error) == "NoSuchKey":
                    return None
                if answer_code(error) == "InvalidRange":  # there, and empty
                    return cls(client, bucket, key, size=0, etag=None)
                raise
        size = int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else len(first)
        return cls(client, bucket, key, size=size, etag=answer["ETag"], first=first)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """As many bytes as are left, up to the length of `buffer`, in one request at most."""
        view = memoryview(buffer).cast("B")
        start, end = self._position, min(self._position + len(view), self.size)
        if start >= end:
            return 0
        if not self._block_start <= start < self._block_start + len(self._block):
            first = 0 if self.size <= _LEAST else start
            self._block_start, self._block = first, self._range(first, min(max(end, first + _LEAST), self.size))
        offset = start - self._block_start
        data = self._block[offset : offset + end - start]
        view[: len(data)] = data
        self._position = start + len(data)
        return len(data)

    def _range(self, start: int, end: int) -> bytes:
        with reading(self.name):
            data: bytes = self._client.get_object(Range=f"bytes={start}-{end - 1}", **self._request)["Body"].read()
        if len(data) != end - start:
            raise SourceUnavailableError(f"{self.name}: {len(data)} bytes came instead of {end - start}")
        return data
