"""Packages in the export bucket: written in pieces, fetched through short links, gone when their time is over."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.s3_errors import translated_errors
from rightsdesk.adapters.s3_uploads import UploadWriter

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_DELETED_AT_ONCE = 1000  # S3: keys in one DeleteObjects


def export_prefix(request_id: str) -> str:
    """Every package that was ever built for a request, the abandoned ones included."""
    return f"exports/{request_id}/"


class S3ExportStore:
    """Keeps the ports ExportStore and TransferFiles."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._given = s3

    @property
    def _s3(self) -> "S3Client":
        return self._given or client("s3")

    def new_prefix(self, request_id: str) -> str:
        return f"{export_prefix(request_id)}{secrets.token_hex(16)}/"

    def open_part(self, key: str) -> BinaryIO:
        return cast("BinaryIO", UploadWriter(self._s3, self._bucket, key, content_type="application/zip"))

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        return self._s3.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
                "ResponseContentType": "application/zip",
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )

    def open_zip(self, key: str) -> BinaryIO:
        with translated_errors():
            return cast("BinaryIO", _ObjectReader(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]))

    def keep_receipt(self, key: str, text: str) -> None:
        with translated_errors():
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=text.encode("utf-8", "replace"), ContentType="text/plain"
            )

    def purge(self, prefixes: Iterable[str]) -> int:
        """Versions and delete markers one by one, so that nothing stays as a noncurrent version."""
        gone = 0
        for prefix in prefixes:
            with translated_errors():
                batch: list[dict[str, str]] = []
                for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix):
                    for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                        batch.append({"Key": version["Key"], "VersionId": version["VersionId"]})
                        if len(batch) == _DELETED_AT_ONCE:
                            gone += self._delete(batch)
                            batch = []
                gone += self._delete(batch)
                for uploads in self._s3.get_paginator("list_multipart_uploads").paginate(
                    Bucket=self._bucket, Prefix=prefix
                ):
                    for upload in uploads.get("Uploads", []):
                        self._s3.abort_multipart_upload(
                            Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
        return gone

    def discard(self, prefix: str) -> None:
        """Delete what is there now; noncurrent versions go by the bucket's lifecycle. For a task in flight."""
        with translated_errors():
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    self._s3.delete_object(Bucket=self._bucket, Key=entry["Key"])

    def _delete(self, batch: list[dict[str, str]]) -> int:
        if not batch:
            return 0
        answer = self._s3.delete_objects(
            Bucket=self._bucket,
            Delete={"Objects": batch, "Quiet": True},  # type: ignore[typeddict-item]
        )
        if answer.get("Errors"):
            # Whoever closes the case must know: what should be gone is still there.
            raise RuntimeError(f"{len(answer['Errors'])} objects could not be deleted")
        return len(batch)


class _ObjectReader:
    """Reads one object as it comes; an error on the way is ours, and not that of who is sent it."""

    def __init__(self, body: "StreamingBody") -> None:
        self._body = body

    def read(self, size: int) -> bytes:
        with translated_errors():
            return self._body.read(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._body.close()
