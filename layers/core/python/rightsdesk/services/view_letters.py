"""Show staff every letter about a case, and what became of it. What a letter said is not kept."""

# serves: B-2

from collections.abc import Callable

from rightsdesk.domain.case_views import LetterList, LetterView
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports import CaseStore


def view_letters(
    staff: StaffMember, reference: str, *, find: Callable[[str], PrivacyRequest], cases: CaseStore
) -> LetterList:
    """Oldest first. Raises NotFoundError, NotAllowedError."""
    staff.require(Action.READ)
    case = find(reference)
    return LetterList(
        letters=tuple(
            LetterView(
                letter=record.letter,
                to="person" if record.recipient_key == case.subject_key else "staff",
                version=record.version,
                state=record.state,
                at=record.at,
                sent_at=record.sent_at,
            )
            for record in cases.letters(case.request_id)
        )
    )
