"""The person says that their data may go, having read what is lost with them; and has three days to think again."""

# serves: E-04, E-14

from datetime import datetime

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.erasure_review import UNDO_PERIOD, require_waiting_for_the_person
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.safeguards import require_not_frozen
from rightsdesk.domain.session import Session
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume


def confirm_erasure(
    session: Session,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    letters: Correspondence,
    links: LinkSource,
    clock: Clock,
) -> datetime:
    """Note it, and answer until when it can be undone. Said again, it is the same.

    Raises CaseClosedError, and ConflictError where it was not asked for. The letter tells the mailbox that it was said,
    and how to undo it, for whoever said it may not be its owner (abuse case 14).
    """
    now = clock()

    def confirmed(case: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
        erasure = require_waiting_for_the_person(case)
        require_not_frozen(case)
        if erasure.confirmed_at is not None:
            return None
        until = now + UNDO_PERIOD
        return case.changed(
            "erasure_confirmed",
            at=now,
            actor=SUBJECT,
            details={"undo_until": until.isoformat()},
            erasure=erasure.model_copy(update={"confirmed_at": now, "undo_until": until}),
        )

    case = save_anyway(cases, cases.get(session.request_id), confirmed)
    until = require_waiting_for_the_person(case).undo_until or now + UNDO_PERIOD
    try:
        letters.to_subject(
            case,
            Letter.ERASURE_CONFIRMED,
            {
                "reference": case.reference,
                "name": case.name,
                "undo_until": until,
                "link": f"{links().request(case)}/withdraw",
            },
        )
        resume(case.request_id, "confirmation", {"undo_until": until}, tokens=tokens, workflow=workflow)
    except (ServiceUnavailableError, MailRejectedError):  # it is said, and not to be said again
        logger.warning("confirmation not passed on; the sweep will", extra={"request_id": case.request_id})
    return until
