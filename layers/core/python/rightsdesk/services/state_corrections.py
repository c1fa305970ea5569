"""Staff put in fields and values what a person wrote in words: what is wrong, what is right, what is disputed.

Nothing is written yet. The desk makes a plan of it, which somebody else approves. Where it touches how the person is
reached and the mailbox is all that was proven, facts are asked for first (abuse case 13). While they are waited for,
what was stated may still be stated otherwise: a slip of the pen must not make a person wait for two weeks.
"""

# serves: B-2, E-00, E-03

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rightsdesk.domain.correction import Correction, Dispute, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import NotARectificationError
from rightsdesk.domain.identity import VERIFICATION_PERIOD, Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.rectification import checked, touches_contact
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.review import outcome_of_review, require_reviewable, undecided
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume


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
    waits_for_facts = _waits_for_facts(case)
    if waits_for_facts:
        case.require_seen(version)
    else:
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
    )
    if before is not None:
        stated = stated.model_copy(update=before.stated_again(right, disputed))
    facts_needed = contact and case.assurance < Assurance.FACTS
    after, event = case.changed(
        "corrections_stated",
        at=clock(),
        actor=staff.actor,
        details={"fields": list(stated.fields), "round": stated.round, "facts_needed": facts_needed},
        status=Status.AWAITING_VERIFICATION if facts_needed or waits_for_facts else Status.COLLECTING,
        rectification=stated,
        handled_by=case.handled_by_also(staff.user_id),
    )
    cases.save(case, after, event)
    wait, told = ("decision", _look_again(after, clock())) if waits_for_facts else ("release", outcome_of_review(after))
    with left_to_the_sweep(case.request_id):
        resume(case.request_id, wait, told, tokens=tokens, workflow=workflow)


def _waits_for_facts(case: PrivacyRequest) -> bool:
    """Whether the person is asked for facts, and only for what staff stated."""
    return case.status is Status.AWAITING_VERIFICATION and case.rectification is not None and case.is_open


def _look_again(case: PrivacyRequest, now: datetime) -> dict[str, Any]:
    """The rules run once more: facts may be needed no longer. If they are, what is left of the time is waited."""
    return undecided((case.evidence_asked_at or now) + VERIFICATION_PERIOD - now)
