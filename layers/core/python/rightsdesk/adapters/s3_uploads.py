"""A writer that uploads to S3 as it is written: unseekable, in pieces, with bounded memory."""

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.s3_errors import translated_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE = 8 * 1024 * 1024  # S3: at least 5 MiB a piece, at most 10,000 pieces


class UploadWriter:
    """Writes one object. It exists only after `close()`; `abort()` leaves nothing behind.

    As a context manager it closes at the end and aborts on an exception. Small objects take one PutObject.
    """

    def __init__(self, s3: "S3Client", bucket: str, key: str, *, content_type: str) -> None:
        self._s3 = s3
        self._target: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._content_type = content_type
        self._buffer = io.BytesIO()
        self._upload_id: str | None = None
        self._pieces: list[dict[str, Any]] = []
        self._ended = False
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self._buffer.write(data)
        self.bytes += len(data)
        if self._buffer.tell() >= _PIECE:
            self._send()
        return len(data)

    def flush(self) -> None:
        """Pieces go out when they are full."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if self._ended:
            return
        with translated_errors():
            if self._upload_id is None:
                self._s3.put_object(**self._target, Body=self._taken(), ContentType=self._content_type)
            else:
                if self._buffer.tell():
                    self._send()
                self._s3.complete_multipart_upload(
                    **self._target,
                    UploadId=self._upload_id,
                    MultipartUpload={"Parts": self._pieces},  # type: ignore[typeddict-item]
                )
        self._ended = True

    def abort(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._taken()
        if self._upload_id is not None:
            try:
                self._s3.abort_multipart_upload(**self._target, UploadId=self._upload_id)
            except (ClientError, BotoCoreError):
                return  # the lifecycle rule removes what is left after a day

    def _send(self) -> None:
        with translated_errors():
            if self._upload_id is None:
                started = self._s3.create_multipart_upload(**self._target, ContentType=self._content_type)
                self._upload_id = started["UploadId"]
            number = len(self._pieces) + 1
            sent = self._s3.upload_part(**self._target, UploadId=self._upload_id, PartNumber=number, Body=self._taken())
        self._pieces.append({"ETag": sent["ETag"], "PartNumber": number})

    def _taken(self) -> io.BytesIO:
        """What is in the buffer, to be read from its start, without a copy; the buffer is then a new one."""
        taken, self._buffer = self._buffer, io.BytesIO()
        taken.seek(0)
        return taken

    def __enter__(self) -> "UploadWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
