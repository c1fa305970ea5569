"""What the door for staff may ask for: the use cases, already wired by the function's `app.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rightsdesk.domain.case_views import (
    CasePage,
    CaseView,
    Draft,
    EvidenceBundle,
    HeldContent,
    LetterList,
    LetterPreview,
    PreviewLink,
    ReviewView,
    Timeline,
)
from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.decision_views import DecisionsView
from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.erasure_views import ErasurePlanView
from rightsdesk.domain.letters import Contact
from rightsdesk.domain.notice_views import NoticeList
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.register import RegisterRow
from rightsdesk.domain.report import Report
from rightsdesk.domain.request import Language, Treatment, Withholding
from rightsdesk.domain.retention_views import RetentionPage, RetentionView
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.mail_desk import MailDesk


@dataclass(frozen=True, kw_only=True)
class StaffDesk:
    """Each checks the role and raises NotAllowedError. References come in as typed: NotFoundError for an unknown one.

    Where a `version` goes in, it is of the case as it was seen: ConflictError (VersionMovedOnError) when it moved on.

    list_open         (staff, limit, cursor) -> open cases by target date; InvalidInputError on `cursor`
    view              (staff, reference)
    timeline          (staff, reference)
    letters           (staff, reference) -> every letter, and what became of it
    preview           (staff, reference, part from 1) -> link for 60 seconds to the draft, while it waits for a decision
    held              (staff, reference) -> rows about other people, while a decision is waited for
    assign            (staff, reference, assignee or None); `me` is the caller
    extend            (staff, reference, version, reason, explanation): the notice is sent, then the date moves
    ask               (staff, reference, version, kind, text): the question is sent, then the clock stands still
    write             (staff, reference, version, text): a message of the thread, and a mail that says so
    reach             (staff, reference, version, letter, how): the person was told otherwise what came back
    decisions         (staff, reference) -> what is done with each field, and what is left to judge
    evidence          (staff, reference) -> the signed history of a closed case; CaseOpenError
    withhold          (staff, reference, version, {field: why}): these fields and no others
    release           (staff, reference, version, {collection: treatment})
    state_corrections (staff, reference, version, corrections, disputes): the desk makes a plan of them
    approve_correction (staff, reference, version, digest of the plan): it is carried out
    erasure           (staff, reference) -> the plan of an erasure, what bars it, and how far it is
    approve_erasure   (staff, reference, version, digest of the plan, {field: ground} that stays or None,
                      {purpose: why it is gone on with} or None): two of them
    lift_restriction  (staff, reference, version, reason): the person is told, and it ends seven days later
    decide_mandate    (staff, reference, version, accepted, reason): whether somebody may ask for this person
    raise_special_case (staff, reference, version, kind): an approver decides before anything leaves
    decide_special_case (staff, reference, version, reason): it may go on
    thaw              (staff, reference, version, reason): what the mailbox disowned may go on
    hold              (staff, reference, version, reason): nothing of this person is erased until it is lifted
    lift_hold         (staff, reference, version, reason)
    notices           (staff, reference) -> who was given what was changed, what they were told, and how far it is
    note_recipient    (staff, reference, version, recipient, state, reason or None): what it has said or done
    let_recipient_rest (staff, reference, version, recipient, state, reason): it is good enough as it is
    tell_recipient_again (staff, reference, version, recipient)
    view_review       (staff, reference) -> the facts behind an automated decision; NotAReviewError
    review            (staff, reference, version, decision or None, result, reasons): what came of the review
    complete          (staff, reference, version, done, {field: ground} of what stays or None,
                      {purpose: why it is gone on with} or None)
    refuse            (staff, reference, version, ground code, reason, evidence or None)
    confirm_refusal   (staff, reference, version): the second person
    preview_letter    (staff, reference, draft, {field: what was typed}) -> as it would go out
    reside            (staff, reference, version, country, region): the dates are counted anew
    retry             (staff, reference): start a failed workflow again where it stopped
    retry_transfer    (staff, reference, version): what another controller did not take is sent again; GoneError
    kept              (staff, limit, cursor) -> what is kept after erasures, by its last day
    lift_kept         (staff, entry): what staff hold, or what had changed, is erased; KeptByLawError for any other
    register          (staff, first month, last month) -> a row for each request received in them; InvalidInputError
    report            (staff, month) -> its measures; InvalidInputError on `month`

    register_csv, report_text and report_svg write what these gave; `mail` is about mails that came in.
    """

    list_open: Callable[[StaffMember, int, str | None], CasePage]
    view: Callable[[StaffMember, str], CaseView]
    timeline: Callable[[StaffMember, str], Timeline]
    letters: Callable[[StaffMember, str], LetterList]
    preview: Callable[[StaffMember, str, int], PreviewLink]
    held: Callable[[StaffMember, str], HeldContent]
    assign: Callable[[StaffMember, str, str | None], CaseView]
    extend: Callable[[StaffMember, str, int, ExtensionReason, str], CaseView]
    ask: Callable[[StaffMember, str, int, QuestionKind, str], CaseView]
    write: Callable[[StaffMember, str, int, str], CaseView]
    reach: Callable[[StaffMember, str, int, str, Contact], CaseView]
    decisions: Callable[[StaffMember, str], DecisionsView]
    evidence: Callable[[StaffMember, str], EvidenceBundle]
    withhold: Callable[[StaffMember, str, int, dict[str, Withholding]], CaseView]
    release: Callable[[StaffMember, str, int, dict[str, Treatment], bool | None, str | None], CaseView]
    state_corrections: Callable[[StaffMember, str, int, tuple[Correction, ...], tuple[Dispute, ...]], CaseView]
    approve_correction: Callable[[StaffMember, str, int, str], CaseView]
    erasure: Callable[[StaffMember, str], ErasurePlanView]
    approve_erasure: Callable[[StaffMember, str, int, str, dict[str, str] | None, dict[str, str] | None], CaseView]
    lift_restriction: Callable[[StaffMember, str, int, str], CaseView]
    decide_mandate: Callable[[StaffMember, str, int, bool, str], CaseView]
    raise_special_case: Callable[[StaffMember, str, int, SpecialKind], CaseView]
    decide_special_case: Callable[[StaffMember, str, int, str], CaseView]
    thaw: Callable[[StaffMember, str, int, str], CaseView]
    hold: Callable[[StaffMember, str, int, HoldReason], CaseView]
    lift_hold: Callable[[StaffMember, str, int, HoldReason], CaseView]
    notices: Callable[[StaffMember, str], NoticeList]
    note_recipient: Callable[[StaffMember, str, int, str, NoticeState, str | None], NoticeList]
    let_recipient_rest: Callable[[StaffMember, str, int, str, NoticeState, str], NoticeList]
    tell_recipient_again: Callable[[StaffMember, str, int, str], NoticeList]
    view_review: Callable[[StaffMember, str], ReviewView]
    review: Callable[[StaffMember, str, int, str | None, ReviewResult, str], CaseView]
    complete: Callable[[StaffMember, str, int, str, dict[str, str] | None, dict[str, str] | None], CaseView]
    refuse: Callable[[StaffMember, str, int, str, str, str | None], CaseView]
    confirm_refusal: Callable[[StaffMember, str, int], CaseView]
    preview_letter: Callable[[StaffMember, str, Draft, Mapping[str, Any]], LetterPreview]
    reside: Callable[[StaffMember, str, int, str, str | None], CaseView]
    retry: Callable[[StaffMember, str], CaseView]
    retry_transfer: Callable[[StaffMember, str, int], CaseView]
    kept: Callable[[StaffMember, int, str | None], RetentionPage]
    lift_kept: Callable[[StaffMember, str], RetentionView]
    register: Callable[[StaffMember, str, str], tuple[RegisterRow, ...]]
    register_csv: Callable[[tuple[RegisterRow, ...]], str]
    report: Callable[[StaffMember, str], Report]
    report_text: Callable[[Report, Language | None], str]
    report_svg: Callable[[Report, Language | None], str]
    mail: MailDesk
