"""Take an order number and its postcode from a person whose mailbox alone is not enough (assurance T2).

What was entered is left for the workflow to compare: a door never touches the merchant's systems, and its answer is
the same whether it was right or wrong.
"""

# serves: E-00, P-01

from datetime import timedelta

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError, InvalidInputError, TooManyAttemptsError
from rightsdesk.domain.identity import EVIDENCE_KEPT, EVIDENCE_TRIES_PER_DAY, VERIFICATION_PERIOD, counted_anew_at
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import undecided
from rightsdesk.domain.session import Session
from rightsdesk.law.case_dates import question_answered
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.codes import CodeStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

_LONGEST = 64


def submit_evidence(
    session: Session,
    order_number: str,
    postcode: str,
    *,
    cases: CaseStore,
    codes: CodeStore,
    tokens: TaskTokens,
    workflow: Workflow,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """The first facts entered, right or wrong, end the suspension of the clock: from then on it is ours to look.

    Raises ConflictError where nothing is asked for (any more), TooManyAttemptsError after five tries in a day.
    """
    for field, value in (("order_number", order_number), ("postcode", postcode)):
        if not value.strip():
            raise InvalidInputError.of(field, "missing")
        if len(value) > _LONGEST:
            raise InvalidInputError.of(field, "too_long")
    case = cases.get(session.request_id)
    now = clock()
    if not case.is_open or not case.evidence_needed or case.evidence_asked_at is None:
        raise ConflictError("nothing was asked for")
    left = case.evidence_asked_at + VERIFICATION_PERIOD - now
    if left <= timedelta(0):
        raise ConflictError("the time for this has passed")
    if not codes.count_evidence_try(f"REQ#{case.request_id}", at=now, per_day=EVIDENCE_TRIES_PER_DAY):
        raise TooManyAttemptsError(retry_at=counted_anew_at(now))
    codes.leave_evidence(
        case.request_id, order_number=order_number.strip(), postcode=postcode.strip(), expires_at=now + EVIDENCE_KEPT
    )

    def clock_goes_on(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
        asked = now.open_question
        if asked is None or asked.text is not None:
            return None
        return question_answered(now, at=clock(), merchant=merchant)

    save_anyway(cases, case, clock_goes_on)
    resume(case.request_id, "decision", undecided(left), tokens=tokens, workflow=workflow)
