"""Staff reached a person in another way than the letter that came back: it is written down, and no longer waits."""

# serves: B-2, B-4

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.letters import Contact
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock


def reach_person(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    letter: str,
    by: Contact,
    *,
    cases: CaseStore,
    clock: Clock,
) -> PrivacyRequest:
    """Of a closed case, too: its answer may come back after the end.

    Raises NotAllowedError, VersionMovedOnError, and InvalidInputError for a letter that did not come back.
    """
    staff.require(Action.REACH)
    case.require_seen(version)
    if letter not in case.undelivered:
        raise InvalidInputError.of("letter", "not_undelivered")
    after, event = case.changed(
        "reached_in_another_way",
        at=clock(),
        actor=staff.actor,
        details={"letter": letter, "by": by},
        undelivered=tuple(other for other in case.undelivered if other != letter),
    )
    cases.save(case, after, event)
    return after
