"""The last look before anything is erased: is all of it still so? From here on nothing can be undone."""

# serves: B-2, E-04, E-14

from rightsdesk.domain.erasure_plan import ErasureStage
from rightsdesk.domain.erasure_review import Proceed, barred_by, current_plan, planned_again, require_confirmed
from rightsdesk.domain.errors import ConflictError, IncompleteCollectionError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SYSTEM
from rightsdesk.domain.safeguards import open_safeguards
from rightsdesk.ports.cases import CaseStore, Holds, others_of
from rightsdesk.ports.time import Clock


def begin_erasure(request_id: str, *, cases: CaseStore, holds: Holds, clock: Clock) -> Proceed:
    """Task of the workflow. Erases what two people approved, or has the plan made, and approved, again.

    Again where a row changed, came or went since the plan was made, and where something has come to bar it. Raises
    ConflictError for what was not approved, IncompleteCollectionError, naming sources that could not be looked at, and
    CaseClosedError where it was undone in the last moment.
    """
    case = cases.get(request_id)
    case.require_open()
    erasure = require_confirmed(case, now=clock())
    if erasure.begun_round == erasure.round:
        return "erase"
    if case.status is Status.COLLECTING:
        return "plan_again"  # said before, by a run that died after it
    if case.status is not Status.EXECUTING or not erasure.is_approved or case.refusal:
        raise ConflictError("it was not approved")
    states = cases.erasures(request_id)
    plan = current_plan(case, states)
    if unchecked := [name for name in case.sources if states[name].stage is not ErasureStage.CHECKED]:
        raise IncompleteCollectionError(unchecked)
    changed = [name for name in case.sources if states[name].changed]
    waits = next(iter(open_safeguards(case)), None)
    barred = waits.error.code if waits else barred_by(holds.of(case.subject_key), others_of(cases, case))
    if changed or barred or (erasure.approval and erasure.approval.plan_sha256 != plan.sha256):
        after, event = case.changed(
            "erasure_planned_again",
            at=clock(),
            actor=SYSTEM,
            details={"changed": changed} | ({"barred_by": barred} if barred else {}),
            **planned_again(case),
        )
        cases.save(case, after, event)
        return "plan_again"
    now = clock()
    after, event = case.changed(
        "erasure_began",
        at=now,
        actor=SYSTEM,
        details={"plan_sha256": plan.sha256, "round": plan.round},
        erasure=erasure.model_copy(update={"begun_round": erasure.round, "began_at": erasure.began_at or now}),
    )
    cases.save(case, after, event)
    return "erase"
