"""The evidence bucket: one object for each event, under Object Lock; whoever writes it can't change it."""

from typing import TYPE_CHECKING

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.s3_errors import translated_errors
from rightsdesk.domain.audit import AuditEvent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3EvidenceStore:
    """Keeps the port EvidenceStore."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._given = s3

    @property
    def _s3(self) -> "S3Client":
        return self._given or client("s3")

    def put(self, event: AuditEvent) -> None:
        with translated_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"audit/{event.request_id}/{event.sequence:06d}.json",
                Body=event.model_dump_json().encode(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",  # Object Lock asks for a checksum
            )
