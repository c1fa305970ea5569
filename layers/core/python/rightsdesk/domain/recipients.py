"""The register of recipients: who is given personal data, as what, on which terms, and how they are told of a change.

`layers/merchant/recipients.yaml` is this register; the fields of the data map say what each of them gets. Who holds
data on our behalf is a consignee: chosen by criteria, bound by an agreement, looked at once a year (GDPR 28, APPI 25).
"""

# serves: C-1, P-10, T-2, E-01

from datetime import date
from typing import Annotated, Literal

from dateutil.relativedelta import relativedelta
from pydantic import ConfigDict, Field, RootModel, StringConstraints

from rightsdesk.domain.fields import Entry, Label, Name, Text
from rightsdesk.domain.opendsr_identities import IdentityType

Mailbox = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]


class HttpConnector(Entry):
    """They are told over OpenDSR, by machine: `domain` is the one that their discovery and signature are for.

    `identities`: what OpenDSR calls a kind of identifier of the map; one without an entry is not told. Addresses are.
    """

    kind: Literal["http"]
    domain: Domain
    identities: dict[Name, IdentityType] = Field(default_factory=dict)


class MailConnector(Entry):
    """They get a mail with a link, and answer on a page."""

    kind: Literal["mail"]
    address: Mailbox


class ManualConnector(Entry):
    """Staff tell them, as `instructions` say, and note the answer."""

    kind: Literal["manual"] = "manual"
    instructions: Label | None = None


Connector = Annotated[HttpConnector | MailConnector | ManualConnector, Field(discriminator="kind")]


class Contract(Entry):
    """The agreement that binds them (GDPR 28(3), 26; APPI 25)."""

    reference: Text
    signed_on: date


class Recipient(Entry):
    """Who is given data (GDPR 15(1)(c), C-154/21: the actual ones), and where (15(2), APPI 28)."""

    label: Label
    role: Literal["processor", "joint_controller", "joint_user", "third_party", "fraud_prevention"]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    safeguard: Label | None = None
    contract: Contract | None = None
    criteria: Label | None = None  # why it was chosen
    instructions: Label | None = None  # what it may do with the data
    reviewed_on: date | None = None
    review_every_months: Annotated[int, Field(gt=0, le=60)] = 12
    knows: tuple[Name, ...] = ()  # identifiers of the map by which it knows a person
    language: Literal["en", "ja"] = "en"  # that it is written to in
    connector: Connector = Field(default_factory=ManualConnector)

    @property
    def is_consignee(self) -> bool:
        """It holds data for us, and under our orders (APPI 25, 27(5)(i); GDPR 28)."""
        return self.role == "processor"

    @property
    def review_due_on(self) -> date | None:
        """The last day of the next review; None where it was never looked at, and nothing says since when it is."""
        since = self.reviewed_on or (self.contract.signed_on if self.contract else None)
        return since + relativedelta(months=self.review_every_months) if since else None


class Recipients(RootModel[dict[Name, Recipient]]):
    """What `recipients.yaml` holds, by name."""

    model_config = ConfigDict(frozen=True, defer_build=True)
