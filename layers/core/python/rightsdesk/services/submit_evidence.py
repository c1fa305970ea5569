"""Take an order number and its postcode from a person whose mailbox alone is not enough (assurance T2).

What was entered is left for the workflow to compare: a door never touches the merchant's systems, and its answer is
the same whether it was right or wrong.
"""

# serves: E-00, P-01

from datetime import timedelta

from rightsdesk.domain.clock import with_answer
from rightsdesk.domain.errors import ConflictError, InvalidInputError, TooManyAttemptsError
from rightsdesk.domain.identity import EVIDENCE_KEPT, EVIDENCE_TRIES_PER_DAY, VERIFICATION_PERIOD, counted_anew_at
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.law.case_dates import dates_with
from rightsdesk.law.on_record import on_record
from rightsdesk.ports import CaseStore, Clock, CodeStore, TaskTokens, Workflow

_MARGIN_SECONDS = 300  # longer than the comparison takes; a wait that ends is past the end of the time
_LONGEST = 64
_ATTEMPTS = 3


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
    _end_suspension(case, cases=cases, merchant=merchant, clock=clock)
    token = tokens.parked(case.request_id, "decision")
    if token is not None:
        # It is compared at once; if it was wrong, only what is left of the time is waited for the next try.
        wait_seconds = int(left.total_seconds()) + _MARGIN_SECONDS
        workflow.succeed(token, {"decided": False, "by_hand": False, "waves": [], "wait_seconds": wait_seconds})


def _end_suspension(
    case: PrivacyRequest, *, cases: CaseStore, merchant: MerchantProfile, clock: Clock, attempts: int = _ATTEMPTS
) -> None:
    question = case.open_question
    if question is None or question.text is not None:
        return
    now = clock()
    questions = with_answer(case.questions, at=now)
    due = dates_with(case, merchant=merchant, questions=questions)
    after, event = case.changed(
        "question_answered",
        at=now,
        actor=SUBJECT,
        details={
            "kind": question.kind,
            "suspended_days": due.suspended_days,
            "to": due.due_on.isoformat(),
            **on_record(case, due.rules),
        },
        questions=questions,
        due=due,
    )
    try:
        cases.save(case, after, event)
    except ConflictError:
        if attempts == 1:
            raise
        moved = cases.get(case.request_id)  # the watch has reminded of it meanwhile
        _end_suspension(moved, cases=cases, merchant=merchant, clock=clock, attempts=attempts - 1)
