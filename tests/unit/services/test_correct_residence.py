"""Where a person lives is put right, and the dates follow."""

import pytest

from rightsdesk.domain.errors import ConflictError, NotAllowedError, VersionMovedOnError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.correct_residence import correct_residence
from tests.support.desk import HANDLER
from tests.support.mail_room import MailRoom

AUDITOR = StaffMember(user_id="auditor", roles=frozenset({Role.AUDITOR}))


def put_right(
    room: MailRoom, case: PrivacyRequest, country: str, region: str | None = None, *, staff: StaffMember = HANDLER
) -> PrivacyRequest:
    return correct_residence(
        staff, case, case.version, country, region, cases=room.cases, merchant=room.merchant, clock=room.clock
    )


def test_the_dates_are_counted_anew_from_receipt() -> None:
    room = MailRoom()
    case = room.by_mail()
    assert (case.country, case.country_assumed, case.due.laws) == ("IE", True, ("gdpr", "appi"))
    after = put_right(room, case, "DE", "DE-BY")
    assert (after.country, after.region, after.country_assumed) == ("DE", "DE-BY", False)
    assert after.due.received_on == case.due.received_on
    assert room.history(case)[-1] == "residence_corrected"
    assert put_right(room, after, "JP").due.laws == ("appi",)


def test_what_is_decided_or_answered_is_not_moved_to_another_law() -> None:
    room = MailRoom()
    case = room.collecting()
    with pytest.raises(ConflictError):
        put_right(room, case, "JP")
    assert put_right(room, case, "DE").country == "DE"  # the same laws
    answered = MailRoom()
    case = answered.answered()
    with pytest.raises(ConflictError):
        put_right(answered, case, "DE")


def test_who_may_and_when() -> None:
    room = MailRoom()
    case = room.by_mail()
    with pytest.raises(NotAllowedError):
        put_right(room, case, "DE", staff=AUDITOR)
    now = put_right(room, case, "DE")
    with pytest.raises(VersionMovedOnError):
        correct_residence(
            HANDLER, now, case.version, "FR", None, cases=room.cases, merchant=room.merchant, clock=room.clock
        )
