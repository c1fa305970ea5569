"""What the gate for provision is asked, what it answers, and what it needs of the data map (mission B-3, T-1).

The rule is in `law/provision.py`, the ledger in `domain/provision.py`.
"""

# serves: B-3, T-1

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.fields import Label
from rightsdesk.domain.permission import Terms
from rightsdesk.domain.provision import ProvisionGround

MARKETING_GROUNDS = frozenset({ProvisionGround.MARKETING_PARTNER, ProvisionGround.OWN_ADVERTISING})
BY_CONSENT = MARKETING_GROUNDS | {ProvisionGround.CONSENT}
# Exceptions of 27(1): neither a consent nor a stop decides about them.
BY_LAW = frozenset(
    {ProvisionGround.LAW, ProvisionGround.VITAL, ProvisionGround.HEALTH_CHILD, ProvisionGround.STATE_ORGAN}
)


class ProvisionReason(StrEnum):
    """Why the gate says what it says. The first one is the only yes."""

    GROUND = "ground"
    UNKNOWN_GROUND = "unknown_ground"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    UNKNOWN_PURPOSE = "unknown_purpose"
    UNKNOWN_ITEM = "unknown_item"  # neither a category nor a field of the data map
    NOT_FOR_THIS_RECIPIENT = "not_for_this_recipient"  # the map does not give it these data for this purpose
    NOT_A_CONSIGNEE = "not_a_consignee"  # a third party: the service needs it, and a consent all the same
    NOT_MARKETING = "not_marketing"  # a marketing ground for another purpose
    NO_SAFEGUARD = "no_safeguard"  # abroad, and nothing protects the data there
    NO_CONSENT = "no_consent"
    CELL_TOO_SMALL = "cell_too_small"
    # What the register of permissions says (`domain.permission`).
    ERASED = "erased"
    RESTRICTED = "restricted"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    UNSUBSCRIBED = "unsubscribed"
    PROVISION_STOPPED = "provision_stopped"
    NOT_TOLD = "not_told"  # a new purpose, of which the person was not told, or not long enough ago (P-12)


class ProvisionQuestion(BaseModel):
    """What is asked of the gate. All of it is as the caller said: what nobody knows is a no, and no mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    recipient: str
    purpose: str
    ground: str
    items: tuple[str, ...]
    asked_by: str
    call: str | None = None  # the caller's own name of this call: asked again under it, nothing is recorded twice


class ProvisionVerdict(BaseModel):
    """What the rule says about one person. `rule` is in `law.rules.RULES`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    allowed: bool
    reason: ProvisionReason
    rule: str
    since: datetime | None = None  # of the consent that allows it, or of what bars it


class ProvisionAnswer(ProvisionVerdict):
    """The verdict, and for a yes the record that was written of it."""

    record_id: str | None = None


class ProvisionAnswers(BaseModel):
    """In the order of the question; of statistics there is one. `allowed`: all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    allowed: bool
    answers: tuple[ProvisionAnswer, ...]


class Party(BaseModel):
    """A recipient of the register, as far as the gate needs it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Label
    role: str
    country: str | None
    has_safeguard: bool


class ProvisionTerms(BaseModel):
    """What the gate needs of the data map."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    permissions: Terms
    parties: Mapping[str, Party]
    items: frozenset[str]  # categories and fields, all of them
    described: Mapping[str, Mapping[str, frozenset[str]]]  # recipient -> purpose -> what the map says that it is given
    datamap_version: str


def principal(arn: str) -> str:
    """Who asked, without the name of a session, which may be that of a person."""
    head, slash, rest = arn.partition(":assumed-role/")
    return f"{head}{slash}{rest.partition('/')[0]}" if slash else arn
