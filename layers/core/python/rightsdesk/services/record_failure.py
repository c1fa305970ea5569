"""Put on the case that its workflow has stopped, and where: what failed stays visible and can be started again."""

# serves: B-5

from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.request import SYSTEM, Failure
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock


def record_failure(
    request_id: str, state: str, error: str, *, cases: CaseStore, letters: Correspondence, clock: Clock
) -> None:
    """Task of the workflow, its one failure state. `state` and `error` are names, never messages.

    An execution fails once, so staff are told once for each attempt.
    """
    case = cases.get(request_id)
    if case.failure is None:
        now = clock()
        after, event = case.changed(
            "workflow_failed",
            at=now,
            actor=SYSTEM,
            details={"state": state, "error": error},
            failure=Failure(state=state, error=error, at=now),
        )
        cases.save(case, after, event)
        case = after
    failed = [result.source for result in cases.sources(request_id).values() if result.status == "failed"]
    letters.to_staff(
        case,
        Letter.STAFF_FAILURE,
        {
            "reference": case.reference,
            "state": state,
            "error": error,
            "sources": failed,
            "target_on": case.due.target_on,
            "due_on": case.due.due_on,
        },
        version=case.attempt,
    )


def record_source_failure(request_id: str, source: str, error: str, *, cases: CaseStore, clock: Clock) -> None:
    """A source could not be collected. The others go on, and no answer is built without it (abuse case 81)."""
    known = cases.sources(request_id).get(source)
    finished = known.collections if known else {}
    try:
        cases.put_source(
            request_id,
            SourceState(source=source, status="failed", error=error, at=clock(), collections=finished),
        )
    except ConflictError:
        if cases.get(request_id).is_open:
            raise
