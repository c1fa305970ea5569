"""Staff put in fields and values what a person wrote in words: what is wrong, what is right, what is disputed.

Nothing is written yet. The desk makes a plan of it, which somebody else approves. Where it touches how the person is
reached and the mailbox is all that was proven, facts are asked for first (abuse case 13).
"""

# serves: B-2, E-00, E-03

from collections.abc import Iterable

from rightsdesk.domain.correction import Correction, Dispute, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import NotARectificationError, ServiceUnavailableError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.rectification import checked, touches_contact
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.review import outcome_of_review, require_reviewable
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.observability import logger
from rightsdesk.ports import (
    CaseStore,
    Clock,
    TaskTokens,
    Workflow,
    resume,
)


def state_corrections(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    corrections: Iterable[Correction],
    disputes: Iterable[Dispute],
    *,
    data_map: DataMap,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    clock: Clock,
) -> None:
    """Keep them with the case and have the plan made; stated again, they replace those before.

    Raises NotAwaitingReviewError, VersionMovedOnError, NotARectificationError, and InvalidInputError by the data map.
    """
    staff.require(Action.DECIDE)
    require_reviewable(case, version)
    if RequestType.RECTIFICATION not in case.types:
        raise NotARectificationError("nothing was asked to be corrected")
    right, disputed = checked(data_map, corrections, disputes)
    contact = touches_contact(data_map, right)
    before = case.rectification
    stated = Rectification(
        corrections=right,
        disputes=disputed,
        touches_contact=contact,
        stated_by=staff.user_id,
        round=before.round + 1 if before else 1,
        done=before.done if before else {},
    )
    facts_needed = contact and case.assurance < Assurance.FACTS
    after, event = case.changed(
        "corrections_stated",
        at=clock(),
        actor=staff.actor,
        details={"fields": list(stated.fields), "round": stated.round, "facts_needed": facts_needed},
        status=Status.AWAITING_VERIFICATION if facts_needed else Status.COLLECTING,
        rectification=stated,
        handled_by=case.handled_by_also(staff.user_id),
    )
    cases.save(case, after, event)
    try:
        resume(case.request_id, "release", outcome_of_review(after), tokens=tokens, workflow=workflow)
    except ServiceUnavailableError:  # it is stated, and not to be stated again
        logger.warning("workflow not told; the sweep will", extra={"request_id": case.request_id})
