"""The dates of a case from what happened to it: receipt, questions, extension. Nothing moves a date by hand."""

# serves: E-00, B-4

from collections.abc import Sequence
from datetime import UTC, datetime

from rightsdesk.domain.clock import ClockState, Extension, Question, QuestionKind
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import DueDates, PrivacyRequest
from rightsdesk.law.deadlines import Deadlines
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.suspension import Suspension, SuspensionReason

_REASONS = {
    QuestionKind.IDENTITY: SuspensionReason.IDENTITY,
    QuestionKind.CLARIFICATION: SuspensionReason.CLARIFICATION,
}


def deadlines_of(
    received_at: datetime,
    country: str,
    *,
    merchant: MerchantProfile,
    questions: Sequence[Question] = (),
    extension: Extension | None = None,
) -> Deadlines:
    """Every date, and why. An open question does not move the due date yet: the earlier one is safe."""
    zone = merchant.timezone
    return compute_deadlines(
        received_at,
        country,
        controller_country=merchant.country,
        controller_zone=merchant.zone,
        promise_months=merchant.promise_months,
        extended=extension is not None,
        suspensions=[
            Suspension(
                asked_on=question.asked_at.astimezone(zone).date(),
                answered_on=question.answered_at.astimezone(zone).date() if question.answered_at else None,
                reason=_REASONS[question.kind],
            )
            for question in questions
        ],
    )


def due_dates(
    received_at: datetime,
    country: str,
    *,
    merchant: MerchantProfile,
    questions: Sequence[Question] = (),
    extension: Extension | None = None,
) -> DueDates:
    """The same as it is kept on the case."""
    deadlines = deadlines_of(received_at, country, merchant=merchant, questions=questions, extension=extension)
    return DueDates(
        laws=tuple(str(law) for law in deadlines.laws),
        received_on=deadlines.received_on,
        nominal_on=deadlines.nominal_on,
        due_on=deadlines.due_on,
        conservative_due_on=deadlines.conservative_due_on,
        extended_due_on=deadlines.extended_due_on,
        extension_notice_due_on=deadlines.extension_notice_due_on,
        refusal_notice_due_on=deadlines.refusal_notice_due_on,
        progress_notice_due_on=deadlines.progress_notice_due_on,
        target_on=deadlines.target_on,
        extended=deadlines.extended,
        suspended_days=deadlines.suspended_days,
        due_at=deadlines.due_at.astimezone(UTC),
        rules=deadlines.rules,
    )


def case_deadlines(case: PrivacyRequest, *, merchant: MerchantProfile) -> Deadlines:
    """The dates of a case as it stands, with the reasons."""
    return deadlines_of(
        case.received_at, case.country, merchant=merchant, questions=case.questions, extension=case.extension
    )


def clock_state(case: PrivacyRequest, *, now: datetime) -> ClockState:
    """How the clock of a case stands: derived, and never kept."""
    if not case.is_open or case.answered_at:
        return "stopped"
    if now > case.due.due_at:
        return "overdue"
    if case.open_question:
        return "suspended"
    return "extended" if case.due.extended else "running"
