"""What staff are shown of cases: the facts, in no language and no markup."""

# serves: B-2, B-4

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.clock import Breach, ClockState, ExtensionReason, QuestionKind
from rightsdesk.domain.correction import Obstacle, Value
from rightsdesk.domain.decision_review import DecisionReview
from rightsdesk.domain.erasure_review import ErasurePhase
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import DeliveryState
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.oversight import Oversight
from rightsdesk.domain.permission import StopKind
from rightsdesk.domain.recipient_notice import NoticeLine
from rightsdesk.domain.request import AgentRole, Aim, Country, Door, Failure, Language, RequestType, Treatment
from rightsdesk.domain.safeguard_state import Freeze, Safeguard, SpecialKind
from rightsdesk.domain.transfer import TransferStatus
from rightsdesk.domain.views import DownloadLink, Package, View
from rightsdesk.law.deadlines import ExtensionBarrier


class PreviewLink(DownloadLink):
    """A link of 60 seconds to the draft of the answer, for staff; `version`: of the case, now that this is noted."""

    version: int


class SourceView(View):
    """One source of the plan, for staff. `collections`: name -> rows, flagged rows, unmapped fields..."""

    source: str
    status: Literal["pending", "done", "failed"]
    error: str | None = None
    collections: dict[str, dict[str, object]] = Field({})


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
    clock: Annotated[
        ClockState,
        Field(description="`suspended`: a question to the person is open. `stopped`: answered, or closed"),
    ]
    country: Country
    language: Language
    assignee: str | None
    failed: bool
    waits_for: tuple[Safeguard, ...] = Field(
        (),
        description="what bars every release until staff decide. `frozen`: the mailbox says that it did not ask; "
        "`special`: an approver decides; `mandate`: somebody asks for another",
    )
    reply_awaited: bool = Field(False, description="the last message of the thread is the person's")
    recipients_to_see_to: int = Field(
        0,
        description="recipients of the data that wait for staff: to be told by hand, not reached, or not able to do "
        "all of it (`GET .../recipients`)",
    )
    recipients_left: int = Field(0, description="recipients of the data of whom anything is still waited for")
    transfer_state: TransferStatus | None = Field(
        None,
        description="how far the package is that goes to another controller; null: nobody was named, or it is not "
        "released. `failed`: they did not take it; until the person's time to fetch it is over it can be sent again",
    )
    subject: str  # masked address


class CasePage(View):
    items: tuple[CaseSummary, ...]
    next: str | None  # cursor
    oversights: tuple[Oversight, ...] = Field(
        default=(),
        description="on the first page: recipients of data with whom something is missing or overdue (a review, an "
        "agreement, criteria)",
    )


class CorrectionView(View):
    """One correction as staff stated it, masked once the case is closed. Values are for who may inspect a case."""

    field: str
    old: Value | None = Field(description="null: nothing is held, and it is completed")
    new: Value | None
    where: dict[str, Value | None] = Field(description="what other fields of the row hold, by name; {}: all rows")
    evidence: str | None


class DisputeView(View):
    """A conclusion that the person holds to be wrong; the note is for who may inspect a case."""

    field: str
    note: str | None


class PlannedRows(View):
    """Rows of one collection that hold what is wrong; `fields`: in how many of them each is written."""

    collection: str
    rows: int
    fields: dict[str, int]


class RectificationView(View):
    """What staff stated, the plan that the desk made of it, and how far it is."""

    round: int
    corrections: tuple[CorrectionView, ...]
    disputed: tuple[DisputeView, ...]
    touches_contact: bool = Field(description="how the person is reached: facts are asked for first")
    plan_sha256: str | None = Field(description="approve the plan by it; null: not planned yet")
    planned: tuple[PlannedRows, ...]
    obstacles: tuple[Obstacle, ...] = Field(
        description="why it can't be approved. `taken`: the new address is an account already; `not_found`: the old "
        "value is not held there; `does_not_fit`: the column there can't hold the new one; `by_hand`: it can't be "
        "written there, `reason` says why; `source_broken`: something is wrong with the source"
    )
    approved_by: str | None
    began_at: datetime | None
    corrected_rows: int
    broke_in: tuple[str, ...] = Field(
        description="collections whose source broke while they were written: the rest is planned again. Approve once "
        "it is mended, or state what is to be corrected without it"
    )
    corrected_at: datetime | None
    recipients: tuple[str, ...] = Field(description="who had what was wrong, and has to be told (GDPR 19)")


