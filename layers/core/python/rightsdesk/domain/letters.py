"""The letters there are, a mail as it goes out, and what became of it (law.md 4)."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Letter(StrEnum):
    """Every letter; each exists in every language."""

    # to the person, on the way
    VERIFICATION_CODE = "verification_code"  # the acknowledgement
    VERIFICATION_REMINDER = "verification_reminder"
    CONFIRMED = "confirmed"  # the code in their mail was right
    CODE_REFUSED = "code_refused"  # the code in their mail can't be used
    ACCESS_CODE = "access_code"
    MESSAGE_RECEIVED = "message_received"  # a question or complaint that needs no code: the acknowledgement
    MESSAGE_WAITING = "message_waiting"  # staff wrote something that stands on the page
    EVIDENCE_NEEDED = "evidence_needed"
    ERASURE_CONFIRMATION = "erasure_confirmation"  # what would go, stay and be lost: say once more that it may go
    ERASURE_CONFIRMED = "erasure_confirmed"  # it was said, and can still be undone
    IDENTITY_QUESTION = "identity_question"
    CLARIFICATION_QUESTION = "clarification_question"
    PROGRESS = "progress"
    LATE = "late"  # the answer was due, and is not there
    EXTENDED = "extended"
    LOCKED = "locked"
    # the answer
    ANSWER_READY = "answer_ready"
    INFORMATION_READY = "information_ready"  # the package holds what is said of the data, and no copy of them
    PARTLY_REFUSED = "partly_refused"
    TRANSFERRED = "transferred"  # the other controller has taken it, after the answer had said that it did not
    CONTACT_CHANGED = "contact_changed"  # to the address that was theirs until now
    RECTIFICATION_ANSWER = "rectification_answer"
    ERASURE_ANSWER = "erasure_answer"
    NOTHING_TO_ERASE = "nothing_to_erase"  # nothing was found of who wants to be erased
    RESTRICTION_ANSWER = "restriction_answer"
    RESTRICTION_LIFTING = "restriction_lifting"
    OBJECTION_ANSWER = "objection_answer"
    REVIEW_ANSWER = "review_answer"  # of an automated decision
    MESSAGE_ANSWER = "message_answer"  # to a question or a complaint
    GENERAL_ANSWER = "general_answer"
    REFUSED = "refused"
    NOT_IDENTIFIED = "not_identified"
    # the end
    DOWNLOADED = "downloaded"
    UNVERIFIED = "unverified"
    UNCONFIRMED = "unconfirmed"  # an erasure that the person never confirmed
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # an open request of theirs asks for the same, and answers it
    CLOSED = "closed"
    KEPT_DATA_ERASED = "kept_data_erased"  # years later: what had to stay after an erasure is gone
    # about consents: to a mailbox, and about no request
    NEWSLETTER_CONFIRMATION = "newsletter_confirmation"  # the second half of a double opt-in
    CONSENT_QUESTION = "consent_question"  # of a campaign (P-11)
    NEW_PURPOSE = "new_purpose"  # all members are told before their data are used for it (P-12)
    # to others
    AGENT_RECEIVED = "agent_received"  # to whoever asks for somebody else
    MAIL_QUESTION = "mail_question"  # to the sender of a mail that is no request yet
    RECIPIENT_NOTICE = "recipient_notice"
    RECIPIENT_LIFTING = "recipient_lifting"  # what a notice asked for ends
    STAFF_RELEASE = "staff_release"
    STAFF_DEADLINE = "staff_deadline"
    STAFF_FAILURE = "staff_failure"
    STAFF_ANSWERED = "staff_answered"  # the person has answered a question
    STAFF_DISOWNED = "staff_disowned"  # the mailbox says that it did not make a request
    STAFF_SECOND_PERSON = "staff_second_person"  # a refusal waits for a second person
    STAFF_ERASURE = "staff_erasure"  # the plan of an erasure waits for a second person
    STAFF_RETENTION = "staff_retention"  # kept rows have changed, and did not go by themselves
    STAFF_UNDELIVERED = "staff_undelivered"
    STAFF_MAIL = "staff_mail"  # a mail came in that somebody has to look at
    STAFF_MAIL_WAITING = "staff_mail_waiting"  # each day, of all that still wait
    STAFF_RECIPIENT = "staff_recipient"  # a recipient of data has to be told by hand
    STAFF_LIFTING = "staff_lifting"  # recipients have to be told by hand that a restriction ends
    STAFF_MESSAGE = "staff_message"  # a mail came in about a request


# The answer, and what ends it: of these, and of no other, whoever asks for a person gets a copy where the person agreed
# to it. Questions, codes and how things stand are between us and the person.
COPIED_LETTERS = frozenset(
    {
        Letter.ANSWER_READY,
        Letter.INFORMATION_READY,
        Letter.PARTLY_REFUSED,
        Letter.TRANSFERRED,
        Letter.RECTIFICATION_ANSWER,
        Letter.ERASURE_ANSWER,
        Letter.NOTHING_TO_ERASE,
        Letter.RESTRICTION_ANSWER,
        Letter.RESTRICTION_LIFTING,
        Letter.OBJECTION_ANSWER,
        Letter.REVIEW_ANSWER,
        Letter.MESSAGE_ANSWER,
        Letter.GENERAL_ANSWER,
        Letter.REFUSED,
        Letter.NOT_IDENTIFIED,
    }
)

# What the law wants the person to get: these, and more. Where one comes back, staff reach them in another way. Not
# among them: codes, what became of a code that was mailed back, and what goes to a mailbox that nobody has confirmed,
# for anybody may have typed that address.
LEGAL_LETTERS = COPIED_LETTERS | frozenset(
    {
        Letter.EVIDENCE_NEEDED,
        Letter.ERASURE_CONFIRMATION,
        Letter.ERASURE_CONFIRMED,
        Letter.IDENTITY_QUESTION,
        Letter.CLARIFICATION_QUESTION,
        Letter.PROGRESS,
        Letter.LATE,
        Letter.EXTENDED,
        Letter.MESSAGE_WAITING,
        Letter.DOWNLOADED,
        Letter.WITHDRAWN,
        Letter.MERGED,
        Letter.UNCONFIRMED,
        Letter.CLOSED,
    }
)


class DeliveryState(StrEnum):
    """What became of a letter. Later news never goes back to an earlier state, in whatever order it comes."""

    PENDING = "pending"  # somebody is sending it
    SENT = "sent"  # the mail service has taken it
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"  # the mail service has not sent it: it refused it, at once or later
    COMPLAINED = "complained"  # delivered, and called spam

    def may_become(self, to: "DeliveryState") -> bool:
        return _RANK[to] > _RANK[self]

    @property
    def was_sent(self) -> bool:
        """It left the mail service, whatever came of it: nobody sends this version again."""
        return self in (DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)

    @property
    def is_missing(self) -> bool:
        """The person may not have it. What they called spam counts: the mail service sends them nothing more."""
        return self in (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)


_RANK = {
    DeliveryState.PENDING: 0,
    DeliveryState.SENT: 1,
    DeliveryState.FAILED: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.BOUNCED: 4,
    DeliveryState.COMPLAINED: 5,
}


class Contact(StrEnum):
    """How else a person was reached, where a letter came back."""

    POST = "post"
    TELEPHONE = "telephone"
    OTHER_MAILBOX = "other_mailbox"
    IN_PERSON = "in_person"


class LetterRecord(BaseModel):
    """One letter about a case, as the record has it: which, to whom, and what became of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    letter: str
    recipient_key: str  # stands for the address; names nobody
    version: int
    state: DeliveryState
    at: datetime  # of the state
    sent_at: datetime | None = None
    sha256: str | None = None  # `letter_sha256`; None where it went out before there was one, or nobody could note it


