"""Take two months more for a case: once, told within the first month, with the reasons of this case (GDPR 12(3))."""

# serves: E-00, B-4

from datetime import datetime, timedelta

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.clock import Extension, ExtensionReason
from rightsdesk.domain.errors import (
    AlreadyExtendedError,
    ConflictError,
    ExtensionTooLateError,
    InvalidInputError,
    NoExtensionInThisLawError,
)
from rightsdesk.domain.extension_reasons import explanation_text
from rightsdesk.domain.letters import Letter, Phrase, sent_at_of, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.underway import require_underway
from rightsdesk.law.case_dates import case_deadlines, dates_with
from rightsdesk.law.deadlines import ExtensionBarrier, extension_barrier
from rightsdesk.law.on_record import on_record
from rightsdesk.law.remedies import remedies_of
from rightsdesk.ports.cases import CaseStore, others_of, save_anyway
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock

_RECENT = timedelta(days=365)
_BARRIERS: dict[ExtensionBarrier, type[ConflictError]] = {
    ExtensionBarrier.NO_EXTENSION_IN_THIS_LAW: NoExtensionInThisLawError,
    ExtensionBarrier.ALREADY_EXTENDED: AlreadyExtendedError,
    ExtensionBarrier.NOTICE_TOO_LATE: ExtensionTooLateError,
}


def extend_request(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    reason: ExtensionReason,
    explanation: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    clock: Clock,
) -> PrivacyRequest:
    """The case, extended. The letter goes out first, and the date moves after it (abuse case 75).

    Where a process died between the two, the same words again save what was told, and count when it was told: no
    second letter, and not too late. Raises NotAllowedError, CaseClosedError, VersionMovedOnError, ConflictError,
    InvalidInputError for the explanation, and for `number_of_requests` of who sent no other; NoExtensionInThisLawError,
    AlreadyExtendedError, ExtensionTooLateError, and MailRejectedError where the mailbox takes no letter: a person who
    was not told has no extended date.
    """
    staff.require(Action.EXTEND)
    require_underway(case, version)
    words = explanation_text(explanation)
    if reason is ExtensionReason.NUMBER_OF_REQUESTS:
        _require_others(case, cases, now=clock())
    letter_version = version_of(reason, words)

    def require_in_time(told_at: datetime) -> None:
        barrier = extension_barrier(case_deadlines(case, merchant=merchant), notice_sent_at=told_at)
        if barrier:
            raise _BARRIERS[barrier](f"not extended: {barrier}")

    sent_at = sent_at_of(cases.letters(case.request_id), Letter.EXTENDED, letter_version)
    told_at = sent_at or clock()
    require_in_time(told_at)
    extension = Extension(reason=reason, explanation=words, told_at=told_at)
    due = dates_with(case, merchant=merchant, extension=extension)
    if sent_at is None:
        letters.to_subject(
            case,
            Letter.EXTENDED,
            {
                "reference": case.reference,
                "name": case.name,
                "received_on": case.received_on(merchant.timezone),
                "reason": Phrase(name=f"extension.{reason}"),
                "explanation": words,
                "due_on": due.due_on,
                "old_due_on": case.due.due_on,
                "done_so_far": Phrase(name=f"progress.{case.status}"),
                "link": links().request(case),
                "remedies": remedies_of(case, merchant),
            },
            version=letter_version,
        )

    def extended_by(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
        if now.extension:
            raise AlreadyExtendedError("extended by somebody else meanwhile")
        require_underway(now, now.version)
        return _extended(staff, now, extension, merchant=merchant, at=clock())

    return save_anyway(cases, case, extended_by)  # it was told, so it holds


def _require_others(case: PrivacyRequest, cases: CaseStore, *, now: datetime) -> None:
    """The person has sent several requests, as the letter then says: at least one more in the last twelve months.

    Raises InvalidInputError. Those that nobody verified are no requests of this person.
    """
    if not any(other.received_at > now - _RECENT for other in others_of(cases, case)):
        raise InvalidInputError.of("reason", "no_other_request")


def _extended(
    staff: StaffMember, case: PrivacyRequest, extension: Extension, *, merchant: MerchantProfile, at: datetime
) -> tuple[PrivacyRequest, AuditEvent]:
    due = dates_with(case, merchant=merchant, extension=extension)
    return case.changed(
        "extended",
        at=at,
        actor=staff.actor,
        details={
            "reason": extension.reason,
            **on_record(case, ("GDPR-12-3" if "gdpr" in due.laws else "POLICY-PROMISE", *due.rules)),
            "told_at": extension.told_at.isoformat(),
            "from": case.due.due_on.isoformat(),
            "to": due.due_on.isoformat(),
        },
        extension=extension,
        due=due,
    )
