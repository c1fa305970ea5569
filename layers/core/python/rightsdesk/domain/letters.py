"""The letters there are, a mail as it goes out, and what became of it (law.md 4)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Letter(StrEnum):
    """Every letter; each exists in every language."""

    # to the person, on the way
    VERIFICATION_CODE = "verification_code"  # the acknowledgement
    VERIFICATION_REMINDER = "verification_reminder"
    ACCESS_CODE = "access_code"
    EVIDENCE_NEEDED = "evidence_needed"
    IDENTITY_QUESTION = "identity_question"
    CLARIFICATION_QUESTION = "clarification_question"
    PROGRESS = "progress"
    EXTENDED = "extended"
    LOCKED = "locked"
    # the answer
    ANSWER_READY = "answer_ready"
    PARTLY_REFUSED = "partly_refused"
    RECTIFICATION_ANSWER = "rectification_answer"
    ERASURE_ANSWER = "erasure_answer"
    RESTRICTION_ANSWER = "restriction_answer"
    RESTRICTION_LIFTING = "restriction_lifting"
    OBJECTION_ANSWER = "objection_answer"
    GENERAL_ANSWER = "general_answer"
    REFUSED = "refused"
    NOT_IDENTIFIED = "not_identified"
    # the end
    DOWNLOADED = "downloaded"
    UNVERIFIED = "unverified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    # to others
    RECIPIENT_NOTICE = "recipient_notice"
    STAFF_RELEASE = "staff_release"
    STAFF_DEADLINE = "staff_deadline"
    STAFF_FAILURE = "staff_failure"
    STAFF_ANSWERED = "staff_answered"  # the person has answered a question
    STAFF_SECOND_PERSON = "staff_second_person"  # a refusal waits for a second person
    STAFF_UNDELIVERED = "staff_undelivered"


class DeliveryState(StrEnum):
    """What became of a letter. Later news never goes back to an earlier state, in whatever order it comes."""

    PENDING = "pending"  # somebody is sending it
    SENT = "sent"  # the mail service has taken it
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"  # the mail service will not take it
    COMPLAINED = "complained"  # delivered, and called spam

    def may_become(self, to: "DeliveryState") -> bool:
        return _RANK[to] > _RANK[self]


_RANK = {
    DeliveryState.PENDING: 0,
    DeliveryState.FAILED: 1,
    DeliveryState.SENT: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.BOUNCED: 4,
    DeliveryState.COMPLAINED: 5,
}


class LetterRecord(BaseModel):
    """One letter about a case, as the record has it: which, to whom, and what became of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    letter: str
    recipient_key: str  # stands for the address; names nobody
    version: int
    state: DeliveryState
    at: datetime  # of the state
    sent_at: datetime | None = None


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
    tags: dict[str, str] = {}  # ids only: the mail service gives them back with its news of this mail
