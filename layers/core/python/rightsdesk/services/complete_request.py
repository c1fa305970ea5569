"""Staff carried a request out in the merchant's own systems, and say what they did: the person is told in their words.

For every right that is not answered with a package. The decisions per field say what had to be done.
"""

# serves: B-2, E-01, E-03, E-04, E-05, E-06, E-08, E-09, E-10, E-11, E-12

from rightsdesk.domain.errors import AnsweredByPackageError, InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import outcome_of_review, require_reviewable
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.observability import logger
from rightsdesk.ports import CaseStore, Clock, TaskTokens, Workflow

_LONGEST = 4000


def complete_request(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    done: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    clock: Clock,
    four_eyes: bool,
) -> PrivacyRequest:
    """Note what was done, and let the answer go out.

    `done` becomes part of the letter: 1 to 4,000 characters, in the person's language. Who worked on the case does not
    complete it where four eyes are wanted. Raises AnsweredByPackageError for access and portability.
    """
    staff.require(Action.COMPLETE)
    require_reviewable(case, version)
    if case.answered_by_package:
        raise AnsweredByPackageError("this is answered with a package: release it")
    require_second_person(staff, case.worked_on_by, four_eyes=four_eyes)
    if not done.strip():
        raise InvalidInputError.of("done", "missing")
    if len(done) > _LONGEST:
        raise InvalidInputError.of("done", "too_long")
    after, event = case.changed(
        "carried_out",
        at=clock(),
        actor=staff.actor,
        status=Status.EXECUTING,
        done=done.strip(),
        refusal=None,
        decided_by=(staff.user_id,),
    )
    cases.save(case, after, event)
    try:
        token = tokens.parked(case.request_id, "release")
        if token is not None:
            workflow.succeed(token, outcome_of_review(after))
    except ServiceUnavailableError:  # it is done, and not to be done again
        logger.warning("workflow not told; the sweep will", extra={"request_id": case.request_id})
    return after
