"""What staff are shown of mails that came in: the facts, in no language and no markup."""

# serves: B-2, B-6

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from rightsdesk.domain.incoming_mail import MailFlag, Verdicts
from rightsdesk.domain.intents import IntentType
from rightsdesk.domain.mail_item import Dismissal, MailContent, MailItem, MailStatus
from rightsdesk.domain.request import Writer
from rightsdesk.domain.views import View


class IntentView(View):
    """What the words seem to ask for, and which words. From 0.6 on it is clear."""

    type: IntentType
    score: float
    why: tuple[str, ...]


class MailLine(View):
    """A mail in a list. The sender is masked."""

    id: str
    status: MailStatus
    received_at: datetime
    due_on: date  # were it a request of somebody who lives in `country`
    target_on: date
    days_left: int  # to due_on
    country: str  # assumed
    language: str
    sender: str | None  # masked address
    intents: tuple[IntentView, ...]
    reminder: bool
    held_for: tuple[str, ...] = Field(description="why staff look at it, or why it was kept")
    doubts: tuple[str, ...] = Field(description="what speaks against its sender")
    automatic: tuple[str, ...] = Field(description="why nobody answers it by itself")
    flags: tuple[MailFlag, ...]
    files: int
    suggestions: tuple[str, ...] = Field(description="references of requests that it may belong to")
    requests: tuple[str, ...]
    attached_to: str | None


class MailPage(View):
    """Mails that wait for somebody, the one whose target date is next at the top."""

    items: tuple[MailLine, ...]
    next: str | None  # cursor


class ThreadLine(View):
    """One message of the thread of a request. Its words are for who may inspect a case."""

    number: int  # from 1
    by: Writer
    at: datetime
    text: str | None
    mail: str | None = None  # id of the mail that brought it
    staff: str | None = None  # user id of who wrote it


class MessageList(View):
    """The mails that belong to a request, and its thread; each oldest first."""

    items: tuple[MailLine, ...]
    thread: tuple[ThreadLine, ...] = ()


class FileView(View):
    """An attachment, as its sender calls it. It is never shown here: a link lets you save it."""

    number: int
    name: str
    media_type: str
    bytes: int
    sha256: str


class AddressView(View):
    address: str
    name: str


class ContentView(View):
    """What the mail says, as plain text. `new_text` is without the quoted history."""

    senders: tuple[AddressView, ...]
    reply_to: tuple[AddressView, ...]
    recipients: tuple[str, ...]
    subject: str
    text: str
    new_text: str
    files: tuple[FileView, ...]


class MatchView(View):
    """A request of the same address, or one that the mail names."""

    reference: str
    by: str  # `address`, or `named`: somebody wrote its reference, which anybody may
    open: bool


class MailView(MailLine):
    """One mail. `content` is None where it is gone, or not for the role of who asks."""

    version: int
    verdicts: Verdicts
    content: ContentView | None
    matches: tuple[MatchView, ...]
    earlier_mails: int = Field(description="from the same address, in the last months")
    same_as: str | None = Field(description="id of the mail that came first under its Message-ID")
    answers: str | None = Field(description="id of an earlier mail of this sender, who was asked what it meant")
    dismissed_for: Dismissal | None
    asked_at: datetime | None
    settled_at: datetime | None
    purged: bool
    intact: bool = Field(description="its history is whole and unaltered")


def mail_line(item: MailItem, *, now: datetime, zone: ZoneInfo) -> MailLine:
    return MailLine(
        id=item.mail_id,
        status=item.status,
        received_at=item.received_at,
        due_on=item.due.due_on,
        target_on=item.due.target_on,
        days_left=(item.due.due_on - now.astimezone(zone).date()) // timedelta(days=1),
        country=item.country,
        language=item.language,
        sender=item.sender,
        intents=tuple(IntentView(type=i.type, score=i.score, why=i.why) for i in item.intents),
        reminder=item.reminder,
        held_for=item.held_for,
        doubts=item.doubts,
        automatic=item.automatic,
        flags=item.flags,
        files=item.files,
        suggestions=item.suggestions,
        requests=item.requests,
        attached_to=item.attached_to,
    )


def content_view(content: MailContent) -> ContentView:
    """Without the keys under which files lie."""
    return ContentView(
        senders=tuple(AddressView(address=each.address, name=each.name) for each in content.senders),
        reply_to=tuple(AddressView(address=each.address, name=each.name) for each in content.reply_to),
        recipients=content.recipients,
        subject=content.subject,
        text=content.text,
        new_text=content.new_text,
        files=tuple(
            FileView(number=f.number, name=f.name, media_type=f.media_type, bytes=f.bytes, sha256=f.sha256)
            for f in content.files
        ),
    )
