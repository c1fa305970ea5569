"""Notices of mails that came in, put into their queue as if the mail service had sent them.

`mail/receipt_notice` reads them.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class InboundNotices:
    def __init__(self, queue_url: str, sqs: "SQSClient | None" = None) -> None:
        self._queue_url = queue_url
        self._given = sqs

    def send(self, message_id: str, key: str, received_at: datetime) -> None:
        """A notice without verdicts, sender and recipients: none of the checks counts as passed."""
        notice = {
            "notificationType": "Received",
            "mail": {"messageId": message_id, "timestamp": received_at.isoformat(), "source": None},
            "receipt": {"recipients": [], "action": {"type": "S3", "objectKey": key}},
        }
        envelope = {"Type": "Notification", "Message": json.dumps(notice)}
        try:
            (self._given or client("sqs")).send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(envelope))
        except ClientError as error:
            raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error
