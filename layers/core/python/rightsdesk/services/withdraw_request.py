"""End a request at the person's wish, whatever it is doing; what was collected is destroyed."""

# serves: E-02, E-07

from collections.abc import Callable

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import AlreadyAnsweredError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.review import require_nothing_gone
from rightsdesk.domain.session import Session
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import Workflow


def withdraw_request(
    session: Session,
    *,
    cases: CaseStore,
    workflow: Workflow,
    clock: Clock,
    actor: str = SUBJECT,
    require: Callable[[PrivacyRequest], None] = lambda _: None,
) -> None:
    """Close the case at once, stop its workflow, and start the one that cleans up.

    `actor`: a controller may take back what it handed on; `require` says of the case as it stands whether it may.

    Raises CaseClosedError, and AlreadyAnsweredError: there is nothing left to stop. An erasure can be undone so until
    its first row goes; then it is ErasureBegunError.

    A task in flight finds the case closed when it wants to write, and removes what it made.
    """

    def withdrawn(case: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
        require(case)
        if case.is_open and case.answered_at:
            raise AlreadyAnsweredError("it is answered")
        if case.is_open:
            require_nothing_gone(case)
        return case.changed(
            "withdrawn",
            at=now,
            actor=actor,
            status=Status.CLOSED,
            outcome=Outcome.WITHDRAWN,
            closed_at=now,
            attempt=case.attempt + 1,
            evidence_needed=False,
        )

    now = clock()
    case = save_anyway(cases, cases.get(session.request_id), withdrawn)
    try:
        # Stopped first: once the clean-up has run, nothing looks at this case again, and one that waits would wait on.
        workflow.stop(case.request_id, attempt=case.attempt - 1)
        workflow.start(case.request_id, attempt=case.attempt, entry="withdrawal")
    except ServiceUnavailableError:
        logger.warning("clean-up not started; the sweep will", extra={"request_id": case.request_id})
