"""Say that nothing of a person may be erased for the time being, and that it may again (GDPR 17(3)(e), 18(1)(c)).

A hold is about the person, whichever of their requests it is placed in. Who works on cases may place one; to lift it
takes an approver, for what it has kept may go then.
"""

# serves: B-2, E-04

from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.errors import NothingHeldError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore, Holds
from rightsdesk.ports.time import Clock

_PLACED, _LIFTED = "hold_placed", "hold_lifted"


def place_hold(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    reason: HoldReason,
    *,
    cases: CaseStore,
    holds: Holds,
    clock: Clock,
) -> None:
    """It holds before it is noted: said again after a death in between, it is noted then.

    Of one that stands, and that this case has noted, nothing changes. Raises NotAllowedError, VersionMovedOnError.
    """
    staff.require(Action.PROPOSE)
    case.require_seen(version)
    stands = any(hold.reason is reason for hold in holds.of(case.subject_key))
    if stands and _is_noted(case, reason, cases):
        return
    holds.place(case.subject_key, Hold(reason=reason, placed_by=staff.user_id, placed_at=clock()))
    _note(staff, case, _PLACED, reason, cases=cases, clock=clock)


def lift_hold(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    reason: HoldReason,
    *,
    cases: CaseStore,
    holds: Holds,
    clock: Clock,
) -> None:
    """It is noted before it is lifted: none is lifted unseen.

    Raises ApproverNeededError, VersionMovedOnError, NothingHeldError.
    """
    staff.require(Action.LIFT)
    case.require_seen(version)
    if all(hold.reason is not reason for hold in holds.of(case.subject_key)):
        raise NothingHeldError("there is no such hold")
    _note(staff, case, _LIFTED, reason, cases=cases, clock=clock)
    holds.lift(case.subject_key, reason)


def _is_noted(case: PrivacyRequest, reason: HoldReason, cases: CaseStore) -> bool:
    told = [
        event.type
        for event in cases.timeline(case.request_id)
        if event.type in (_PLACED, _LIFTED) and event.details["reason"] == reason
    ]
    return told[-1:] == [_PLACED]


def _note(
    staff: StaffMember, case: PrivacyRequest, event_type: str, reason: HoldReason, *, cases: CaseStore, clock: Clock
) -> None:
    after, event = case.changed(event_type, at=clock(), actor=staff.actor, details={"reason": reason})
    cases.save(case, after, event)
