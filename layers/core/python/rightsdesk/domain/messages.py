"""The thread of a request: what the person and the staff write to one another, in order, and what it is bounded by.

Their words stand beside the case and nowhere else: its history has numbers and digests. A mail that arrives in the
thread is one of these, too.
"""

# serves: B-6

import hashlib
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import InvalidInputError, NobodyVerifiedError, ThreadFullError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import new_salt
from rightsdesk.domain.questions import identity_documents
from rightsdesk.domain.request import SUBJECT, PlainText, PrivacyRequest, Writer
from rightsdesk.domain.sensitive_numbers import require_no_sensitive_number
from rightsdesk.domain.staff import StaffMember
from rightsdesk.domain.words_of_staff import words_of_staff

LONGEST_MESSAGE = 2000
MOST_MESSAGES = {"person": 50, "staff": 50}  # of one request: whoever writes more is a machine, or should be rung up
REOPENED_WITHIN = timedelta(days=14)  # of an answer to a question or complaint that does not settle it


class Message(BaseModel):
    """One message. `number` counts from 1 in its request; `salt` keeps a digest of a few words from being guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int
    by: Writer
    at: datetime
    text: str
    salt: str
    mail: str | None = None  # id of the mail that brought it
    staff: str | None = None  # user id; never shown to the person

    @property
    def sha256(self) -> str:
        """What the history says of it: over the UTF-8 of `salt LF text`."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()


def staff_message(
    case: PrivacyRequest, *, received_at: datetime, zone: ZoneInfo, proposes_withdrawal: bool = False
) -> dict[str, Any]:
    """What the letter says by which staff are called to a message, by whichever way it came."""
    return {
        "reference": case.reference,
        "received_on": received_at.astimezone(zone).date(),
        "due_on": case.due.due_on,
        "proposes_withdrawal": proposes_withdrawal,
    }


def words_of_person(typed: str) -> str:
    """What is kept of it. Raises InvalidInputError on `message`: `missing`, `too_long`, `invalid`,
    `sensitive_number`.
    """
    if len(typed) > LONGEST_MESSAGE:
        raise InvalidInputError.of("message", "too_long")
    try:
        text: str = TypeAdapter(PlainText).validate_python(typed)
    except ValidationError as error:
        raise InvalidInputError.of("message", "invalid") from error
    if not text:
        raise InvalidInputError.of("message", "missing")
    require_no_sensitive_number("message", text)
    return text


def message_of_staff(text: str) -> str:
    """What staff write, tidied. Raises InvalidInputError on `text`; no identity card is asked for in passing."""
    words = words_of_staff("text", text, longest=LONGEST_MESSAGE)
    if identity_documents(words):
        raise InvalidInputError.of("text", "identity_document")
    return words


def with_message(
    case: PrivacyRequest, text: str, *, at: datetime, staff: StaffMember | None = None, mail: str | None = None
) -> tuple[PrivacyRequest, AuditEvent, Message]:
    """The case with one more message, its event, and the message. `staff` is None for the person.

    Raises CaseClosedError, ThreadFullError, and NobodyVerifiedError while nobody has proven the mailbox.
    """
    case.require_open()
    if case.assurance < Assurance.MAILBOX:
        raise NobodyVerifiedError("nobody is verified")
    by: Writer = "staff" if staff else "person"
    if case.thread.count(by) >= MOST_MESSAGES[by]:
        raise ThreadFullError("the request has had its number of messages")
    message = Message(
        number=len(case.thread) + 1,
        by=by,
        at=at,
        text=text,
        salt=new_salt(),
        mail=mail,
        staff=staff.user_id if staff else None,
    )
    after, event = case.changed(
        "message_written",
        at=at,
        actor=staff.actor if staff else SUBJECT,
        details={
            "number": message.number,
            "by": by,
            "sha256": message.sha256,
            "characters": len(text),
            **({"mail": mail} if mail else {}),
        },
        thread=(*case.thread, by),
    )
    return after, event, message


def can_write(case: PrivacyRequest) -> bool:
    """Whether the thread takes another message of the person."""
    verified = case.is_open and case.assurance >= Assurance.MAILBOX
    return verified and case.thread.count("person") < MOST_MESSAGES["person"]


def may_be_reopened(case: PrivacyRequest, *, now: datetime) -> bool:
    """Whether who wrote the question or complaint can take it up again: the answer did not settle it."""
    closed = not case.is_open and case.answered_at is not None
    return closed and case.is_said_to_us and now < reopened_until(case)


def reopened_until(case: PrivacyRequest) -> datetime:
    """The end of the time in which an answered question can be taken up again."""
    return (case.answered_at or case.received_at) + REOPENED_WITHIN
