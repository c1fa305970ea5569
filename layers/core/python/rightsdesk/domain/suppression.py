"""What stays of an erased person so that they stay erased: a keyed digest of each identifier, and no value (GDPR 17).

An erasure that a backup, an old import or a social log-in undoes by itself was none. To keep to it, and to show that it
was kept (GDPR 5(2)), one must recognise who was erased: that is all that these entries can do. Therefore they have no
end, and hold an HMAC under a key of their own, not an address: a copy of the table names nobody, and without the key
nobody can try addresses (GDPR 5(1)(c), 32). They are used for what they say, and for nothing else (5(1)(b)).
"""

# serves: E-04, T-3

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.identifier_digest import identifier_digest

KEY_PURPOSE = "suppression"  # of the key in the keyring: one that serves nothing else


class SuppressionPurpose(StrEnum):
    """What an entry may be asked for."""

    STAY_ERASED = "stay_erased"


class Suppression(BaseModel):
    """One identifier of an erased person. `digest` stands for kind and value; the case says what was decided."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: str  # of the data map
    digest: str  # HMAC-SHA-256, hex
    erased_at: datetime  # aware, UTC
    request_id: str
    reference: str
    purposes: tuple[SuppressionPurpose, ...] = (SuppressionPurpose.STAY_ERASED,)


class CheckedIdentifier(BaseModel):
    """What is known of one identifier. `since`: the day (UTC) of the erasure, the last one if there were several."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: str
    suppressed: bool
    since: date | None = None


class SuppressionAnswer(BaseModel):
    """What is known of the identifiers of one person, together and each, in the order of the question."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    suppressed: bool
    since: date | None = None
    identifiers: tuple[CheckedIdentifier, ...]


def suppressions(
    values: Iterable[tuple[str, str]], *, key: bytes, request_id: str, reference: str, at: datetime
) -> tuple[Suppression, ...]:
    """The entries for the identifiers (kind, value) of a person who was erased; each once."""
    digests = {identifier_digest(key, kind, value): kind for kind, value in values}
    return tuple(
        Suppression(kind=kind, digest=digest, erased_at=at, request_id=request_id, reference=reference)
        for digest, kind in digests.items()
    )
