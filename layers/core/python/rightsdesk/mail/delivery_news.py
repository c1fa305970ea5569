"""Read what Amazon SES says of a mail: its event, as a notification of SNS brings it.

Our tags on the mail say which letter it was. What is not an event about a letter of ours reads as None: SES greets a
new topic with a plain sentence, and news of other kinds, or of mail that others send, is none of our business.
"""

import json
from datetime import UTC
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,256}$")]
_One = Field(min_length=1, max_length=1)


class _Part(BaseModel):
    """SES adds fields over the years: what we do not read is left alone. An address is never read."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class _Tags(_Part):
    request: Annotated[tuple[_Id, ...], _One]
    letter: Annotated[tuple[Letter, ...], _One]
    recipient: Annotated[tuple[_Id, ...], _One]
    version: Annotated[tuple[Annotated[int, Field(ge=0)], ...], _One]


class _Mail(_Part):
    timestamp: AwareDatetime
    tags: _Tags


class _Happened(_Part):
    timestamp: AwareDatetime


class _Bounce(_Happened):
    bounceType: Literal["Permanent", "Transient", "Undetermined"]  # noqa: N815 - the name is SES's


class _Delivered(_Part):
    eventType: Literal["Delivery"]  # noqa: N815
    mail: _Mail
    delivery: _Happened

    def news(self) -> DeliveryNews:
        return _news(self.mail, DeliveryState.DELIVERED, self.delivery)


class _Bounced(_Part):
    eventType: Literal["Bounce"]  # noqa: N815
    mail: _Mail
    bounce: _Bounce

    def news(self) -> DeliveryNews:
        permanent = self.bounce.bounceType == "Permanent"
        return _news(self.mail, DeliveryState.BOUNCED, self.bounce, permanent=permanent)


class _Complained(_Part):
    eventType: Literal["Complaint"]  # noqa: N815
    mail: _Mail
    complaint: _Happened

    def news(self) -> DeliveryNews:
        return _news(self.mail, DeliveryState.COMPLAINED, self.complaint)


class _Rejected(_Part):
    """SES has taken the mail, looked inside, and not sent it. It does not say when."""

    eventType: Literal["Reject"]  # noqa: N815
    mail: _Mail

    def news(self) -> DeliveryNews:
        return _news(self.mail, DeliveryState.FAILED, self.mail)


class _Event(_Part):
    event: Annotated[_Delivered | _Bounced | _Complained | _Rejected, Field(discriminator="eventType")]


def read_delivery_news(record: dict[str, Any]) -> DeliveryNews | None:
    """`record`: one of `Records` that SNS hands to a function."""
    try:
        return _Event.model_validate({"event": json.loads(record["Sns"]["Message"])}).event.news()
    except (KeyError, TypeError, ValueError, ValidationError, RecursionError):
        return None


def _news(mail: _Mail, state: DeliveryState, happened: _Happened | _Mail, *, permanent: bool = True) -> DeliveryNews:
    (request_id,), (letter,) = mail.tags.request, mail.tags.letter
    (recipient_key,), (version,) = mail.tags.recipient, mail.tags.version
    return DeliveryNews(
        request_id=request_id,
        letter=letter,
        recipient_key=recipient_key,
        version=version,
        state=state,
        at=happened.timestamp.astimezone(UTC),
        permanent=permanent,
    )
