"""A consent, or the taking back of one, from before there was the ledger: as a line of the shop's own file says it.

What is not known of the words stays open: an entry without them says that a consent was on record, and not to what
(GDPR 7(1)). The file itself stays with the shop: an entry names it, the line, and the digest of the whole.
"""

# serves: B-3, E-09, P-03

import hashlib
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from rightsdesk.domain.consent_text import Version
from rightsdesk.domain.fields import Name
from rightsdesk.domain.request import Language

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]")
PastState = Literal["given", "withdrawn"]


class ImportOutcome(StrEnum):
    ENTERED = "entered"
    ON_RECORD = "on_record"  # this one, or a later word of the same kind: nothing was written
    STOPPED = "stopped"  # the person has stopped it, or refused it: nothing was written


def _written(value: object) -> object:
    """A bare number may count seconds or milliseconds, and nobody knows of what."""
    if isinstance(value, str) and _ISO.match(value):
        return value
    raise ValueError("not a time of ISO 8601")


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]


class PastConsent(BaseModel):
    """One line. `at`: when the person said so, with its zone. `collected`: how, in a code of the shop's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    subject: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}:[^\s\x00-\x1f\x7f].{0,319}$")]
    purpose: Name
    state: PastState = "given"
    at: Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_utc)]
    text_version: Version | None = None
    text_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    language: Language | None = None
    collected: _Code | None = None
    proof: _Code | None = None

    @property
    def identifier(self) -> tuple[str, str]:
        """Kind and value."""
        kind, _, value = self.subject.partition(":")
        return kind, value


FIELDS = tuple(PastConsent.model_fields)


class FileLine(BaseModel):
    """Where a line stands, so that it can be shown: the name of the file, its line (from 1), and its SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    line: int
    sha256: str

    def proof_of(self, past: PastConsent) -> str:
        """What the ledger keeps of it: `import:members.csv:17:<sha256>`, and what the shop said of how and by what."""
        more = [f"{name}={value}" for name, value in (("collected", past.collected), ("proof", past.proof)) if value]
        return ":".join(("import", self.file, str(self.line), self.sha256, *more))


def past_record_id(digest: str, past: PastConsent) -> str:
    """The same for the same word of the same person, from whatever file."""
    said = f"{digest}\n{past.purpose}\n{past.at.isoformat()}\nimport:{past.state}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
