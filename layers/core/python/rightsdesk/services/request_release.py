"""Lay a built answer before staff: nothing leaves before a person has looked at it."""

# serves: E-02, E-07, B-2

from rightsdesk.domain.correction import CorrectionPlan
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.domain.review import outcome_of_review, rows_to_decide
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow


def request_release(
    request_id: str,
    task_token: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    letters: Correspondence,
    clock: Clock,
) -> None:
    """Task of the workflow: keep its token, and tell staff. Started again, it passes what staff have decided."""
    # Parked before the case is read: whoever decides from now on finds the token.
    tokens.park(request_id, "release", task_token)
    case = cases.get(request_id)
    case.require_open()
    if case.was_decided or _was_stated(case):
        workflow.succeed(task_token, outcome_of_review(case))
        return
    if case.status is not Status.AWAITING_REVIEW:
        after, event = case.changed("review_requested", at=clock(), actor=SYSTEM, status=Status.AWAITING_REVIEW)
        cases.save(case, after, event)
        case = after
    held = rows_to_decide(case, cases.sources(request_id).values())
    version = case.erasure.round if case.erasure else 1
    if case.rectification is not None and _plan(case) is not None:
        version = 1 + case.rectification.round
    letters.to_staff(
        case,
        Letter.STAFF_RELEASE,
        {
            "reference": case.reference,
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "task": _task(case),
            "held": [f"{path} ({rows})" for path, rows in held.items()],
            "target_on": case.due.target_on,
            "due_on": case.due.due_on,
        },
        version=version,
    )


def _was_stated(case: PrivacyRequest) -> bool:
    """Staff stated corrections of which no plan is made yet."""
    return case.corrects and case.status is not Status.AWAITING_REVIEW and _plan(case) is None


def _plan(case: PrivacyRequest) -> CorrectionPlan | None:
    return case.rectification.plan if case.rectification else None


def _task(case: PrivacyRequest) -> Phrase:
    """What staff have to do: look at what was collected, or carry the request out themselves."""
    if case.erasure is not None:
        return Phrase(name="task.erase")
    plan = _plan(case)
    if plan is not None and not plan.obstacles:
        return Phrase(name="task.correct", values={"rows": plan.rows, "collections": len(plan.collections)})
    if not case.answered_by_package:
        return Phrase(name="task.carry_out")
    values = {"rows": case.export.rows if case.export else 0, "sources": len(case.sources)}
    return Phrase(name="task.release" if case.gives_copy else "task.release_information", values=values)
