"""Ask the person who they are, or what they mean: the clock stands still from the letter to the answer.

It does so only where the question was asked in time (EDPB 01/2022, 159); the law's own part says whether it was.
"""

# serves: E-00, B-4

from datetime import datetime

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.clock import Question, QuestionKind
from rightsdesk.domain.errors import QuestionOpenError
from rightsdesk.domain.letters import Letter, sent_at_of, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.questions import question_text
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.underway import require_underway
from rightsdesk.law.applicability import Law
from rightsdesk.law.case_dates import dates_with, stands_still
from rightsdesk.law.decisions import identity_rule
from rightsdesk.law.on_record import on_record
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock

_LETTERS = {
    QuestionKind.IDENTITY: Letter.IDENTITY_QUESTION,
    QuestionKind.CLARIFICATION: Letter.CLARIFICATION_QUESTION,
}


def ask_subject(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    kind: QuestionKind,
    text: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    clock: Clock,
) -> PrivacyRequest:
    """The case with its question. The letter goes out first: a clock never stands still for what nobody was asked.

    Where a process died between the two, the same words again save what was asked, and count when it was: no second
    letter. Raises NotAllowedError, CaseClosedError, VersionMovedOnError, ConflictError, QuestionOpenError,
    InvalidInputError for the text, and MailRejectedError where the mailbox takes no letter.
    """
    staff.require(Action.ASK)
    require_underway(case, version)
    if case.open_question:
        raise QuestionOpenError("one question at a time")
    words = question_text(kind, text)
    letter_version = version_of(str(len(case.questions)), kind, words)
    sent_at = sent_at_of(cases.letters(case.request_id), _LETTERS[kind], letter_version)
    question = Question(kind=kind, asked_at=sent_at or clock(), text=words)
    if sent_at is None:
        asked = case.model_copy(update={"questions": (*case.questions, question)})
        suspends, conservative = stands_still(asked, merchant=merchant), case.due.conservative_due_on
        letters.to_subject(
            case,
            _LETTERS[kind],
            {
                "reference": case.reference,
                "name": case.name,
                "question": words,
                "asked_on": question.asked_at.astimezone(merchant.timezone).date(),
                "due_on": case.due.due_on,
                # The answer moves the date, not the question: only after an earlier one are there two to tell.
                "conservative_due_on": conservative if suspends and conservative != case.due.due_on else None,
                "suspends": suspends,
                "promised": Law.PROMISE in case.due.laws,
                "closes_on": None,  # nobody ends a case for want of this answer: it is answered with what is known
                "link": links().request(case),
            },
            version=letter_version,
        )

    def asked_of(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
        if now.open_question:
            raise QuestionOpenError("something else was asked meanwhile")
        require_underway(now, now.version)
        return _asked(staff, now, question, merchant=merchant, at=clock())

    return save_anyway(cases, case, asked_of)  # it was asked, so it is on record


def _rules_of_asking(case: PrivacyRequest, question: Question) -> tuple[str, ...]:
    """Beside those of the clock."""
    return (identity_rule(case.due.laws),) if question.kind is QuestionKind.IDENTITY else ()


def _asked(
    staff: StaffMember, case: PrivacyRequest, question: Question, *, merchant: MerchantProfile, at: datetime
) -> tuple[PrivacyRequest, AuditEvent]:
    questions = (*case.questions, question)
    due = dates_with(case, merchant=merchant, questions=questions)
    return case.changed(
        "question_asked",
        at=at,
        actor=staff.actor,
        details={
            "kind": question.kind,
            "asked_at": question.asked_at.isoformat(),
            "to": due.due_on.isoformat(),
            **on_record(case, (*_rules_of_asking(case, question), *due.rules)),
        },
        questions=questions,
        due=due,
    )
