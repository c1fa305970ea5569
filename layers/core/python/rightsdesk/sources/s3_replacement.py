"""Puts another content in the place of an S3 object, unless the object has changed since it was read.

Everything else about the object stays: what it says of itself, its tags, its storage class and its encryption. Not its
ACL, which S3 gives no way to keep: the new one is the owner's alone, as in every bucket that has ACLs switched off.
"""

# serves: E-04

import io
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.domain.errors import RightsdeskError, SourceBrokenError
from rightsdesk.sources.failures import answer_code, reading
from rightsdesk.sources.s3_file import S3File

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE = 8 * 1024 * 1024  # bytes that are sent at a time. S3: at least 5 MiB a piece, at most 10,000 pieces
_MOST_PIECES = 9_000
_KEPT = (
    "BucketKeyEnabled",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "StorageClass",
    "WebsiteRedirectLocation",
)
_CHECKSUMS = ("CRC32", "SHA256", "SHA1")  # those that the SDK reckons without a library of its own; else the first
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "NoSuchUpload"}
_CHANGED_OF_HEAD = {"404", "412"}  # an answer without a body has no name


class StoredObject(S3File):
    """One object, or one of its versions, as it is at this moment: what is read and written later is of this ETag."""

    def __init__(
        self, client: "S3Client", bucket: str, key: str, *, size: int, etag: str | None, first: bytes = b""
    ) -> None:
        super().__init__(client, bucket, key, size=size, etag=etag, first=first)
        self.bucket, self.key, self.etag = bucket, key, etag or ""

    @classmethod
    def version(cls, client: "S3Client", bucket: str, key: str, *, version: str, size: int, etag: str) -> Self:
        file = cls(client, bucket, key, size=size, etag=etag)
        file._request["VersionId"] = version
        return file

    def close(self) -> None:
        """It holds nothing open, and is read again after whoever read it has closed it."""


def has_changed(error: RightsdeskError) -> bool:
    """Whether an error only says that the object is not, or no longer, the one that was read."""
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return False
    changed = _CHANGED | _CHANGED_OF_HEAD if cause.operation_name == "HeadObject" else _CHANGED
    return answer_code(cause) in changed


def remove(client: "S3Client", file: StoredObject) -> None:
    """Delete the object, if it is still the one that was read."""
    with reading(file.name):
        _head(client, file)
        client.delete_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag)


class Replacement:
    """Writes the new content. It stands there only after `complete()`; left without, it leaves nothing behind.

    Small objects take one PutObject, others are sent in pieces; either is refused where the object is another by now.
    """

    def __init__(self, client: "S3Client", file: StoredObject) -> None:
        self._client = client
        self._file = file
        self._target: dict[str, Any] = {"Bucket": file.bucket, "Key": file.key}
        self._piece = max(PIECE, file.size // _MOST_PIECES)
        self._buffer = io.BytesIO()
        self._settings: dict[str, Any] = {}
        self._upload_id: str | None = None
        self._pieces: list[dict[str, Any]] = []
        self._completed = False

    def write(self, data: bytes, /) -> int:
        rest = memoryview(data)
        while len(rest):
            room = self._piece - self._buffer.tell()
            self._buffer.write(rest[:room])
            rest = rest[room:]
            if self._buffer.tell() >= self._piece:
                self._send()
        return len(data)

    def complete(self) -> None:
        with reading(self._file.name):
            if self._upload_id is None:
                self._client.put_object(**self._target, **self._asked(), Body=self._taken(), IfMatch=self._file.etag)
            else:
                if self._buffer.tell():
                    self._send()
                self._client.complete_multipart_upload(
                    **self._target,
                    UploadId=self._upload_id,
                    MultipartUpload={"Parts": self._pieces},  # type: ignore[typeddict-item]
                    IfMatch=self._file.etag,
                )
        self._completed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._upload_id is None or self._completed:
            return
        try:
            self._client.abort_multipart_upload(**self._target, UploadId=self._upload_id)
        except (ClientError, BotoCoreError):
            return  # what is left is unseen, and goes by the rule of the bucket for uploads that were never completed

    def _send(self) -> None:
        with reading(self._file.name):
            if self._upload_id is None:
                started = self._client.create_multipart_upload(**self._target, **self._asked())
                self._upload_id = started["UploadId"]
            number = len(self._pieces) + 1
            sent = self._client.upload_part(
                **self._target,
                UploadId=self._upload_id,
                PartNumber=number,
                Body=self._taken(),
                ChecksumAlgorithm=self._settings["ChecksumAlgorithm"],
            )
        sums = {name: value for name, value in sent.items() if name.startswith("Checksum")}
        self._pieces.append({"ETag": sent["ETag"], "PartNumber": number, **sums})

    def _taken(self) -> io.BytesIO:
        taken, self._buffer = self._buffer, io.BytesIO()
        taken.seek(0)
        return taken

    def _asked(self) -> dict[str, Any]:
        """What the object says of itself, asked once and as late as possible."""
        if not self._settings:
            head = _head(self._client, self._file)
            tags = self._client.get_object_tagging(**self._target)["TagSet"]
            self._settings = {name: head[name] for name in _KEPT if name in head}
            if tags:
                self._settings["Tagging"] = urlencode([(tag["Key"], tag["Value"]) for tag in tags])
            used = [name for name in _CHECKSUMS if f"Checksum{name}" in head]
            self._settings["ChecksumAlgorithm"] = (used or _CHECKSUMS)[0]
        return self._settings


def _head(client: "S3Client", file: StoredObject) -> dict[str, Any]:
    head: dict[str, Any] = dict(
        client.head_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag, ChecksumMode="ENABLED")
    )
    if head.get("ObjectLockLegalHoldStatus") == "ON":
        raise SourceBrokenError(f"{file.name}: it is under a legal hold")
    if head.get("MissingMeta"):
        raise SourceBrokenError(f"{file.name}: it has metadata that can't be read, and would be lost")
    return head
