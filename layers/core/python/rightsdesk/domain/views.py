"""What a service answers a door: the facts to show, in no language and no markup. For staff: `case_views.py`."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.clock import ClockState, ExtensionReason, QuestionKind
from rightsdesk.domain.erasure_review import ErasurePhase
from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import AgentRole, ExportState, Language, RequestType, Writer


class View(BaseModel):
    # Built when first used: a door shows one or two of these in a call.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Receipt(View):
    """The answer to every submission: the same for a known and an unknown person."""

    reference: str
    received_at: datetime
    status: Status


class Verified(View):
    status: Status
    due_on: date


class PackagePart(View):
    part: int  # from 1
    name: str
    bytes: int
    sha256: str


class Package(View):
    parts: tuple[PackagePart, ...]
    expires_at: datetime
    downloads_left: int


def package_view(export: ExportState | None, *, downloads: int) -> Package | None:
    """A package whose time to be fetched was opened; `downloads` are those of each part. None before that."""
    if export is None or export.expires_at is None:
        return None
    return Package(
        parts=tuple(
            PackagePart(part=number, name=part.name, bytes=part.bytes, sha256=part.sha256)
            for number, part in enumerate(export.parts, start=1)
        ),
        expires_at=export.expires_at,
        downloads_left=max(0, downloads * len(export.parts) - export.downloads),
    )


class Step(View):
    """A station on the way that the person is shown, and when it was passed (None: not yet)."""

    name: Literal["received", "identity_confirmed", "being_prepared", "answered"]
    at: datetime | None


class QuestionView(View):
    """What staff ask the person, in their words."""

    kind: QuestionKind
    text: str
    asked_on: date  # of the merchant's zone, as are all dates here


class ExtensionView(View):
    """Why there is more time for the answer, as the letter said it."""

    reason: ExtensionReason
    explanation: str
    told_on: date


class KeptView(View):
    """Records that stay, and why: a law or a rule of ours and the last day, where one is known, or a ground.

    Of records that stay for both, there is one of these for each.
    """

    what: Label
    rows: int
    law: Label | None = None
    first: date | None = None  # of the last days, where not all records have the same
    until: date | None = None
    ground: str | None = None  # code of `law.refusal_grounds`
    fields: tuple[Label, ...] = ()  # that staff leave in them on that ground


class LossView(View):
    """What the person loses: so many of it, and their sum where it has one (points)."""

    what: Label
    count: int
    amount: int | None = None


class PlanTold(View):
    """What an erasure would do, as the person is told before they confirm it (E-14)."""

    deleted: tuple[Label, ...]
    anonymised: tuple[Label, ...]
    kept: tuple[KeptView, ...]
    losses: tuple[LossView, ...]


class ErasureView(View):
    """How far an erasure is. `plan` is there while the person can still say no to it on their own."""

    state: ErasurePhase
    asked_at: datetime | None
    confirm_by: date | None  # the last day on which it can be confirmed, until it is
    confirmed_at: datetime | None
    undo_until: datetime | None
    nothing_to_erase: bool = False  # nothing was found, so there is nothing to confirm
    plan: PlanTold | None


class ToldView(View):
    """Somebody who was given the data, and how far it is with what it was told (GDPR 19)."""

    who: Label
    state: NoticeState
    settled: bool  # nothing more is waited for
    told_on: date | None  # None: not reached yet
    told_no_more: bool = False  # nobody tells them any more: it is to be lifted
    ends_on: date | None = None  # from when on they need not do it any more


class SentView(View):
    """What became of the portable part that another controller was to get (GDPR 20(2))."""

    host: str
    state: Literal["sent", "refused", "failed", "retrying"]  # `retrying`: the answer said that it failed
    sent_on: date | None
    sha256: str | None  # of what was sent
    reason: str | None  # of staff, where they did not send it


class StoppedView(View):
    """What is not done any more with the person's data, since when, and until when where that is known."""

    purposes: tuple[Label, ...]  # whatever is decided
    meanwhile: tuple[Label, ...]  # purposes that are stopped until it is decided
    recipients: tuple[Label, ...]  # to whom nothing is handed on
    needed_goes_on: bool  # to them, for what a contract or a law requires
    everything: bool  # the data are only stored
    since: date
    provisional: bool  # until it is decided: `meanwhile`, `recipients`, `everything`
    ending: tuple[Label, ...]  # purposes that are stopped until `lifted_on` only
    lifted_on: date | None  # as a letter said it; None once that day has come, and where nothing ends
    ended_on: date | None = None  # that day, once it has come


class MessageView(View):
    """One entry of the thread, as the person sees it: what was asked at first, a message, or the answer."""

    kind: Literal["request", "message", "answer"] = "message"
    number: int | None = None  # of a message, from 1
    by: Writer | Literal["agent"]  # who asked for them wrote the request
    at: datetime
    text: str | None  # None: the words are no longer kept


class MessageTaken(View):
    """`reference` is of another request where an answered one was taken up again."""

    reference: str
    number: int


class AgentTold(View):
    """Who asks for the person, as they say, and whether they get a copy of the answer."""

    role: AgentRole
    name: str
    gets_answers: bool
    can_be_said: bool  # the person can still say otherwise


class DisownView(View):
    """What whoever reads a mailbox is shown of a request that they may not have made."""

    reference: str
    received_at: datetime
    state: Literal["open", "frozen", "over"]
    begun: bool = False  # data are being erased: what is gone does not come back
    stopped_for_good: bool = False  # it took back a consent or stopped advertising: only the person can agree again
    newsletter: bool = False  # the newsletter is among that: there is a page to sign up anew


class RequestView(View):
    """What the person may see of their own request."""

    reference: str
    types: tuple[RequestType, ...]
    status: Status
    outcome: Outcome | None
    received_at: datetime
    due_on: date
    conservative_due_on: date  # the same, had the clock never stood still
    clock: ClockState
    suspended_since: date | None  # the day on which we asked, while the clock stands still
    extension: ExtensionView | None
    language: Language
    evidence_needed: bool  # an order number and its postcode are asked for
    question: QuestionView | None  # waits for an answer
    steps: tuple[Step, ...]
    package: Package | None  # to be fetched now
    erasure: ErasureView | None  # of an erasure, once it is decided upon
    use: StoppedView | None = None  # what the request has stopped
    transfer: SentView | None = None  # to another controller, once it is over
    recipients: tuple[ToldView, ...] = ()  # who was given what was changed, and is told of it
    messages: tuple[MessageView, ...] = ()  # the thread, oldest first, with what was asked and what was answered
    can_write: bool = False  # another message is taken
    reopen_until: datetime | None = None  # until when a message takes up again what was answered
    follows: str | None = None  # reference of the answered request that this one takes up again
    followed_by: str | None = None  # reference of the request that did so with this one
    merged_into: str | None = None  # reference of the earlier request that asks for the same, and answers this one
    agent: AgentTold | None = None  # who asks for them
    can_withdraw: bool


class DownloadLink(View):
    url: str
    expires_at: datetime
    sha256: str
    bytes: int
    name: str
