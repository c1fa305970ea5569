"""A mail that came in: what the mail service says of it, and what could be read of it.

Two sources that are never mixed: `Envelope` is Amazon SES's own word (its receipt), and decides; `IncomingMail` is what
the sender wrote, headers included, and decides nothing by itself (abuse cases 2, 60).
"""

# serves: B-6, E-00

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What SES says of one check. Whatever is not PASS is not passed (abuse case 61)."""

    PASS = "PASS"  # noqa: S105 - SES's word
    FAIL = "FAIL"
    GRAY = "GRAY"  # DMARC: the domain publishes no policy
    PROCESSING_FAILED = "PROCESSING_FAILED"
    DISABLED = "DISABLED"
    MISSING = "MISSING"  # SES did not say, or said something that we do not know


class Verdicts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    spf: Verdict = Verdict.MISSING
    dkim: Verdict = Verdict.MISSING
    dmarc: Verdict = Verdict.MISSING
    spam: Verdict = Verdict.MISSING
    virus: Verdict = Verdict.MISSING


class Envelope(BaseModel):
    """SES's word on one mail. `received_at` is when it arrived, UTC: the clock of the law runs from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    message_id: str  # SES's own, of the delivery
    received_at: datetime
    sender: str | None = ""  # MAIL FROM; empty for a notice of the mail system, None where nobody told us
    recipients: tuple[str, ...] = ()  # of ours, as SES matched them
    verdicts: Verdicts = Verdicts()
    key: str | None = None  # of the raw mail in the mail bucket


class MailFlag(StrEnum):
    """What whoever works on a mail should know of it. Each is a code: pages say it in words."""

    # how well it could be read
    UNREADABLE = "unreadable"  # not at all: the raw mail is all there is
    DAMAGED = "damaged"  # a header or part is not what it says it is
    GUESSED_CHARSET = "guessed_charset"  # letters may be wrong
    TRUNCATED = "truncated"  # there is more text than we keep
    TOO_DEEP = "too_deep"  # parts lie deeper than we look
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MANY_ATTACHMENTS = "too_many_attachments"
    # what it is made of
    HTML_ONLY = "html_only"
    NO_TEXT = "no_text"  # nothing was written, or only in an attachment
    IMAGES_ONLY = "images_only"
    QUOTED_ONLY = "quoted_only"  # nothing new stands above or between the history: `new_text` is all of it
    ALTERNATIVES_DIFFER = "alternatives_differ"  # the plain part is a stub of what the HTML says
    ENCRYPTED = "encrypted"  # S/MIME or PGP: we have no key
    WINMAIL = "winmail"  # TNEF
    CALENDAR = "calendar"
    ACTIVE_ATTACHMENT = "active_attachment"  # a program, macros, HTML, SVG or XML: never rendered
    # who it is from
    NO_SENDER = "no_sender"
    SEVERAL_SENDERS = "several_senders"  # or one, in a form in which another reader may find another one
    SENDER_DIFFERS = "sender_differs"  # Sender is not From
    REPLY_TO_DIFFERS = "reply_to_differs"
    NAME_IS_ADDRESS = "name_is_address"  # the display name is, or holds, another address
    MIXED_SCRIPTS = "mixed_scripts"  # letters of several scripts in one word of an address or name
    # what should not have been sent (abuse case 73)
    CARD_NUMBER = "card_number"
    MY_NUMBER = "my_number"
    ID_SCAN = "id_scan"


SENSITIVE = frozenset({MailFlag.CARD_NUMBER, MailFlag.MY_NUMBER, MailFlag.ID_SCAN})


class MailAddress(BaseModel):
    """An address of a header as it stands there. `name` is the display name, and proves nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    address: str
    name: str = ""


class Attachment(BaseModel):
    """A part that is not the text. `name` and `media_type` are the sender's word, cleaned for showing."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    media_type: str
    content: bytes


class Returned(BaseModel):
    """A notice of the mail system that a mail of ours came back (RFC 3464)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    permanent: bool  # Action: failed, with a status of class 5
    failed: bool  # False: delayed, delivered, relayed
    message_ids: tuple[str, ...] = ()  # Message-ID and References of the mail that came back


class IncomingMail(BaseModel):
    """What could be read. Every text is NFC, without control characters but line breaks, and bounded."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    senders: tuple[MailAddress, ...] = ()  # From, as many as it names
    reply_to: tuple[MailAddress, ...] = ()
    subject: str = ""
    message_id: str = ""  # `<left@right>`, or empty
    references: tuple[str, ...] = ()  # In-Reply-To first, then References, newest first; 50 at most
    headers: tuple[tuple[str, str], ...] = ()  # (name in small letters, text) of those that say it is automatic
    text: str = ""  # all of it
    new_text: str = ""  # without the quoted history; all of it where nothing else is left
    attachments: tuple[Attachment, ...] = ()
    returned: Returned | None = None
    flags: frozenset[MailFlag] = frozenset()
