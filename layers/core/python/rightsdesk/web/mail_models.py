"""What the JSON door for staff takes about mails that came in. Extra fields are refused (abuse case 51)."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from rightsdesk.domain.mail_item import Dismissal, NewRequests, Purge
from rightsdesk.domain.request import Country, EmailText, Language, PlainLine, PlainText, Region, RequestType
from rightsdesk.web.api_models import Body, as_list, distinct, existing_country, of_the_country
from rightsdesk.web.staff_models import ForLetter, Month, SeenVersion, WorkListQuery

SeenMail = Annotated[
    int,
    Field(strict=True, ge=1, le=2**31, description="`version` of the mail as it was last read; reading it moves it on"),
]


class MailListQuery(WorkListQuery):
    """A page of the mails that wait for somebody; or, with `month`, every mail received in it (UTC)."""

    month: Month | None = None


class MakeRequestsBody(Body):
    """What the mail asks for: one request for each right, access first. They count as received when the mail was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 3, "types": ["access", "erasure"], "country": "DE", "language": "en"}]
        }
    )

    version: SeenMail
    types: Annotated[
        tuple[RequestType, ...],
        BeforeValidator(as_list, json_schema_input_type=RequestType | list[RequestType]),
        Field(min_length=1, max_length=len(RequestType)),
        AfterValidator(distinct),
    ]
    country: Annotated[Country, AfterValidator(existing_country), Field(description="where the person lives")]
    region: Annotated[Region | None, AfterValidator(of_the_country)] = None
    language: Annotated[Language, Field(description="of our letters")]
    email: Annotated[EmailText, Field(description="where it is not the sender's; the code goes there")] | None = None
    name: Annotated[PlainLine, Field(min_length=1, max_length=200)] | None = None
    details: (
        Annotated[PlainText, Field(min_length=1, max_length=600, description="else the mail's own text")] | None
    ) = None

    def asked(self) -> NewRequests:
        return NewRequests.model_validate({k: v for k, v in dict(self).items() if k != "version"})


class AttachBody(Body):
    """The request that the mail belongs to. A closed one stays closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 3, "reference": "RD-28T5-CY4G-M"}]})

    version: SeenMail
    reference: Annotated[str, Field(min_length=1, max_length=64)]


class AskSenderBody(Body):
    """Ask the sender what they mean, in a letter that says nothing of what is held; `text` is put into it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 3, "text": "Do you want a copy of your data, or an order changed?"}]
        }
    )

    version: SeenMail
    text: Annotated[ForLetter, Field(description="in the language of the sender")] | None = None
    despite_doubts: bool = Field(
        False, strict=True, description="write although `doubts` says that the mail may be from somebody else"
    )


class DismissBody(Body):
    """It is no request; it stays registered, with the reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 3, "reason": "shop_matter"}]})

    version: SeenMail
    reason: Dismissal


class PurgeBody(Body):
    """Delete what should not have been sent: its files and the raw mail, or, once it is settled, all that it said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 3, "what": "files"}]})

    version: SeenMail
    what: Purge


class ResidenceBody(Body):
    """Where the person lives. The dates are counted anew, from receipt."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 7, "country": "DE", "region": "DE-BY"}]})

    version: SeenVersion
    country: Annotated[Country, AfterValidator(existing_country)]
    region: Annotated[Region | None, AfterValidator(of_the_country)] = None
