"""Who on the staff may do what (abuse cases 79, 96)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import ApproverNeededError, NotAllowedError, SecondPersonNeededError
from rightsdesk.domain.staff import PERMISSIONS, Action, Role, StaffMember, require_second_person

# The matrix as the merchant is told it. An empty place is a no.
MATRIX = """
          read timeline inspect assign retry extend ask reach decide propose triage reside register evidence
handler   yes  yes      yes     yes    yes   yes    yes yes   yes    yes     yes    yes
approver  yes  yes      yes     yes    yes   yes    yes yes   yes    yes     yes    yes    yes      yes
auditor   yes  yes                                                                         yes      yes
admin     yes  yes              yes    yes                                                 yes      yes
"""


DECIDES = """
          release refuse complete lift clear
handler
approver  yes     yes    yes      yes  yes
auditor
admin
"""


def rows() -> list[tuple[Role, Action, bool]]:
    found = []
    for table in (MATRIX, DECIDES):
        header, *lines = table.strip("\n").splitlines()
        places = {name.group(): name.start() for name in re.finditer(r"\w+", header)}
        found += [
            (Role(line.split()[0]), Action(action), line[place : place + 3] == "yes")
            for line in lines
            for action, place in places.items()
        ]
    return found


def test_the_matrix_is_complete() -> None:
    assert {(role, action) for role, action, _ in rows()} == {(role, action) for role in Role for action in Action}
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(("role", "action", "may"), rows(), ids=lambda value: str(value))
def test_a96_role_matrix(role: Role, action: Action, may: bool) -> None:
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    assert staff.may(action) is may
    if may:
        staff.require(action)
    else:
        with pytest.raises(NotAllowedError) as refused:
            staff.require(action)
        decides = action in (Action.RELEASE, Action.REFUSE, Action.COMPLETE, Action.LIFT, Action.CLEAR)
        assert type(refused.value) is (ApproverNeededError if decides else NotAllowedError)


@given(st.sets(st.sampled_from(Role)), st.sampled_from(Action))
def test_a96_several_roles_add_up_and_none_is_nobody(roles: set[Role], action: Action) -> None:
    staff = StaffMember(user_id="sub-1", roles=frozenset(roles))
    assert staff.may(action) is any(action in PERMISSIONS[role] for role in roles)


def test_a96_an_auditor_acts_on_nothing() -> None:
    assert PERMISSIONS[Role.AUDITOR] <= {Action.READ, Action.TIMELINE, Action.REGISTER, Action.EVIDENCE}


@pytest.mark.parametrize(
    ("handled_by", "four_eyes", "allowed"),
    [
        ((), True, True),
        (("other",), True, True),
        (("me",), True, False),
        (("a", "me"), True, False),
        (("me",), False, True),
    ],
)
def test_a79_who_worked_on_it_does_not_release_it(handled_by: tuple[str, ...], four_eyes: bool, allowed: bool) -> None:
    me = StaffMember(user_id="me", roles=frozenset({Role.APPROVER}))
    if allowed:
        require_second_person(me, handled_by, four_eyes=four_eyes)
    else:
        with pytest.raises(SecondPersonNeededError):
            require_second_person(me, handled_by, four_eyes=four_eyes)


def test_staff_are_known_by_the_subject_of_their_token() -> None:
    assert StaffMember(user_id="sub-1", roles=frozenset()).actor == "staff:sub-1"
