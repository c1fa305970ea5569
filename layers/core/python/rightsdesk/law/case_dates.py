"""The dates of a case from what happened to it: receipt, questions, extension. Nothing moves a date by hand."""

# serves: E-00, B-4, B-6

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rightsdesk.domain.audit import AuditEvent, Detail
from rightsdesk.domain.clock import ClockState, Extension, Question, QuestionKind, with_answer
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SUBJECT, DueDates, PrivacyRequest, RequestType
from rightsdesk.law.countries import ZONES
from rightsdesk.law.deadlines import Deadlines
from rightsdesk.law.explanation import StepCode
from rightsdesk.law.on_record import on_record
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.promised_days import promised_days
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
    types: tuple[RequestType, ...] = (),
    questions: Sequence[Question] = (),
    extension: Extension | None = None,
) -> Deadlines:
    """Every date, and why. An open question does not move the due date yet: the earlier one is safe.

    Without `types` the dates are those of a right, which are the law's.
    """
    zones = tuple(ZoneInfo(zone) for zone in (merchant.zone, *ZONES.get(country, ())))
    return compute_deadlines(
        received_at,
        country,
        controller_country=merchant.country,
        controller_zone=merchant.zone,
        promise_months=merchant.promise_months,
        promised=promised_days(types, merchant),
        extended=extension is not None,
        suspensions=[_suspension(question, zones) for question in questions],
    )


def _suspension(question: Question, zones: tuple[ZoneInfo, ...]) -> Suspension:
    """A question as days. Where the zones give several, it was asked on the last and held up for the fewest."""
    asked_on = max(question.asked_at.astimezone(zone).date() for zone in zones)
    answered_on = None
    if question.answered_at:
        answered_on = asked_on + min(_days(question.asked_at, question.answered_at, zone) for zone in zones)
    return Suspension(asked_on=asked_on, answered_on=answered_on, reason=_REASONS[question.kind])


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    return end.astimezone(zone).date() - start.astimezone(zone).date()


def due_dates(
    received_at: datetime,
    country: str,
    *,
    merchant: MerchantProfile,
    types: tuple[RequestType, ...] = (),
    questions: Sequence[Question] = (),
    extension: Extension | None = None,
) -> DueDates:
    """The same as it is kept on the case."""
    deadlines = deadlines_of(
        received_at, country, merchant=merchant, types=types, questions=questions, extension=extension
    )
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


def dates_with(
    case: PrivacyRequest,
    *,
    merchant: MerchantProfile,
    questions: Sequence[Question] | None = None,
    extension: Extension | None = None,
) -> DueDates:
    """The dates of a case after its questions changed, or it was extended: always counted anew from receipt."""
    return due_dates(
        case.received_at,
        case.country,
        merchant=merchant,
        types=case.types,
        questions=case.questions if questions is None else questions,
        extension=extension or case.extension,
    )


def question_answered(
    case: PrivacyRequest, *, at: datetime, merchant: MerchantProfile, answer: str | None = None
) -> tuple[PrivacyRequest, AuditEvent]:
    """The case whose open question the person has answered, and its event: the days that it took are counted.

    `answer` is None where facts were entered: they are compared, and never kept here.
    """
    questions = with_answer(case.questions, at=at, answer=answer)
    due = dates_with(case, merchant=merchant, questions=questions)
    details: dict[str, Detail] = {
        "kind": questions[-1].kind,
        "suspended_days": due.suspended_days,
        "to": due.due_on.isoformat(),
        **on_record(case, due.rules),
    }
    return case.changed("question_answered", at=at, actor=SUBJECT, details=details, questions=questions, due=due)


def case_deadlines(case: PrivacyRequest, *, merchant: MerchantProfile) -> Deadlines:
    """The dates of a case as it stands, with the reasons."""
    return deadlines_of(
        case.received_at,
        case.country,
        merchant=merchant,
        types=case.types,
        questions=case.questions,
        extension=case.extension,
    )


def stands_still(case: PrivacyRequest, *, merchant: MerchantProfile) -> bool:
    """Whether the days of the open question count: it was asked in time, under a law whose clock can stop."""
    if case.open_question is None:
        return False
    return any(each.code is StepCode.SUSPENSION_OPEN for each in case_deadlines(case, merchant=merchant).why)


def clock_state(case: PrivacyRequest, *, merchant: MerchantProfile, now: datetime) -> ClockState:
    """How the clock of a case stands: derived, and never kept."""
    if not case.is_open or case.answered_at:
        return "stopped"
    if now > case.due.due_at:
        return "overdue"
    if stands_still(case, merchant=merchant):
        return "suspended"
    return "extended" if case.due.extended else "running"