class StopView(View):
    """One thing that is stopped in the register of permissions. `()`: all purposes, or whoever it is handed to."""

    kind: StopKind
    purposes: tuple[str, ...]
    except_purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    rule: str
    provisional: bool = Field(description="until it is decided")


class UseView(View):
    """What this case has stopped, and what became of it."""

    stops: tuple[StopView, ...]
    stopped_at: datetime
    settled_at: datetime | None
    going_on: tuple[str, ...] = Field(description="purposes that you go on with, on grounds that outweigh")
    lifted_at: datetime | None = Field(description="from when on; the person was told before")
    may_lift: bool


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


class DecisionInReview(View):
    """One decision of the register, as the data map describes it (GDPR 15(1)(h))."""

    name: str
    label: Label
    decides: Label
    logic: Label
    consequences: Label
    safeguards: Label
    reviewer: Label
    basis: str = Field(description="GDPR 22(2): `contract`, `law` or `consent`")
    recipient: str | None
    inputs: tuple[str, ...]


class ReviewFacts(View):
    """What one collection holds about the person of what went into the decisions."""

    collection: str
    label: Label
    fields: dict[str, Label] = Field(description="the inputs, by name; what else a row holds led to it")
    status: Literal["pending", "collecting", "done", "failed"] = Field(description="of the source, when it was read")
    rows: tuple[dict[str, JsonValue], ...]
    more: bool = Field(description="there are more than can be shown")


class ReviewView(View):
    """What staff need to review an automated decision; `version`: of the case, now that this is noted."""

    version: int
    named: str | None = Field(description="the decision that the person named; null: they don't know which")
    contests: bool
    view: str | None = Field(description="what the person says of it")
    decisions: tuple[DecisionInReview, ...]
    facts: tuple[ReviewFacts, ...]
    review: DecisionReview | None = Field(description="what was recorded so far")


class WhyStep(View):
    """One step of how the dates were found: a code, the rule that asked for it, and the figures that went in."""

    code: str
    rule: str
    parameters: dict[str, str | int]


class ExtensionView(View):
    """The extension that the person was told of. `explanation` is for who may inspect a case."""

    reason: ExtensionReason
    explanation: str | None
    told_at: datetime


class QuestionView(View):
    """A question to the person. What staff and the person wrote is for who may inspect a case."""

    kind: QuestionKind
    asked_at: datetime
    text: str | None
    answered_at: datetime | None
    answer: str | None


class RefusalView(View):
    """Staff's refusal. Words are for who may inspect a case; without `decided` a second person has yet to agree."""

    ground: str
    reason: str | None
    evidence: str | None
    by: str
    second_by: str | None
    decided: bool


class WithholdingView(View):
    """Why staff hold a field back; the words are for who may inspect a case."""

    ground: str
    reason: str | None


class LetterView(View):
    """A letter about the case, and what became of it."""

    letter: str
    to: Literal["person", "agent", "staff", "recipient"]
    version: int
    state: DeliveryState
    at: datetime  # of the state
    sent_at: datetime | None
    sha256: str | None = None  # of the letter with its salt; None where none was noted, as in bundles of before


class LetterList(View):
    """Every letter about a case, oldest first."""

    letters: tuple[LetterView, ...]


Draft = Literal["extended", "identity_question", "clarification_question", "refused", "answer"]
"""What can be looked at before it goes out. `answer` is the letter that answers this case, whichever that is."""


