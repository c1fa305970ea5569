"""Wait, while the person can fetch their package, for staff to have it sent once more to who did not take it."""

# serves: E-07

from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.workflow import TaskTokens, Workflow


def await_transfer(
    request_id: str, task_token: str, *, cases: CaseStore, tokens: TaskTokens, workflow: Workflow
) -> None:
    """Task of the workflow: keep its token. Passes at once where staff were quicker."""
    tokens.park(request_id, "transfer", task_token)  # before the case is read: who has it tried again then finds it
    case = cases.get(request_id)
    case.require_open()
    if case.is_transferring:
        workflow.succeed(task_token, {})
