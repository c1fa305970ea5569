"""What was provided to others and received from them: the ledger of the APPI (29, 30), and the grounds of T-1.

An entry says when, to whom, which kinds of data, for what purpose, on which ground and on whose question; never a
value. A keyed digest stands for each identifier of the person, so that a copy of the table names nobody, and the person
is still found who asks to see the record (APPI 33(5)).
"""

# serves: B-3, T-1, T-4, E-12

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.fields import Label

KEY_PURPOSE = "provision"  # of the key in the keyring: one that serves nothing else
Direction = Literal["provided", "received"]
KEPT_YEARS = 3  # APPI 29(2), 30(4), Rules 21 and 25


class ProvisionGround(StrEnum):
    """Why data may go to somebody else (mission T-1)."""

    CONSENT = "consent"  # APPI 27(1)
    LAW = "law"  # 27(1)(i)
    VITAL = "vital"  # 27(1)(ii): life, body, property
    HEALTH_CHILD = "health_child"  # 27(1)(iii): public health, sound growth of children
    STATE_ORGAN = "state_organ"  # 27(1)(iv): help for an organ of the state
    SERVICE_NECESSITY = "service_necessity"  # 27(5): to who works for us, or uses data jointly with us
    MARKETING_PARTNER = "marketing_partner"  # with a consent alone
    OWN_ADVERTISING = "own_advertising"  # with a consent alone
    STATISTICS = "statistics"  # nobody is in it: no personal data


class Provision(BaseModel):
    """One entry of the ledger. `items` are categories and fields of the data map, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    record_id: str
    at: datetime  # aware, UTC
    direction: Direction = "provided"
    party: str  # recipient of the data map: who got it; of what was received, who gave it
    party_name: Label  # as it was at that time
    country: str | None = None
    purpose: str
    items: tuple[str, ...]
    ground: ProvisionGround
    rule: str  # of the register (`law.rules.RULES`)
    consent_since: datetime | None = None  # where it rests on a consent
    asked_by: str  # the principal that asked the gate
    datamap_version: str
    cells: int | None = None  # of statistics: how many groups
    smallest_cell: int | None = None  # people in the smallest of them

    @property
    def day(self) -> str:
        """The day (UTC), as entries are sorted by it."""
        return self.at.date().isoformat()

    @property
    def expires_at(self) -> datetime:
        return kept_until(self.at)


def kept_until(at: datetime) -> datetime:
    """Three years later, and never a day less: from 29 February to 1 March. An entry may go from then on."""
    try:
        later = at.replace(year=at.year + KEPT_YEARS)
    except ValueError:
        later = at.replace(year=at.year + KEPT_YEARS, month=3, day=1)
    return later + timedelta(days=1)


def record_id(call: str, digests: Sequence[str], facts: Sequence[str]) -> str:
    """The same call asked again about the same person is the same record, and not a second provision."""
    text = "\n".join([call, *sorted(digests), *facts])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def in_order(records: Iterable[Provision]) -> tuple[Provision, ...]:
    """Each record once, the oldest first: one that stands under several identifiers is found several times."""
    by_id = {record.record_id: record for record in records}
    return tuple(sorted(by_id.values(), key=lambda record: (record.at, record.record_id)))