class LetterPreview(View):
    """A letter as it would go out now, but for the link at its foot by which a person says that the request is not
    theirs. Nothing is sent, and nothing noted."""

    letter: str
    subject: str
    text: str
    html: str
    language: Language


NEXT_STEPS = {
    "wait_for_person": "the code that was mailed has not been entered, or facts that we asked for are missing",
    "wait_for_answer_to_question": "a question of staff is open; the clock runs on by itself with the answer",
    "wait_for_sources": "data are collected, or soon will be; of an erasure, its plan is made",
    "wait_for_person_to_confirm": "the person was told what an erasure takes and costs them, and has to agree again",
    "state_corrections": "state what is wrong and what is right (`corrections`), or what is disputed; where the plan "
    "of it has `obstacles`, state it otherwise; or correct it in your own systems and say so; or refuse",
    "approve_correction": "look at the plan of the correction (`rectification`) and approve it by its digest; state it "
    "otherwise; or carry it out in your own systems and say so",
    "wait_for_correction": "it is looked at once more, and written",
    "wait_for_undo_time": "the person has agreed, and may still undo it",
    "lift_hold": "nothing of this person may be erased: once the reason (`holds` of the plan) is gone, an approver "
    "lifts the hold; a `restriction` goes with the restriction of the person's other request; or refuse",
    "answer_access_request_first": "the same person waits for a copy: answer that request (`goes_first` of the plan)",
    "approve_erasure": "look at the plan (`erasure`) and approve it by its digest, as the first; or refuse",
    "confirm_erasure_approval": "somebody else looks at the plan and approves it, too; one of the two is an approver",
    "wait_for_erasure": "it is checked once more, erased, and searched again",
    "decide_held_rows_and_release": "read `held`, decide on each collection, release or refuse",
    "release_or_refuse": "look at the draft, release or refuse it",
    "review_decision": "read what went into the decision (GET .../review), look at it anew with the person's view, and "
    "say what came of it (POST .../review); or refuse",
    "carry_out_and_say_so": "do what is asked in your own systems, weigh the fields that wait for it (`to_judge`; "
    "`decisions` has the questions; of what is objected to, purpose by purpose), then complete it with what was done, "
    "what stays and why; or refuse",
    "thaw": "whoever reads the mailbox says that they did not ask: find out; an approver thaws it. It can't be "
    "refused: no decision is waited for, or what was asked is never refused",
    "thaw_or_refuse": "whoever reads the mailbox says that they did not ask: find out; an approver thaws it, or refuse",
    "decide_special_case": "a shared mailbox, a minor, somebody who died (`special`): an approver lets it "
    "go on, or refuse",
    "decide_mandate": "somebody asks for the person (`agent`): accept their authority; or do not, and refuse",
    "refuse_or_accept_mandate": "the authority of who asks for the person was not accepted (`agent`): refuse; or "
    "accept it after all",
    "confirm_refusal": "a refusal is proposed: a second person confirms it, or decides otherwise",
    "answer_in_another_way": "a letter that had to arrive came back: reach the person otherwise, and note the contact",
    "wait_for_answer": "it is decided; the letter is on its way",
    "wait_for_download": "the person has been told, and may fetch the answer",
    "wait_for_download_or_retry_transfer": "the person has been told that the other controller did not take the "
    "package (`failed` of `transfer` says why), and may fetch it; as long as they can, it can be sent once more (POST "
    ".../transfer/retry)",
    "see_to_recipients": "a recipient of the data has to be told by hand, was not reached, or has not done it: see "
    "`recipients`, and GET .../recipients",
    "wait_for_recipients": "recipients of the data were told, and have to do the same",
    "retry_failed": "a task failed for good: see `failure`, mend its cause, then start it again",
    "none": "the case is closed",
}
NextStep = Literal[
    "wait_for_person",
    "wait_for_answer_to_question",
    "wait_for_sources",
    "wait_for_person_to_confirm",
    "state_corrections",
    "approve_correction",
    "wait_for_correction",
    "wait_for_undo_time",
    "lift_hold",
    "answer_access_request_first",
    "approve_erasure",
    "confirm_erasure_approval",
    "wait_for_erasure",
    "decide_held_rows_and_release",
    "release_or_refuse",
    "review_decision",
    "carry_out_and_say_so",
    "thaw",
    "thaw_or_refuse",
    "decide_special_case",
    "decide_mandate",
    "refuse_or_accept_mandate",
    "confirm_refusal",
    "answer_in_another_way",
    "wait_for_answer",
    "wait_for_download",
    "wait_for_download_or_retry_transfer",
    "see_to_recipients",
    "wait_for_recipients",
    "retry_failed",
    "none",
]


