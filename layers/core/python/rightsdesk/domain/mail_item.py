"""A mail that came in, as the desk keeps it: where it stands, why, and what became of it.

Here are codes and ids only. What the mail says lies apart (`MailContent`) and goes earlier; its history is a chain like
that of a case, so that what was done with a mail can be proven when the mail itself is long gone.
"""

# serves: B-6, E-00

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import GENESIS, AuditEvent, Detail, chained_event, event_after
from rightsdesk.domain.errors import MailSettledError
from rightsdesk.domain.incoming_mail import MailAddress, MailFlag, Verdicts
from rightsdesk.domain.intents import Intent
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, Country, DueDates, Language, Region, RequestType

RAW_KEPT = timedelta(days=30)  # by the lifecycle of the bucket
CONTENT_KEPT = timedelta(days=200)  # longer than a case with its extension


class MailStatus(StrEnum):
    RECEIVED = "received"  # written down; what to do with it is being found out
    TRIAGE = "triage"  # staff look at it
    ASKED = "asked"  # the sender was asked what they mean
    KEPT = "kept"  # nothing is asked for: a notice of a machine, or the same mail again
    REQUESTED = "requested"  # one request or several were made of it
    ATTACHED = "attached"  # it belongs to a request
    DISMISSED = "dismissed"  # staff say that it is no request


_OPEN = frozenset({MailStatus.RECEIVED, MailStatus.TRIAGE, MailStatus.ASKED})
_SETTLED = frozenset({MailStatus.REQUESTED, MailStatus.ATTACHED, MailStatus.DISMISSED})


class Dismissal(StrEnum):
    """Why a mail is not a request. It stays registered all the same."""

    SHOP = "shop_matter"  # an order, a return, a parcel: handed to whoever sees to it
    SPAM = "spam"
    AUTOMATIC = "automatic"
    DUPLICATE = "duplicate"
    ANSWERED = "answered_otherwise"  # a question or complaint that staff have answered
    OTHER = "other"


class MailItem(BaseModel):
    """One mail. `held_for` says why staff look at it; `doubts` what speaks against its sender."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    mail_id: str
    status: MailStatus
    received_at: datetime  # by the mail service: the clock runs from it
    due: DueDates  # were it a request, of somebody who lives in `country`
    country: str  # assumed
    verdicts: Verdicts
    raw_key: str | None = None
    sender_key: str | None = None  # stands for the address; names nobody
    sender: str | None = None  # the address, masked
    doubts: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    flags: tuple[MailFlag, ...] = ()
    intents: tuple[Intent, ...] = ()
    language: str = "und"
    reminder: bool = False
    files: int = 0
    held_for: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()  # references of requests that it may belong to
    same_as: str | None = None  # id of the mail that came first under its Message-ID
    answers: str | None = None  # id of an earlier mail of this sender, who was asked what it meant
    requests: tuple[str, ...] = ()  # references of what was made of it
    attached_to: str | None = None  # reference
    dismissed_for: Dismissal | None = None
    asked_at: datetime | None = None
    claimed: str | None = None  # the decision that somebody is carrying out; done again, it goes on where it stopped
    claimed_at: datetime | None = None  # since when; None once it is carried out
    settled_at: datetime | None = None
    purged: bool = False  # its content was deleted before its time
    version: int = 1
    event_sequence: int = 1
    event_hash: str = GENESIS

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN

    @property
    def expires_at(self) -> datetime | None:
        """When the record goes; None while somebody may still have to act."""
        return None if self.is_open else (self.settled_at or self.received_at) + KEPT_AFTER_CLOSING

    def require_unsettled(self) -> None:
        """Raise MailSettledError where a request was made of it, it was attached, or it was dismissed."""
        if self.status in _SETTLED:
            raise MailSettledError("this mail is settled")

    def received(self, *, at: datetime) -> tuple["MailItem", AuditEvent]:
        """The item with the first event of its history: what SES and we saw of it, in codes."""
        event = chained_event(
            request_id=self.mail_id,
            sequence=1,
            previous_hash=GENESIS,
            type="mail_received",
            at=at,
            actor=SYSTEM,
            details={
                "received_at": self.received_at.isoformat(),
                "verdicts": [f"{name}:{verdict}" for name, verdict in self.verdicts],
                "doubts": list(self.doubts),
                "automatic": list(self.automatic),
                "flags": [str(flag) for flag in self.flags],
                "intents": [f"{intent.type}:{intent.score:.2f}" for intent in self.intents],
                "language": self.language,
                "laws": list(self.due.laws),
                "rules": list(self.due.rules),
                "due_on": self.due.due_on.isoformat(),
            },
        )
        return self.model_copy(update={"event_hash": event.hash}), event

    def changed(
        self,
        event_type: str,
        *,
        at: datetime,
        actor: str,
        details: Mapping[str, Detail] | None = None,
        **changes: Any,
    ) -> tuple["MailItem", AuditEvent]:
        """The item after a change and the event that records it; a store writes both or neither."""
        event, head = event_after(self, request_id=self.mail_id, type=event_type, at=at, actor=actor, details=details)
        if changes.get("status", self.status) in _OPEN:
            changes["settled_at"] = None  # one that was kept waits again
        elif self.settled_at is None:
            changes["settled_at"] = at
        return self.model_copy(update=changes | head | {"version": self.version + 1}), event


class StoredFile(BaseModel):
    """An attachment in quarantine. Its key is random; `name` and `media_type` are the sender's word."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int  # from 1
    key: str
    name: str
    media_type: str
    bytes: int
    sha256: str


class MailContent(BaseModel):
    """What a mail says, as far as staff need it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    senders: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    new_text: str = ""
    files: tuple[StoredFile, ...] = ()


Purge = Literal["files", "all"]


class NewRequests(BaseModel):
    """What staff say a mail asks for. What is None stands in the mail."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    types: tuple[RequestType, ...]
    country: Country
    region: Region | None = None
    language: Language
    email: str | None = None
    name: str | None = None
    details: str | None = None
