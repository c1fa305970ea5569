"""Two members of staff look at the plan of an erasure and agree with it, one after the other: then it is carried out.

Where fields have to be weighed, the first of them says which stay, and on which ground. That changes what becomes of
the rows, so the plan is made again, and approved as it then is.
"""

# serves: B-2, E-04, E-06, E-15

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasure_plan import ErasurePlan
from rightsdesk.domain.erasure_review import (
    current_plan,
    first_approval,
    planned_again,
    require_asked_for,
    require_confirmed,
    require_may_join,
    require_same_plan,
    require_unbarred,
)
from rightsdesk.domain.erasure_state import Approval, ErasureState
from rightsdesk.domain.errors import InvalidInputError, MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import outcome_of_review, require_reviewable
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.law.keeping import Weighed, carried_out, require_weighed
from rightsdesk.law.on_record import facts_of
from rightsdesk.observability import left_to_the_sweep, logger
from rightsdesk.ports.cases import CaseStore, Holds, others_of
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

if TYPE_CHECKING:  # read for an objection alone
    from rightsdesk.domain.datamap import DataMap


class ErasureApproval:
    """What an approval needs: the case and its plan, what may bar it, and the workflow that waits."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        holds: Holds,
        tokens: TaskTokens,
        workflow: Workflow,
        letters: Correspondence,
        data_map: "Callable[[], DataMap]",
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._holds = holds
        self._tokens = tokens
        self._workflow = workflow
        self._letters = letters
        self._data_map = data_map
        self._clock = clock

    def approve(
        self,
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        plan_sha256: str,
        kept: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        """Agree with the plan of this digest: as the first, or as the second, who is somebody else.

        Two people are wanted whatever the merchant thinks of four eyes, one of them an approver: it can't be undone.
        `kept`: fields that stay, with the ground of each; wanted once, if only as `{}`, where any has to be weighed.
        `reasons`: of an objection, why each purpose is gone on with (GDPR 21(1)).
        Who says it otherwise has the plan made again. What is refused has changed nothing.

        Raises NotConfirmedError, NotAwaitingReviewError, VersionMovedOnError, OnHoldError, AccessGoesFirstError,
        PlanChangedError, ApproverNeededError, SecondPersonNeededError, InvalidInputError on `kept` and `reasons`.
        """
        staff.require(Action.PROPOSE)
        require_asked_for(case)
        if case.is_open:  # of one that is over, that it is; else first what has to come first
            require_confirmed(case, now=self._clock())
        require_reviewable(case, version)
        require_cleared(case)
        erasure = case.erasure or ErasureState()
        require_unbarred(self._holds.of(case.subject_key), others_of(self._cases, case))
        plan = current_plan(case, self._cases.erasures(case.request_id))
        require_same_plan(plan, plan_sha256)
        decisions = self._cases.decisions(case.request_id)
        says_nothing_new = kept is None and reasons is None and erasure.weighed
        stays = before = Weighed(case.kept, case.reasons)
        if not says_nothing_new:
            stays = require_weighed(case, decisions, kept, reasons, data_map=self._data_map)
        if stays.kept and not plan.rows:
            raise InvalidInputError.of("kept", "nothing_held")
        first = first_approval(erasure, plan)
        if first is not None:  # also to say otherwise what stays, which ends the first approval
            require_may_join(staff, first)
        if stays != before:
            self._tell(self._weighed(staff, case, decisions, stays, planned_again(case)))
            return
        if not erasure.weighed:
            case = self._weighed(staff, case, decisions, stays, {})
        if first is None:
            self._first(staff, case, plan)
        else:
            self._second(staff, case, plan, first)

    def _weighed(
        self,
        staff: StaffMember,
        case: PrivacyRequest,
        before: Sequence[FieldDecision],
        stays: Weighed,
        changes: dict[str, Any],
    ) -> PrivacyRequest:
        """The case with what staff keep. `changes`: what else of it does not hold any more."""
        decisions = carried_out(before, stays.kept, case.due.laws, actor=staff.actor)
        erasure = changes.get("erasure") or case.erasure or ErasureState()
        self._cases.put_decisions(case.request_id, decisions)
        after, event = case.changed(
            "erasure_weighed",
            at=self._clock(),
            actor=staff.actor,
            details=stays.on_record(decisions) | facts_of(case),
            kept=stays.kept,
            reasons=stays.reasons,
            handled_by=case.handled_by_also(staff.user_id),
            **changes | {"erasure": erasure.model_copy(update={"weighed": True})},
        )
        self._cases.save(case, after, event)
        return after

    def _second(self, staff: StaffMember, case: PrivacyRequest, plan: ErasurePlan, first: Approval) -> None:
        approval = first.model_copy(update={"second_by": staff.user_id})
        after, event = case.changed(
            "erasure_approved",
            at=self._clock(),
            actor=staff.actor,
            details=_numbers(plan) | {"first_by": first.by},
            status=Status.EXECUTING,
            erasure=_with(case, approval),
            refusal=None,
            decided_by=(first.by, staff.user_id),
        )
        self._cases.save(case, after, event)
        self._tell(after)

    def _first(self, staff: StaffMember, case: PrivacyRequest, plan: ErasurePlan) -> None:
        approval = Approval(plan_sha256=plan.sha256, by=staff.user_id, by_approver=staff.may(Action.COMPLETE))
        after, event = case.changed(
            "erasure_proposed",
            at=self._clock(),
            actor=staff.actor,
            details=_numbers(plan),
            erasure=_with(case, approval),
            handled_by=case.handled_by_also(staff.user_id),
        )
        self._cases.save(case, after, event)
        try:
            self._letters.to_staff(
                after,
                Letter.STAFF_ERASURE,
                {
                    "reference": after.reference,
                    "delete": plan.delete,
                    "anonymise": plan.anonymise,
                    "keep": plan.keep,
                    "proposed_by": staff.user_id,
                    "target_on": after.due.target_on,
                },
                version=after.version,
            )
        except (ServiceUnavailableError, MailRejectedError):  # it is proposed all the same; the work list has it
            logger.warning("staff not told of a proposal", extra={"request_id": case.request_id})

    def _tell(self, case: PrivacyRequest) -> None:
        with left_to_the_sweep(case.request_id):
            resume(case.request_id, "release", outcome_of_review(case), tokens=self._tokens, workflow=self._workflow)


def _with(case: PrivacyRequest, approval: Approval) -> ErasureState:
    return (case.erasure or ErasureState()).model_copy(update={"approval": approval})


def _numbers(plan: ErasurePlan) -> dict[str, Detail]:
    return {
        "plan_sha256": plan.sha256,
        "round": plan.round,
        "delete": plan.delete,
        "anonymise": plan.anonymise,
        "keep": plan.keep,
    }
