"""Say whether somebody may ask for another, before anything is released (abuse case 9; EDPB 01/2022, 80 to 90)."""

# serves: B-2, E-00

from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.safeguard_state import Mandate
from rightsdesk.domain.safeguards import require_represented
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.underway import require_underway
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

_LONGEST = 1000


def decide_mandate(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    accepted: bool,
    reason: str,
    *,
    cases: CaseStore,
    clock: Clock,
) -> None:
    """Note it, with the reason; said again, the last word counts. What is not accepted is then refused as any other.

    The person has confirmed from their own mailbox by then: nobody is asked about a request that nobody confirmed.
    Raises ConflictError where nobody asks for them, VersionMovedOnError, InvalidInputError on `reason`.
    """
    staff.require(Action.DECIDE)
    require_represented(case)
    require_underway(case, version)
    mandate = Mandate(
        accepted=accepted,
        reason=words_of_staff("reason", reason, longest=_LONGEST),
        by=staff.user_id,
        at=clock(),
    )
    after, event = case.changed(
        "mandate_accepted" if accepted else "mandate_not_accepted",
        at=mandate.at,
        actor=staff.actor,
        mandate=mandate,
    )
    cases.save(case, after, event)
