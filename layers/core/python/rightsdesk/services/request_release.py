"""Lay a built answer before staff: nothing leaves before a person has looked at it."""

# serves: E-02, E-07, B-2

from rightsdesk.domain.correction import CorrectionPlan
from rightsdesk.domain.decisions import BY_POLICY
from rightsdesk.domain.erasure_review import current_plan
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SYSTEM, PrivacyRequest, RequestType
from rightsdesk.domain.review import outcome_of_review, rows_to_decide
from rightsdesk.domain.safeguards import open_safeguards
from rightsdesk.law.on_record import carried_out_by_law
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
    if _is_done_already(case, cases):
        after, event = carried_out_by_law(case, at=clock())
        cases.save(case, after, event)
        workflow.succeed(task_token, {"decision": "release", "rebuild": False})
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


def _is_done_already(case: PrivacyRequest, cases: CaseStore) -> bool:
    """A right that leaves no choice, of somebody of whom nothing has to go by it: it is stopped, and that is all."""
    if case.erasure is None or not case.erasure.consequence or case.use is None or case.use.provisional:
        return False
    if open_safeguards(case):
        return False  # what is stopped is stopped; what is said of it waits
    plan = current_plan(case, cases.erasures(case.request_id))
    to_judge = any(each.judgement and each.by == BY_POLICY for each in cases.decisions(case.request_id))
    return case.status is Status.COLLECTING and not (plan.delete or plan.anonymise or to_judge)


def _was_stated(case: PrivacyRequest) -> bool:
    """Staff stated corrections of which no plan is made yet."""
    return case.corrects and case.status is not Status.AWAITING_REVIEW and _plan(case) is None


def _plan(case: PrivacyRequest) -> CorrectionPlan | None:
    return case.rectification.plan if case.rectification else None


def _task(case: PrivacyRequest) -> Phrase:
    """What staff have to do: look at what was collected, or carry the request out themselves."""
    if case.erasure is not None:
        return Phrase(name="task.take_out" if case.erasure.consequence else "task.erase")
    plan = _plan(case)
    if plan is not None and not plan.obstacles:
        return Phrase(name="task.correct", values={"rows": plan.rows, "collections": len(plan.collections)})
    if not case.answered_by_package:
        return Phrase(name=_task_by_hand(case))
    values = {"rows": case.export.rows if case.export else 0, "sources": len(case.sources)}
    return Phrase(name="task.release" if case.gives_copy else "task.release_information", values=values)


def _task_by_hand(case: PrivacyRequest) -> str:
    """The next step of what no package answers (docs/staff-api.md)."""
    if case.is_said_to_us:
        return "task.answer"
    if RequestType.AUTOMATED_DECISION in case.types and case.review is None:
        return "task.review"
    if RequestType.RECTIFICATION in case.types and _plan(case) is None:
        return "task.state"
    return "task.carry_out"