class DeliveryNews(BaseModel):
    """What the mail service says became of one letter."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    request_id: str
    letter: Letter
    recipient_key: str
    version: int
    state: DeliveryState
    at: datetime  # UTC
    permanent: bool = True  # False: a bounce that may pass, or, of a letter that was delivered, an automatic answer


class Phrase(BaseModel):
    """A sentence that depends on the language: its name in `letters/<language>/phrases.yaml`, and what it speaks of."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    values: dict[str, Any] = {}


class Territory(BaseModel):
    """A country by its two letters: each language has its own name for it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    code: str


AutoSubmitted = Literal["auto-generated", "auto-replied"]
"""RFC 3834: whether a letter answers one mail by itself, or not. Both tell other machines not to answer."""


class OutgoingMail(BaseModel):
    """A mail to one address. `text` and `html` say the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    to: str
    subject: str
    text: str
    html: str
    tags: dict[str, str] = {}  # ids only: the mail service gives them back with its news of this mail
    thread: str | None = None  # the token of its case (`domain/mail_threads.py`): an answer brings it back
    may_be_answered: bool = False  # it belongs to no case yet, and an answer goes to the mailbox that mail comes in by
    auto: AutoSubmitted = "auto-generated"
    unsubscribe: str | None = None  # of a mail to many: the link by which it is stopped with one click (RFC 8058)
    salt: str | None = None  # `new_salt`: stands in the mail, and is kept nowhere else


SALT_HEADER = "X-Letter-Salt"
SALT = re.compile("[0-9a-f]{32}")

_LINE_END = re.compile("\r\n?")
_BLANKS = re.compile("[ \t\r\n]+")


class LetterCopy(BaseModel):
    """A mail that is said to be a letter of ours, as somebody kept it. `salt` is empty where it has none or several."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    salt: str
    subject: str
    text: str

    @property
    def sha256(self) -> str | None:
        """To be compared with the digest on record; None where there is no salt of ours."""
        return letter_sha256(self.salt, self.subject, self.text) if SALT.fullmatch(self.salt) else None


def new_salt(token_hex: Callable[[int], str] = secrets.token_hex) -> str:
    """128 random bits in hex. Whoever lacks them can't find out by trying names what a digest is of."""
    return token_hex(16)


def letter_sha256(salt: str, subject: str, text: str) -> str:
    """SHA-256 in hex of a letter: the same however the mail was encoded and folded on its way.

    Over the UTF-8 of `salt LF subject LF text`, subject and text in NFC. Of the subject, each run of spaces, tabs and
    line ends is one space, and none stands at either end. Lines of the text end in LF, with no space or tab before it,
    and nothing stands after the last line that holds something. Neither address nor HTML is part of it.
    """
    title = _BLANKS.sub(" ", unicodedata.normalize("NFC", subject)).strip(" ")
    lines = _LINE_END.sub("\n", unicodedata.normalize("NFC", text)).split("\n")
    body = "\n".join(line.rstrip(" \t") for line in lines).rstrip("\n")
    return hashlib.sha256(f"{salt}\n{title}\n{body}".encode()).hexdigest()


def version_of(*words: str) -> int:
    """The version of a letter whose words staff write: the same words are the same letter, and are sent once."""
    return int.from_bytes(hashlib.sha256("\0".join(words).encode()).digest()[:4])


def sent_at_of(records: Iterable[LetterRecord], letter: Letter, version: int) -> datetime | None:
    """When this letter really went out; None where it did not, for all that is known."""
    return next((record.sent_at for record in records if (record.letter, record.version) == (letter, version)), None)
