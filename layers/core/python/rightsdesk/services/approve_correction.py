"""Somebody who did not state the corrections agrees with the plan made of them: the desk then carries it out."""

# serves: B-2, E-03

from rightsdesk.domain.errors import (
    CorrectionBarredError,
    NotPlannedError,
    PlanChangedError,
)
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import outcome_of_review, require_reviewable
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume


def approve_correction(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    plan_sha256: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    clock: Clock,
    four_eyes: bool,
) -> None:
    """Agree with the plan of this digest.

    Raises NotAwaitingReviewError, VersionMovedOnError, SecondPersonNeededError, NotPlannedError, PlanChangedError, and
    CorrectionBarredError where the plan has obstacles.
    """
    staff.require(Action.COMPLETE)
    require_reviewable(case, version)
    require_second_person(staff, case.worked_on_by, four_eyes=four_eyes)
    require_cleared(case)
    state = case.rectification
    if state is None or state.plan is None:
        raise NotPlannedError("no correction is planned")
    if state.plan.sha256 != plan_sha256:
        raise PlanChangedError("the plan is not the one that was looked at")
    if state.plan.obstacles:
        raise CorrectionBarredError(", ".join(f"{each.code} {each.at}" for each in state.plan.obstacles))
    approved = state.model_copy(update={"approved": plan_sha256, "approved_by": staff.user_id})
    after, event = case.changed(
        "correction_approved",
        at=clock(),
        actor=staff.actor,
        details={"plan_sha256": plan_sha256, "round": state.round, "rows": state.plan.rows},
        status=Status.EXECUTING,
        rectification=approved,
        refusal=None,
        decided_by=(staff.user_id,),
    )
    cases.save(case, after, event)
    with left_to_the_sweep(case.request_id):
        resume(case.request_id, "release", outcome_of_review(after), tokens=tokens, workflow=workflow)
