"""Once a day, find what a dead execution or a dead door would miss. Work grows with what is due, not what is there.

A door saves first and tells the workflow then: one that dies between the two leaves a workflow that waits in vain.
"""

# serves: B-1

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reminders import due_now
from rightsdesk.domain.request import SWEPT_AHEAD, SYSTEM, PrivacyRequest
from rightsdesk.domain.review import outcome_of_review
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

_SETTLED = timedelta(hours=1)  # younger cases are still being taken up


class Swept(BaseModel):
    model_config = ConfigDict(frozen=True)

    looked_at: int
    restarted: int


def sweep_deadlines(
    *, cases: CaseStore, tokens: TaskTokens, workflow: Workflow, merchant: MerchantProfile, clock: Clock
) -> Swept:
    """Start again the workflows of cases that should run and do not, and tell those that wait what they missed.

    Raises ServiceUnavailableError at the end where a case could not be looked at: the schedule calls again.
    """
    sweep = _Sweep(cases=cases, tokens=tokens, workflow=workflow, merchant=merchant, clock=clock)
    now = clock()
    looked_at = restarted = passed_over = 0
    for request_id in list(cases.open_ids_due_by((now + SWEPT_AHEAD).date())):
        try:
            case = cases.get(request_id)
            if now - case.received_at < _SETTLED or case.purged:
                continue
            looked_at += 1
            restarted += sweep.restart_dead(case)
        except ConflictError:
            continue  # it has just moved, so somebody is at work
        except ServiceUnavailableError:
            passed_over += 1
    if passed_over:
        raise ServiceUnavailableError(f"{passed_over} cases were passed over")
    return Swept(looked_at=looked_at, restarted=restarted)


class _Sweep:
    def __init__(
        self, *, cases: CaseStore, tokens: TaskTokens, workflow: Workflow, merchant: MerchantProfile, clock: Clock
    ) -> None:
        self._cases = cases
        self._tokens = tokens
        self._workflow = workflow
        self._merchant = merchant
        self._clock = clock

    def restart_dead(self, case: PrivacyRequest) -> int:
        """1 where something was started again."""
        watch_dead = self._is_watch_dead(case)
        request_dead = case.failure is None and not self._workflow.is_running(
            case.request_id, machine="privacy_request", attempt=case.attempt
        )
        if not request_dead:
            self._tell_what_it_missed(case)
        if not watch_dead and not request_dead:
            return 0
        if not case.is_open:  # the door died before it stopped what waited for the person
            self._workflow.stop(case.request_id, attempt=case.attempt - 1)
        after, event = case.changed(
            "workflow_restarted",
            at=self._clock(),
            actor=SYSTEM,
            details={"by": "sweep", "watch": watch_dead, "request": request_dead},
            **({"attempt": case.attempt + 1} if request_dead else {}),
            **({"watch_attempt": case.watch_attempt + 1} if watch_dead else {}),
        )
        self._cases.save(case, after, event)
        if request_dead:
            entry = "verification" if case.is_open else "withdrawal"
            self._workflow.start(case.request_id, attempt=after.attempt, entry=entry)
        if watch_dead:
            self._workflow.watch(case.request_id, attempt=after.watch_attempt, wake_at=self._clock())
        logger.warning("workflow was dead", extra={"request_id": case.request_id})
        return 1

    def _is_watch_dead(self, case: PrivacyRequest) -> bool:
        missed = due_now(case, now=self._clock() - _SETTLED, zone=self._merchant.timezone)
        return bool(missed) and not self._workflow.is_running(
            case.request_id, machine="deadline_watch", attempt=case.watch_attempt
        )

    def _tell_what_it_missed(self, case: PrivacyRequest) -> None:
        """A token that was used already does no harm."""
        if case.status is Status.VERIFIED:
            task, output = "verification", dict[str, object]()
        elif case.status is Status.AWAITING_CONFIRMATION and case.erasure and case.erasure.undo_until:
            task, output = "confirmation", {"undo_until": case.erasure.undo_until}
        elif case.status is Status.COLLECTING and case.erasure and case.erasure.round > 1:
            task, output = "release", outcome_of_review(case)  # staff had the plan made again
        elif case.status in (Status.COLLECTING, Status.AWAITING_VERIFICATION) and case.corrects:
            task, output = "release", outcome_of_review(case)  # staff stated what is to be corrected
        elif case.status is Status.EXECUTING and case.answered_at is None:
            task, output = "release", outcome_of_review(case)
        elif case.status is Status.EXECUTING and case.is_transferring:  # staff had it tried again
            task, output = "transfer", dict[str, object]()
        elif case.status is Status.AWAITING_RECIPIENTS and case.all_are_told:
            task, output = "recipients", dict[str, object]()
        else:
            return
        resume(case.request_id, task, output, tokens=self._tokens, workflow=self._workflow)
