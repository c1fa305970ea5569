"""Staff carried a request out in the merchant's own systems, and say what they did: the person is told in their words.

For every right that is not answered with a package. The decisions per field say what had to be done; where one has to
be weighed, staff decide here whether it stays, and on which ground; an objection is weighed purpose by purpose, and
what is gone on with has its reasons.
"""

# serves: B-2, B-6, E-03, E-04, E-05, E-06, E-08, E-09, E-10

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rightsdesk.domain.errors import AnsweredByPackageError, ErasedByPlanError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import done_text, outcome_of_review, require_reviewable, require_reviewed
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.law.keeping import carried_out, require_weighed
from rightsdesk.law.on_record import facts_of
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

if TYPE_CHECKING:  # read for an objection alone
    from rightsdesk.domain.datamap import DataMap


def complete_request(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    done: str,
    kept: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    data_map: "Callable[[], DataMap]",
    clock: Clock,
    four_eyes: bool,
) -> PrivacyRequest:
    """Note what was done, and let the answer go out.

    `done` becomes part of the letter: 10 to 4,000 characters, in the person's language. Who worked on the case does not
    complete it where four eyes are wanted. `kept` are the fields that were to go, or to be weighed, and stay as they
    are, each with its ground; it is needed, if only as `{}`, where an objection leaves anything to weigh. `reasons` are
    the purposes that are gone on with in spite of one, each with the grounds that compel (GDPR 21(1)).

    The case holds all that the decisions then become. So it is saved first: a process that dies before these are
    stored leaves the rest to whoever sends the answer. Raises AnsweredByPackageError for access and portability,
    ErasedByPlanError for an erasure, and InvalidInputError.
    """
    staff.require(Action.COMPLETE)
    require_reviewable(case, version)
    if case.answered_by_package:
        raise AnsweredByPackageError("this is answered with a package: release it")
    if case.erasure is not None:
        raise ErasedByPlanError("the desk erases this: approve its plan")
    require_reviewed(case)
    require_second_person(staff, case.worked_on_by, four_eyes=four_eyes)
    require_cleared(case)
    words = done_text(done)
    before = cases.decisions(case.request_id)
    weighed = require_weighed(case, before, kept, reasons, data_map=data_map)
    decisions = carried_out(before, weighed.kept, case.due.laws, actor=staff.actor)
    now = clock()
    after, event = case.changed(
        "carried_out",
        at=now,
        actor=staff.actor,
        details=weighed.on_record(decisions) | facts_of(case),
        status=Status.EXECUTING,
        done=words,
        carried_out_at=now,
        kept=weighed.kept,
        reasons=weighed.reasons,
        refusal=None,
        decided_by=(staff.user_id,),
    )
    cases.save(case, after, event)
    with left_to_the_sweep(case.request_id):
        cases.put_decisions(case.request_id, decisions)
        resume(case.request_id, "release", outcome_of_review(after), tokens=tokens, workflow=workflow)
    return after
