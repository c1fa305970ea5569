"""What has to hold before a person is erased: they said so, could undo it, two people agreed, and nothing bars it.

An erasure can't be undone. So each of these is asked when somebody agrees, and again in the moment before it begins.
"""

# serves: B-2, E-04, E-14

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.erasure_plan import ErasurePlan, SourceErasure, plan_of
from rightsdesk.domain.erasure_state import Approval, ErasureState
from rightsdesk.domain.errors import (
    AccessGoesFirstError,
    ConflictError,
    IncompleteCollectionError,
    NotAnErasureError,
    NotConfirmedError,
    OnHoldError,
    PlanChangedError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import ANSWERED_BY_PACKAGE, PrivacyRequest, RequestType
from rightsdesk.domain.staff import Action, StaffMember, require_second_person

UNDO_PERIOD = timedelta(hours=72)  # policy: E-14, time to undo
CONFIRMATION_PERIOD = timedelta(days=14)  # policy: as for the code


Proceed = Literal["erase", "plan_again", "answer"]
"""What the workflow does next with an erasure."""

ErasurePhase = Literal["being_planned", "confirm", "can_be_undone", "being_checked", "being_erased", "erased"]
"""How far an erasure is, as whoever looks at it is told."""


class HoldReason(StrEnum):
    """Why data must not go (GDPR 17(3)(e), 18(1)(c))."""

    LEGAL_CLAIM = "legal_claim"
    OPEN_DISPUTE = "open_dispute"
    AUTHORITY = "authority"  # an authority or a court has ordered that it be kept
    RESTRICTION = "restriction"  # the person has it kept: it is placed, and ends, with the restriction (GDPR 18)


class Hold(BaseModel):
    """All that is held about a person stays until this is lifted. Codes, staff ids and times only."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reason: HoldReason
    placed_by: str  # staff user id, or `system`
    placed_at: datetime


def current_plan(case: PrivacyRequest, states: Mapping[str, SourceErasure]) -> ErasurePlan:
    """The plan of this round, whole. Raises IncompleteCollectionError, naming the sources that are not in it."""
    erasure = case.erasure or ErasureState()
    current = {name: state for name, state in states.items() if state.round == erasure.round}
    plan = plan_of(current.values(), case.sources, datamap_version=case.datamap_version or "")
    if plan is None:
        raise IncompleteCollectionError([name for name in case.sources if name not in current])
    return plan


def is_confirmed(erasure: ErasureState, *, now: datetime) -> bool:
    """The person said so, and has had the time to think again; or there was nothing to ask about.

    Who withdraws a consent has said all there is to say: their account and what they bought are not touched by it.
    """
    if erasure.nothing_to_erase or erasure.consequence:
        return True
    return erasure.confirmed_at is not None and erasure.undo_until is not None and now >= erasure.undo_until


def phase_of(erasure: ErasureState, *, now: datetime) -> ErasurePhase:
    """Where it stands at this moment."""
    if erasure.certificate is not None:
        return "erased"
    if erasure.began_at is not None:
        return "being_erased"
    if erasure.confirmed_at is not None or erasure.nothing_to_erase or erasure.consequence:
        return "being_checked" if is_confirmed(erasure, now=now) else "can_be_undone"
    return "being_planned" if erasure.asked_at is None else "confirm"


def require_waiting_for_the_person(case: PrivacyRequest) -> ErasureState:
    """Raises CaseClosedError, and ConflictError where no word of the person is waited for."""
    case.require_open()
    erasure = case.erasure
    if erasure is None or erasure.asked_at is None or case.status is not Status.AWAITING_CONFIRMATION:
        raise ConflictError("no confirmation is waited for")
    return erasure


def goes_first(others: Iterable[PrivacyRequest]) -> PrivacyRequest | None:
    """The request for the data, or for what is said of them, that this erasure has to wait for (abuse case 78), the
    oldest of them.

    Only one that was confirmed from the mailbox, and that it did not disown since: anybody may ask in the name of
    anybody, and hold up nothing by it.
    Once it is answered, the package is made, and the erasure takes nothing from it.
    """
    waiting = [
        case
        for case in others
        if case.is_open
        and case.answered_at is None
        and case.assurance > Assurance.NONE
        and not case.is_frozen
        and ANSWERED_BY_PACKAGE.intersection(case.types)
    ]
    return min(waiting, key=lambda case: case.received_at, default=None)


def require_unbarred(holds: Iterable[Hold], others: Iterable[PrivacyRequest]) -> None:
    """Raises OnHoldError and AccessGoesFirstError: what bars the erasure is named."""
    hold = next(iter(holds), None)
    if hold is not None:
        raise OnHoldError(hold.reason)
    first = goes_first(others)
    if first is not None:
        raise AccessGoesFirstError(first.reference)


def barred_by(holds: Iterable[Hold], others: Iterable[PrivacyRequest]) -> str | None:
    """The code of what bars the erasure: `on_hold`, `access_goes_first`."""
    try:
        require_unbarred(holds, others)
    except (OnHoldError, AccessGoesFirstError) as error:
        return error.code
    return None


def require_confirmed(case: PrivacyRequest, *, now: datetime) -> ErasureState:
    """Raises NotConfirmedError before the person has said so, and while it can still be undone."""
    require_asked_for(case)
    if case.erasure is None or not is_confirmed(case.erasure, now=now):
        raise NotConfirmedError("the person may still undo it, or has not confirmed it")
    return case.erasure


def require_asked_for(case: PrivacyRequest) -> None:
    """Raises NotAnErasureError where it is another right that the person asks for, and nothing goes by it."""
    if RequestType.ERASURE not in case.types and case.erasure is None:
        raise NotAnErasureError("this is no erasure")


def require_same_plan(plan: ErasurePlan, sha256: str) -> None:
    """Raises PlanChangedError where it is not the one that was looked at."""
    if plan.sha256 != sha256:
        raise PlanChangedError("the plan is not the one that was looked at")


def first_approval(erasure: ErasureState, plan: ErasurePlan) -> Approval | None:
    """Of this plan, by the first of two; None where nobody has agreed with it yet."""
    first = erasure.approval
    return first if first is not None and first.plan_sha256 == plan.sha256 else None


def require_may_join(staff: StaffMember, first: Approval) -> None:
    """They make two with the first: somebody else, and one of the two an approver, whatever the merchant has set.

    Raises ApproverNeededError, SecondPersonNeededError.
    """
    if not first.by_approver:
        staff.require(Action.COMPLETE)
    require_second_person(staff, (first.by,), four_eyes=True)


def planned_again(case: PrivacyRequest) -> dict[str, Any]:
    """What changes of a case where its plan does not hold any more: a new round, that has to be approved anew.

    Where the plan was empty, nothing was confirmed, weighed or erased: whoever something is held of by now is asked.
    """
    erasure = case.erasure or ErasureState()
    again = erasure.model_copy(update={"round": erasure.round + 1, "approval": None})
    if erasure.nothing_to_erase:
        again = again.model_copy(update={"nothing_to_erase": False, "weighed": False, "began_at": None})
    return {"status": Status.COLLECTING, "erasure": again, "decided_by": ()}
