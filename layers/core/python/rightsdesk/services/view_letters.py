"""Show staff every letter about a case, and what became of it. What a letter said is not kept."""

# serves: B-2

from collections.abc import Callable

from rightsdesk.domain.case_views import LetterList
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.shown_case import letters_shown
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore


def view_letters(
    staff: StaffMember, reference: str, *, find: Callable[[str], PrivacyRequest], cases: CaseStore
) -> LetterList:
    """Oldest first. Raises NotFoundError, NotAllowedError."""
    staff.require(Action.READ)
    case = find(reference)
    return LetterList(letters=letters_shown(case, cases.letters(case.request_id)))