class ErasureSummary(View):
    """How far an erasure is; the plan itself is an answer of its own."""

    state: ErasurePhase
    round: int
    asked_at: datetime | None
    confirmed_at: datetime | None
    undo_until: datetime | None
    nothing_to_erase: bool  # nothing was found, so nobody was asked to confirm anything
    approved_by: tuple[str, ...]  # of this plan; two are wanted
    began_at: datetime | None
    certificate_sha256: str | None


class AgentView(View):
    """Who asks for the person, as they say. Their words are for who may inspect a case."""

    role: AgentRole
    name: str | None
    email: str | None
    mandate: str | None = Field(description="their authority, in their words")
    accepted: bool | None = Field(description="what staff found of it; null: nobody has looked yet")
    reason: str | None
    decided_by: str | None
    gets_answers: bool = Field(description="the person has agreed that they get a copy of the answer")


class SpecialView(View):
    """Why an approver decides before anything leaves. The reason is for who may inspect a case."""

    kind: SpecialKind
    raised_by: str = Field(description="`subject`: the form said so")
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None


class OtherRequest(View):
    """Another verified request of the same person. Many are no ground to refuse by themselves (GDPR 12(5))."""

    reference: str
    types: tuple[RequestType, ...]
    status: Status
    outcome: Outcome | None
    received_at: datetime
    due_on: date
    same_mailbox: bool = Field(description="False: it came from another mailbox of this person")
    merged_into: str | None = Field(description="reference of the one that answers it, too")


class TransferView(View):
    """To which controller the person wants the portable part sent (GDPR 20(2)), and what became of it.

    `host`, `path` and `refused_reason` are for who may inspect a case. What follows a `?` is never shown.
    """

    host: str | None
    path: str | None
    has_query: bool
    can_be_sent: bool = Field(description="False: nothing of it is portable, or it is too large for one call")
    bytes: int | None = Field(description="of the ZIP that would go, or went")
    sha256: str | None
    status: TransferStatus | None = Field(description="null: not released yet; say `send` with the release")
    approved_by: str | None
    refused_reason: str | None
    attempts: int = Field(description="since it was tried again last")
    sent_at: datetime | None
    answered: int | None = Field(description="status of HTTP, the last one")
    receipt: str | None = Field(description="SHA-256 of what the receiver answered")
    failed: str | None = Field(
        description="why it was not sent: `no_answer`, `nothing_to_send`, a status of HTTP; `withdrawn` while nobody "
        "knew whether it had arrived; it may not be called, "
        "or its answer is not taken: `host`, `address`, `certificate`, `redirect`, `too_large`, `not_http`"
    )
    may_retry: bool = Field(False, description="the asking member of staff may have it sent again, now")


