"""Mail out, through Amazon SES: one plain MIME message of ours, with the headers that we chose and no others."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.mime_message import message_bytes
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import OutgoingMail

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTagTypeDef

_RETRYABLE = {
    "InternalServiceErrorException",
    "LimitExceededException",
    "ThrottlingException",
    "TooManyRequestsException",
    "SendingPausedException",
}
# What SES takes as the name and as the value of a tag.
_TAG_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,256}")


class SesMailer:
    """Keeps the port Mailer. `sender` is an address; `name` is shown beside it.

    `reply_to` is the mailbox that mail comes in by; empty where none does, and letters then are answered to `sender`.
    """

    def __init__(
        self,
        *,
        sender: str,
        name: str,
        configuration_set: str,
        reply_to: str = "",
        sesv2: "SESV2Client | None" = None,
    ) -> None:
        self._sender = sender
        self._name = name
        self._configuration_set = configuration_set
        self._reply_to = reply_to
        self._given = sesv2

    @property
    def _sesv2(self) -> "SESV2Client":
        return self._given or client("sesv2")

    def send(self, mail: OutgoingMail) -> str:
        raw = message_bytes(mail, sender=self._sender, name=self._name, mailbox=self._reply_to)
        optional = {"ConfigurationSetName": self._configuration_set} if self._configuration_set else {}
        try:
            answer = self._sesv2.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Raw": {"Data": raw}},
                EmailTags=_email_tags(mail.tags),
                **optional,  # type: ignore[arg-type]
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _RETRYABLE:
                raise ServiceUnavailableError(code) from error
            raise MailRejectedError(code) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error
        return answer["MessageId"]


def _email_tags(tags: Mapping[str, str]) -> "list[MessageTagTypeDef]":
    """Raises MailRejectedError where SES would refuse them."""
    for name, value in tags.items():
        if not (_TAG_NAME.fullmatch(name) and _TAG_VALUE.fullmatch(value)):
            raise MailRejectedError("tags")
    return [{"Name": name, "Value": value} for name, value in tags.items()]
