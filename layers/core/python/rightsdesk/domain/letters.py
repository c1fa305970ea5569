"""The letters there are, and a mail as it goes out (law.md 4)."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Letter(StrEnum):
    """Every letter; each exists in every language."""

    VERIFICATION_CODE = "verification_code"
    ACCESS_CODE = "access_code"
    EVIDENCE_NEEDED = "evidence_needed"
    ANSWER_READY = "answer_ready"
    LOCKED = "locked"
    DOWNLOADED = "downloaded"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    NOT_IDENTIFIED = "not_identified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    STAFF_RELEASE = "staff_release"
    STAFF_DEADLINE = "staff_deadline"
    STAFF_FAILURE = "staff_failure"


class Phrase(BaseModel):
    """A sentence that depends on the language: its name in `letters/<language>/phrases.yaml`, and what it speaks of."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    values: dict[str, Any] = {}


class OutgoingMail(BaseModel):
    """A mail to one address. `text` and `html` say the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    to: str
    subject: str
    text: str
    html: str