class CaseView(CaseSummary):
    """One case, for staff.

    `name`, `order_number` and `details` are what the person wrote: for who may inspect a case (handler, approver), and
    once the mailbox is confirmed. So are all words of staff and of the person; codes and dates are for every role.
    """

    version: int
    next_step: NextStep = Field(
        description="What is to be done, or waited for. "
        + " ".join(f"`{step}`: {meaning}." for step, meaning in NEXT_STEPS.items())
    )
    name: str | None
    order_number: str | None
    details: str | None
    aim: Aim | None = Field(description="what exactly is to stop, as the person chose it")
    transfer: TransferView | None = Field(None, description="where the person named another controller")
    review: DecisionReview | None = Field(None, description="what came of the review of an automated decision")
    use: UseView | None = Field(description="what is stopped in the register of permissions")
    region: str | None
    country_assumed: bool = Field(description="nobody has said where the person lives: put it right where you know")
    door: Door
    thread: int = Field(0, description="messages of the thread; their words: GET .../messages")
    follows: str | None = Field(None, description="reference of the answered request that it takes up again")
    followed_by: str | None = None
    messages: int = Field(description="mails that belong to it")
    answered_by_package: bool = Field(description="False: staff carry it out, and complete it with what they did")

    laws: tuple[str, ...]
    rules: tuple[str, ...]
    nominal_on: date = Field(description="before suspension and weekends")
    conservative_due_on: date = Field(description="due, were the clock never stopped")
    extended_due_on: date | None = Field(description="due once extended; null: the law knows no extension")
    extension_notice_due_on: date | None
    refusal_notice_due_on: date
    progress_notice_due_on: date | None
    suspended_days: int
    why: tuple[WhyStep, ...]
    extension: ExtensionView | None
    may_extend: bool = Field(description="the asking member of staff may extend this, now")
    extension_barrier: ExtensionBarrier | None = Field(description="what the law holds against an extension now")
    questions: tuple[QuestionView, ...]
    breaches: tuple[Breach, ...]

    assurance: int
    evidence_needed: bool
    sources: tuple[SourceView, ...]
    held: tuple[HeldRows, ...]
    to_judge: int = Field(description="decisions on fields that wait for the judgement of staff")
    withheld: dict[str, WithholdingView] = Field(description="fields that staff hold back, and why each")
    package: Package | None
    package_rows: int | None
    kept: dict[str, str] = Field(description="fields that were to go, and that staff leave, with the ground of each")
    reasons: dict[str, str | None] = Field(
        description="purposes that you go on with in spite of an objection, and why; the words are for who may inspect "
        "a case"
    )
    done: str | None = Field(description="what staff did, as the answer says it")
    carried_out_at: datetime | None
    refusal: RefusalView | None
    allowed_grounds: tuple[str, ...]  # those on which this case may be refused
    letters: tuple[LetterView, ...]
    undelivered: tuple[str, ...] = Field(description="letters that came back, and had to arrive")

    failure: Failure | None
    handled_by: tuple[str, ...]
    agent: AgentView | None = None
    special: SpecialView | None = None
    frozen: Freeze | None = Field(None, description="the mailbox said that it did not make this request")
    merged_into: str | None = Field(None, description="reference of the open request that this one asks over again")
    other_requests: tuple[OtherRequest, ...] = Field(
        (),
        description="of the same person, newest first: verified from the same mailbox, or theirs by another verified "
        "identifier. That there are many is no ground to refuse; `gdpr_12_5` wants evidence that they are excessive",
    )
    unverified_requests: int = Field(
        0, description="others that name this address, and that nobody has confirmed: anybody may have made them"
    )
    recipients: dict[str, NoticeLine] = Field(description="who was given what was changed, and is told of it (GDPR 19)")
    rectification: RectificationView | None = Field(description="of a rectification, once staff have stated it")
    may_approve_correction: bool = Field(description="the asking member of staff may approve its plan, now")
    erasure: ErasureSummary | None = Field(description="of an erasure, once it is decided upon")
    may_approve_erasure: bool = Field(description="the asking member of staff may approve its plan, now")
    may_release: bool  # the asking member of staff may release this, now
    may_complete: bool  # ... or say that it is carried out
    may_confirm_refusal: bool


class Timeline(View):
    reference: str
    events: tuple[AuditEvent, ...]
    intact: bool
    broken_at: int | None


class EvidenceBundle(View):
    """The signed history of a closed case as one ZIP, in base64; `bytes` and `sha256` are of the ZIP."""

    reference: str
    filename: str
    bytes: int
    sha256: str
    bundle: Annotated[str, Field(description="The ZIP, as base64")]
