"""Let a request go on that whoever reads the mailbox had disowned: only staff can, and they say why (abuse case 15)."""

# serves: B-2, E-00

from rightsdesk.domain.errors import NotFrozenError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

_LONGEST = 1000


def thaw_request(
    staff: StaffMember, case: PrivacyRequest, version: int, reason: str, *, cases: CaseStore, clock: Clock
) -> None:
    """Codes and sessions of before stay worth nothing: the person asks for a fresh code.

    Raises ApproverNeededError, CaseClosedError, VersionMovedOnError, InvalidInputError on `reason`, and NotFrozenError.
    """
    staff.require(Action.CLEAR)
    case.require_open()
    case.require_seen(version)
    if case.frozen is None or not case.is_frozen:
        raise NotFrozenError("it is not frozen")
    words = words_of_staff("reason", reason, longest=_LONGEST)
    now = clock()
    thawed = case.frozen.model_copy(update={"reason": words, "thawed_by": staff.user_id, "thawed_at": now})
    after, event = case.changed("thawed", at=now, actor=staff.actor, frozen=thawed)
    cases.save(case, after, event)
