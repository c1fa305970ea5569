"""A mailbox that several people read, a minor, somebody who has died: an approver decides before anything leaves.

The law gives no table for these (abuse case 10; GDPR 8, 12(6), recital 27; APPI 37(3)): a person of ours looks at each.
"""

# serves: B-2, E-00

from rightsdesk.domain.errors import AlreadyAnsweredError, NoSpecialCaseError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.safeguard_state import SpecialCase, SpecialKind
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

_LONGEST = 1000


def raise_special_case(
    staff: StaffMember, case: PrivacyRequest, version: int, kind: SpecialKind, *, cases: CaseStore, clock: Clock
) -> None:
    """From now on nothing is released before an approver has decided; also where one had, of another kind.

    Raises CaseClosedError, VersionMovedOnError, and AlreadyAnsweredError.
    """
    staff.require(Action.DECIDE)
    _require_unanswered(case, version)
    special = SpecialCase(kind=kind, raised_by=staff.user_id, raised_at=clock())
    after, event = case.changed(
        "special_case_raised",
        at=special.raised_at,
        actor=staff.actor,
        details={"kind": kind},
        special=special,
    )
    cases.save(case, after, event)


def decide_special_case(
    staff: StaffMember, case: PrivacyRequest, version: int, reason: str, *, cases: CaseStore, clock: Clock
) -> None:
    """It may go on, and why. Where it may not, it is refused.

    Raises ApproverNeededError, CaseClosedError, VersionMovedOnError, InvalidInputError on `reason`, and
    NoSpecialCaseError where nothing waits to be decided.
    """
    staff.require(Action.CLEAR)
    _require_unanswered(case, version)
    if case.special is None or case.special.decided_at is not None:
        raise NoSpecialCaseError("no special case waits for a decision")
    decided = {
        "reason": words_of_staff("reason", reason, longest=_LONGEST),
        "decided_by": staff.user_id,
        "decided_at": clock(),
    }
    after, event = case.changed(
        "special_case_decided",
        at=clock(),
        actor=staff.actor,
        details={"kind": case.special.kind},
        special=case.special.model_copy(update=decided),
    )
    cases.save(case, after, event)


def _require_unanswered(case: PrivacyRequest, version: int) -> None:
    case.require_open()
    case.require_seen(version)
    if case.answered_at is not None:
        raise AlreadyAnsweredError("it is answered")
