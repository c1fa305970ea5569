"""What is shown of notices to recipients: to the recipient on its page, and to staff (GDPR 19)."""

# serves: B-2, P-10, C-1

from datetime import date, datetime

from pydantic import Field

from rightsdesk.domain.fields import Label
from rightsdesk.domain.recipient_notice import Channel, NoticeAction, NoticeState
from rightsdesk.domain.views import View


class KnownBy(View):
    """By what a recipient finds the record: `kind` as the data map calls it."""

    kind: Label
    values: tuple[str, ...]


class FieldChange(View):
    """A field that the recipient was given: what it is called, and of a correction what is right. `value` is None where
    it was emptied, and where nothing is corrected."""

    what: Label
    value: str | None = None


class NoticePage(View):
    """What the recipient sees. Nothing of the request but this."""

    reference: str
    asks: str  # the action; `restrict_meanwhile`, `stop_use_meanwhile`: until they hear again
    action: NoticeAction
    purposes: tuple[Label, ...] = ()  # for which the use stops; (): for all
    basis: Label  # the law and its articles, as the mail names them
    fields: tuple[FieldChange, ...] = ()  # that it was given, and that are concerned
    known_by: tuple[KnownBy, ...]
    more: bool  # identifiers than are shown
    asked_on: date
    respond_by: date
    state: NoticeState
    open: bool  # an answer is waited for
    ends_on: date | None = None  # until then it holds, and then no more
    stands: bool = False  # what was answered just now was not taken: what was answered before stands


class NoticeView(View):
    """One notice, for staff. What the recipient is told by is for who may inspect a case."""

    recipient: str
    label: str
    notice_id: str
    reference: str
    channel: Channel
    action: NoticeAction
    fields: tuple[str, ...] = Field(description="of the data map: what they had of what was changed")
    purposes: tuple[str, ...] = Field(default=(), description="for which the use stops; []: for all")
    meanwhile: bool = Field(default=False, description="until the request is decided, and they hear again")
    follows: str | None = Field(
        default=None, description="reference of what they were asked meanwhile; it ends on the day that they are told"
    )
    ends_at: datetime | None = Field(default=None, description="from then on they need not do it any more")
    identifiers: dict[str, tuple[str, ...]] | None = Field(description="by which they know the person, until settled")
    state: NoticeState
    settled: bool
    asked_at: datetime
    sent_at: datetime | None
    sendings: int
    answered_at: datetime | None
    reason: str | None = Field(description="why it was not done, or not all; of the recipient, or of staff")
    let_rest_by: str | None
    failure: str | None = Field(description="code of the last try to reach them, where it failed")
    instructions: Label | None = Field(description="how staff tell them, where no machine does")


class NoticeList(View):
    version: int = Field(description="of the case")
    items: tuple[NoticeView, ...]
