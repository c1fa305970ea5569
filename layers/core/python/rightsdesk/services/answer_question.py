"""The person answers what staff asked: the clock goes on from where it stood, and staff are told."""

# serves: E-00

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import MailRejectedError, NothingAskedError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.questions import answer_text
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.law.case_dates import question_answered
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock


def answer_question(
    session: Session,
    text: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """Keep the answer, count the days it took, tell staff. The month is never started again.

    Sent again, the same answer only makes sure that staff were told. Raises InvalidInputError for the text, and
    NothingAskedError where no question of staff is open; an order number and its postcode are `submit_evidence`'s.
    """
    words = answer_text(text)
    case = cases.get(session.request_id)
    if not _was_said(case, words):

        def answered(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
            _require_asked(now)
            return question_answered(now, at=clock(), merchant=merchant, answer=words)

        case = save_anyway(cases, case, answered)
    question = case.questions[-1]
    try:
        letters.to_staff(
            case,
            Letter.STAFF_ANSWERED,
            {
                "reference": case.reference,
                "question": question.text,
                "answered_on": (question.answered_at or clock()).astimezone(merchant.timezone).date(),
                "due_on": case.due.due_on,
            },
            version=len(case.questions),
        )
    except MailRejectedError:  # the answer stands, and the person can do nothing about our mailbox
        logger.warning("staff not told of an answer", extra={"request_id": case.request_id})


def _was_said(case: PrivacyRequest, words: str) -> bool:
    return case.open_question is None and bool(case.questions) and case.questions[-1].answer == words


def _require_asked(case: PrivacyRequest) -> None:
    case.require_open()
    question = case.open_question
    if question is None or question.text is None:
        raise NothingAskedError("no question is open")
