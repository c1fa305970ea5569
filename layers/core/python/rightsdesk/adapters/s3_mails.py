"""What mails say, in the mail bucket: raw as SES wrote it, read as JSON, and attachments in quarantine.

inbound/       raw mail, 30 days
messages/      what was read of it, 200 days
quarantine/    attachments under random names, 200 days; never with a type that a browser would show
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.s3_errors import translated_errors
from rightsdesk.domain.mail_item import MailContent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UNSHOWN = "application/octet-stream"


class S3MailFiles:
    """Keeps the port MailFiles."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._given = s3

    @property
    def _s3(self) -> "S3Client":
        return self._given or client("s3")

    def raw(self, key: str) -> bytes:
        with translated_errors():
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def stored_between(self, after: datetime, before: datetime) -> Iterator[tuple[str, datetime]]:
        """(key, when it was stored) of raw mails. All are listed, for their keys say nothing of the time."""
        with translated_errors():
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="inbound/")
            for page in pages:
                for found in page.get("Contents", []):
                    if after <= found["LastModified"] <= before:
                        yield found["Key"], found["LastModified"]

    def content_key(self, mail_id: str) -> str:
        return f"messages/{mail_id}.json"

    def put_content(self, mail_id: str, content: MailContent) -> None:
        with translated_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self.content_key(mail_id),
                Body=content.model_dump_json().encode(),
                ContentType="application/json",
            )

    def content(self, mail_id: str) -> MailContent:
        with translated_errors():
            body = self._s3.get_object(Bucket=self._bucket, Key=self.content_key(mail_id))["Body"].read()
        return MailContent.model_validate_json(body)

    def put_file(self, key: str, body: bytes, *, name: str) -> None:
        with translated_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=_UNSHOWN,
                ContentDisposition="attachment",
                Metadata={"original-name": quote(name)},
            )

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        disposition = f"attachment; filename=\"attachment\"; filename*=UTF-8''{quote(filename)}"
        return self._s3.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": disposition,
                "ResponseContentType": _UNSHOWN,
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with translated_errors():
                self._s3.delete_object(Bucket=self._bucket, Key=key)
