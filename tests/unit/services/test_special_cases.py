"""Shared mailboxes, minors, people who have died: nothing leaves before an approver has decided (abuse case 10)."""

from typing import Any

import pytest

from rightsdesk.domain.errors import (
    ApproverNeededError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    SpecialCaseOpenError,
    VersionMovedOnError,
)
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.special_case import decide_special_case, raise_special_case
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.unit.services.test_agents import TO_REVIEW, agent, decide, release

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))
REASON = "Both of them share the account, and both have agreed in writing."


def flag(
    desk: Desk, case: PrivacyRequest, kind: SpecialKind = SpecialKind.HOUSEHOLD, staff: StaffMember = HANDLER
) -> PrivacyRequest:
    raise_special_case(staff, case, case.version, kind, cases=desk.cases, clock=desk.clock)
    return desk.now(case)


def let_go_on(desk: Desk, case: PrivacyRequest, **how: Any) -> PrivacyRequest:
    version, reason = how.get("version", case.version), how.get("reason", REASON)
    decide_special_case(how.get("staff", APPROVER), case, version, reason, cases=desk.cases, clock=desk.clock)
    return desk.now(case)


@pytest.mark.parametrize("way", TO_REVIEW)
@pytest.mark.parametrize("kind", SpecialKind)
def test_a10_nothing_is_released_before_an_approver_decides(way: str, kind: SpecialKind) -> None:
    desk = Desk()
    case = flag(desk, TO_REVIEW[way](desk), kind)
    seen = desk.staff.view(APPROVER, case.reference)
    assert (seen.next_step, seen.waits_for) == ("decide_special_case", ("special",))
    assert (seen.may_release, seen.may_complete, seen.may_approve_erasure) == (False, False, False)
    with pytest.raises(SpecialCaseOpenError):
        release(desk, case)
    case = let_go_on(desk, case)
    release(desk, case)
    assert desk.staff.view(APPROVER, case.reference).waits_for == ()


@pytest.mark.parametrize(("role", "kind"), [("guardian", "minor"), ("heir", "deceased"), ("proxy", None)])
def test_a10_the_form_says_it_by_saying_who_asks(role: str, kind: str | None) -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent(role=role))
    assert (case.special and case.special.kind) == kind
    if kind:
        decide(desk, case)
        with pytest.raises(SpecialCaseOpenError):
            desk.release(desk.now(case))  # the authority alone is not enough


def test_a10_it_shows_on_the_work_list() -> None:
    desk = Desk()
    case = flag(desk, desk.awaiting_review())
    (line,) = desk.staff.list_open(AUDITOR, 10, None).items
    assert line.waits_for == ("special",)
    let_go_on(desk, case)
    assert desk.staff.list_open(AUDITOR, 10, None).items[0].waits_for == ()


def test_a10_raised_after_the_approval_of_an_erasure_it_stops_it_before_the_first_row() -> None:
    desk = Desk()
    case = flag(desk, desk.approved())
    assert desk.begin_erasure(case) == "plan_again"
    assert desk.now(case).erasure is not None
    assert desk.cases.timeline(case.request_id)[-1].details["barred_by"] == "special_case_open"


def test_a10_raised_after_the_release_it_stops_the_answer() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.release(case)
    flag(desk, desk.now(case))
    with pytest.raises(SpecialCaseOpenError):
        desk.answer(case)
    assert "answer_ready" not in desk.mails()


def test_a_refusal_is_barred_by_none_of_it() -> None:
    desk = Desk()
    case = flag(desk, desk.awaiting_review())
    desk.refuse(case, "not_the_subject", "Several people read this mailbox, and one of them objects.")
    assert desk.now(case).is_refused


def test_who_may_say_so_and_who_may_let_it_go_on() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(NotAllowedError):
        flag(desk, case, staff=AUDITOR)
    case = flag(desk, case)
    with pytest.raises(ApproverNeededError):
        let_go_on(desk, case, staff=HANDLER)
    with pytest.raises(VersionMovedOnError):
        let_go_on(desk, case, version=case.version - 1)
    with pytest.raises(InvalidInputError):
        let_go_on(desk, case, reason="-")
    case = let_go_on(desk, case)
    with pytest.raises(ConflictError):
        let_go_on(desk, case)
    assert desk.history(case)[-2:] == ["special_case_raised", "special_case_decided"]


def test_said_anew_it_is_decided_anew() -> None:
    desk = Desk()
    case = let_go_on(desk, flag(desk, desk.awaiting_review()))
    case = flag(desk, case, SpecialKind.MINOR)
    with pytest.raises(SpecialCaseOpenError):
        desk.release(case)


def test_of_an_answered_case_nothing_is_said_any_more() -> None:
    desk = Desk()
    with pytest.raises(ConflictError):
        flag(desk, desk.answered())
