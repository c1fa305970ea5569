"""Staff have a package sent once more that another controller did not take: same address, same approval (GDPR 20(2)).

The workflow sends it, as the first time; where the answer has said that it failed, it waits for this until the person
can't fetch the package any more.
"""

# serves: B-2, E-07

from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import require_may_send_again
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume


def retry_transfer(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    clock: Clock,
) -> None:
    """Raises VersionMovedOnError, and whatever `require_may_send_again` raises: asked twice, it is sent once."""
    staff.require(Action.RETRY)
    case.require_open()
    case.require_seen(version)
    now = clock()
    transfer = require_may_send_again(case, now)
    after, event = case.changed(
        "transfer_restarted",
        at=now,
        actor=staff.actor,
        details={"after": transfer.failed or ""},
        transfer=transfer.again(),
    )
    cases.save(case, after, event)
    with left_to_the_sweep(case.request_id):
        resume(case.request_id, "transfer", {}, tokens=tokens, workflow=workflow)
