"""Take an order number and its postcode from a person whose mailbox alone is not enough (assurance T2).

What was entered is left for the workflow to compare: a door never touches the merchant's systems, and its answer is
the same whether it was right or wrong.
"""

# serves: E-00, P-01

from datetime import datetime, time, timedelta

from rightsdesk.domain.errors import ConflictError, InvalidInputError, TooManyAttemptsError
from rightsdesk.domain.identity import EVIDENCE_TRIES_PER_DAY
from rightsdesk.domain.session import Session
from rightsdesk.ports import CaseStore, Clock, CodeStore, TaskTokens, Workflow

_KEPT = timedelta(hours=1)
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
    clock: Clock,
) -> None:
    """Raises ConflictError where nothing was asked for, TooManyAttemptsError after five tries in a day."""
    for field, value in (("order_number", order_number), ("postcode", postcode)):
        if not value.strip():
            raise InvalidInputError.of(field, "missing")
        if len(value) > _LONGEST:
            raise InvalidInputError.of(field, "too_long")
    case = cases.get(session.request_id)
    if not case.is_open or not case.evidence_needed:
        raise ConflictError("nothing was asked for")
    now = clock()
    if not codes.count_evidence_try(f"REQ#{case.request_id}", at=now, per_day=EVIDENCE_TRIES_PER_DAY):
        raise TooManyAttemptsError(retry_at=_next_day(now))
    codes.leave_evidence(
        case.request_id, order_number=order_number.strip(), postcode=postcode.strip(), expires_at=now + _KEPT
    )
    token = tokens.parked(case.request_id, "decision")
    if token is not None:
        tokens.discard(case.request_id, "decision")
        workflow.succeed(token, {"decided": False, "waves": []})


def _next_day(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
