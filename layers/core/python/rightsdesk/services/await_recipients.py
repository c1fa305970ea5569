"""Wait until everybody who was told has done it, or staff have let it rest (GDPR 19)."""

# serves: E-03, E-04, E-05, P-10

from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SYSTEM
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow


def await_recipients(
    request_id: str, task_token: str, *, cases: CaseStore, tokens: TaskTokens, workflow: Workflow, clock: Clock
) -> None:
    """Task of the workflow: keep its token. Passes at once where nothing is left to wait for."""
    tokens.park(request_id, "recipients", task_token)  # before the case is read: who answers then finds it
    case = cases.get(request_id)
    case.require_open()
    if case.all_are_told:
        workflow.succeed(task_token, {})
        return
    if case.status is not Status.AWAITING_RECIPIENTS:
        after, event = case.changed(
            "recipients_awaited",
            at=clock(),
            actor=SYSTEM,
            details={"recipients": list(case.recipients_left)},
            status=Status.AWAITING_RECIPIENTS,
        )
        cases.save(case, after, event)
