"""Once a day, find what a dead execution would miss. Work grows with what is due, not with what is stored."""

# serves: B-1

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reminders import reminders_now
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports import CaseStore, Clock, Workflow

_AHEAD = timedelta(days=8)  # the first reminder is 7 days before the target
_SETTLED = timedelta(hours=1)  # younger cases are still being taken up


class Swept(BaseModel):
    model_config = ConfigDict(frozen=True)

    looked_at: int
    restarted: int


def sweep_deadlines(*, cases: CaseStore, workflow: Workflow, merchant: MerchantProfile, clock: Clock) -> Swept:
    """Start again the workflows of open cases that should run and do not."""
    now = clock()
    looked_at = restarted = 0
    for request_id in list(cases.open_ids_due_by((now + _AHEAD).date())):
        case = cases.get(request_id)
        if not case.is_open or now - case.received_at < _SETTLED:
            continue
        looked_at += 1
        restarted += _watch_again(case, cases=cases, workflow=workflow, merchant=merchant, clock=clock)
    return Swept(looked_at=looked_at, restarted=restarted)


def _watch_again(
    case: PrivacyRequest, *, cases: CaseStore, workflow: Workflow, merchant: MerchantProfile, clock: Clock
) -> int:
    now = clock()
    missed = reminders_now(case.due, now=now - _SETTLED, zone=merchant.timezone, sent=case.reminders)
    watch_dead = (
        bool(missed)
        and case.answered_at is None
        and not workflow.is_running(case.request_id, machine="deadline_watch", attempt=case.watch_attempt)
    )
    request_dead = case.failure is None and not workflow.is_running(
        case.request_id, machine="privacy_request", attempt=case.attempt
    )
    if not watch_dead and not request_dead:
        return 0
    after, event = case.changed(
        "workflow_restarted",
        at=now,
        actor=SYSTEM,
        details={"by": "sweep", "watch": watch_dead, "request": request_dead},
        attempt=case.attempt + request_dead,
        watch_attempt=case.watch_attempt + watch_dead,
    )
    cases.save(case, after, event)
    if request_dead:
        workflow.start(case.request_id, attempt=after.attempt, entry="verification")
    if watch_dead:
        workflow.watch(case.request_id, attempt=after.watch_attempt, wake_at=now)
    logger.warning("workflow was dead", extra={"request_id": case.request_id})
    return 1
