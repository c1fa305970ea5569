"""What a service answers a door: the facts to show, in no language and no markup."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import Country, Failure, Language, Refusal, RequestType, Treatment


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


class Step(View):
    """A station on the way that the person is shown, and when it was passed (None: not yet)."""

    name: Literal["received", "identity_confirmed", "being_prepared", "answered"]
    at: datetime | None


class RequestView(View):
    """What the person may see of their own request."""

    reference: str
    types: tuple[RequestType, ...]
    status: Status
    outcome: Outcome | None
    received_at: datetime
    due_on: date
    language: Language
    evidence_needed: bool  # an order number and its postcode are asked for
    steps: tuple[Step, ...]
    package: Package | None  # to be fetched now
    can_withdraw: bool


class DownloadLink(View):
    url: str
    expires_at: datetime
    sha256: str
    bytes: int
    name: str


class PreviewLink(DownloadLink):
    """A link of 60 seconds to the draft of the answer, for staff; `version`: of the case, now that this is noted."""

    version: int


class SourceView(View):
    """One source of the plan, for staff. `collections`: name -> rows, flagged rows, unmapped fields..."""

    source: str
    status: Literal["pending", "done", "failed"]
    error: str | None = None
    collections: dict[str, dict[str, object]] = {}


class CaseSummary(View):
    """A line of the work list. The subject is masked."""

    reference: str
    types: tuple[RequestType, ...]
    status: Status
    outcome: Outcome | None
    received_at: datetime
    due_on: date
    target_on: date
    days_left: int  # to due_on; negative when overdue
    country: Country
    language: Language
    assignee: str | None
    failed: bool
    subject: str  # masked address


class CasePage(View):
    items: tuple[CaseSummary, ...]
    next: str | None  # cursor


class HeldRows(View):
    """Rows about other people in one collection: the release waits for a decision (GDPR 15(4))."""

    collection: str
    rows: int
    treatment: Treatment | None


class HeldLabel(View):
    en: str
    ja: str


class HeldCollection(View):
    """Rows of one collection that say something about other people: in which fields, and the first of them."""

    collection: str
    label: HeldLabel
    rows: tuple[dict[str, JsonValue], ...]
    others: tuple[str, ...]  # the fields about other people
    shown: int
    total: int


class HeldContent(View):
    """What staff read to decide on rows about other people; `version`: of the case, now that this is noted."""

    version: int
    collections: tuple[HeldCollection, ...]


NextStep = Literal[
    "wait_for_person",
    "wait_for_sources",
    "release_or_refuse",
    "decide_held_rows_and_release",
    "wait_for_answer",
    "wait_for_download",
    "retry_failed",
    "none",
]


class CaseView(CaseSummary):
    """One case, for staff.

    `name`, `order_number` and `details` are what the person wrote: for who may inspect a case (handler, approver), and
    once the mailbox is confirmed.
    """

    version: int
    next_step: NextStep = Field(description="What is to be done, or waited for")
    name: str | None
    order_number: str | None
    details: str | None
    laws: tuple[str, ...]
    rules: tuple[str, ...]
    conservative_due_on: date
    assurance: int
    evidence_needed: bool
    sources: tuple[SourceView, ...]
    held: tuple[HeldRows, ...]
    package: Package | None
    package_rows: int | None
    refusal: Refusal | None
    allowed_grounds: tuple[str, ...]  # those on which this case may be refused
    failure: Failure | None
    handled_by: tuple[str, ...]
    other_requests: int = 0  # from the same address; many are no ground to refuse by themselves (GDPR 12(5))
    may_release: bool  # the asking member of staff may release this, now


class Timeline(View):
    reference: str
    events: tuple[AuditEvent, ...]
    intact: bool
    broken_at: int | None
