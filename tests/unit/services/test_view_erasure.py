"""What staff see of an erasure before they approve it, and what bars it."""

from datetime import timedelta

import pytest

from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.erasure_views import ErasurePlanView
from rightsdesk.domain.errors import (
    AccessGoesFirstError,
    ApproverNeededError,
    ConflictError,
    NothingHeldError,
    OnHoldError,
    VersionMovedOnError,
)
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.views import KeptView
from rightsdesk.services.hold_erasure import lift_hold, place_hold
from rightsdesk.services.view_erasure import view_erasure
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk
from tests.unit.services.test_erasure import map_of_kept_orders

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))


def look(desk: Desk, case: PrivacyRequest, staff: StaffMember = HANDLER) -> ErasurePlanView:
    return view_erasure(
        staff, desk.now(case), cases=desk.cases, holds=desk.holds, data_map=desk.data_map, clock=desk.clock
    )


def place(desk: Desk, case: PrivacyRequest, reason: HoldReason, staff: StaffMember = HANDLER) -> None:
    now = desk.now(case)
    place_hold(staff, now, now.version, reason, cases=desk.cases, holds=desk.holds, clock=desk.clock)


def lift(desk: Desk, case: PrivacyRequest, reason: HoldReason, staff: StaffMember = APPROVER) -> None:
    now = desk.now(case)
    lift_hold(staff, now, now.version, reason, cases=desk.cases, holds=desk.holds, clock=desk.clock)


def test_the_plan_that_is_shown_is_the_one_that_is_approved() -> None:
    desk = Desk()
    case = desk.confirmed()
    view = look(desk, case, AUDITOR)
    plan = desk.plan(case)
    assert (view.plan_sha256, view.delete, view.anonymise, view.keep) == (
        plan.sha256,
        plan.delete,
        plan.anonymise,
        plan.keep,
    )
    assert [part.collection for part in view.collections] == [part.collection for part in plan.collections]
    assert sum(part.delete for part in view.collections) == plan.delete > 0
    assert {source.stage for source in view.sources} == {"planned"}
    assert (view.state, view.version, view.approval, view.goes_first) == ("being_checked", case.version, None, None)
    desk.approve(case, {}, plan_sha256=view.plan_sha256)
    approval = look(desk, case).approval
    assert approval is not None
    assert (approval.plan_sha256, approval.by, approval.second_by) == (plan.sha256, HANDLER.user_id, None)


def test_before_every_source_is_planned_there_is_nothing_to_approve() -> None:
    desk = Desk()
    case = desk.collecting(types=(RequestType.ERASURE,))
    first, *others = case.sources
    desk.plan_erasure(case, first)
    view = look(desk, case)
    assert (view.state, view.plan_sha256, view.collections) == ("being_planned", None, ())
    assert {source.source: source.stage for source in view.sources} == {first: "planned"} | dict.fromkeys(
        others, "pending"
    )


def test_of_whom_nothing_is_held_no_time_is_shown_at_which_they_were_asked_or_confirmed() -> None:
    desk = Desk()
    desk.reader.rows.clear()  # type: ignore[attr-defined]
    case = desk.planned()
    view = look(desk, case)
    assert (view.state, view.nothing_to_erase) == ("being_checked", True)
    assert (view.asked_at, view.confirmed_at, view.undo_until) == (None, None, None)


def test_what_was_done_and_certified_is_shown() -> None:
    desk = Desk()
    case = desk.erased()
    desk.certify(case)
    view = look(desk, case)
    assert view.state == "erased"
    assert [part.deleted for part in view.collections] == [part.delete for part in view.collections]
    assert {part.residue for part in view.collections} == {0}
    assert view.certificate is not None
    assert view.certificate_sha256 == view.certificate.sha256
    assert {source.stage for source in view.sources} == {"searched"}


def test_the_law_that_keeps_rows_is_shown_although_staff_keep_a_field_of_them_on_a_ground() -> None:
    """The second of the two who approve sees what the law keeps, until when, and which field stays beside it."""
    desk = Desk(data_map=map_of_kept_orders())
    for row in desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)]:
        row.update(member_id=JANES_MEMBER_ID, note="asked for a discount")
    case = desk.confirmed()
    before = law_of(look(desk, case))
    desk.approve(case, {"shop/orders.note": "gdpr_17_3_e"})
    for source in case.sources:
        desk.plan_erasure(desk.now(case), source)
    view = look(desk, case)
    assert law_of(view) == before
    assert before.rows == 2
    assert before.until is not None
    claim = next(kept for part in view.collections for kept in part.kept if kept.ground)
    assert (claim.ground, claim.rows, [field.en for field in claim.fields]) == ("gdpr_17_3_e", 2, ["Note"])


def law_of(view: ErasurePlanView) -> KeptView:
    (orders,) = [part for part in view.collections if part.collection == "shop/orders"]
    (law,) = [kept for kept in orders.kept if kept.law]
    return law


def test_nothing_of_the_person_is_in_it() -> None:
    desk = Desk()
    shown = look(desk, desk.confirmed()).model_dump_json()
    assert not [word for word in (JANE, "M-000001", "Jane") if word in shown]


def test_what_is_no_erasure_has_no_such_plan() -> None:
    desk = Desk()
    with pytest.raises(ConflictError):
        look(desk, desk.awaiting_review())


def test_a_hold_bars_an_erasure_until_an_approver_lifts_it() -> None:
    desk = Desk()
    case = desk.confirmed()
    place(desk, case, HoldReason.OPEN_DISPUTE)
    (hold,) = look(desk, case).holds
    assert (hold.reason, hold.placed_by) == (HoldReason.OPEN_DISPUTE, HANDLER.user_id)
    with pytest.raises(OnHoldError, match="open_dispute"):
        desk.approve(desk.now(case), {})
    with pytest.raises(ApproverNeededError):
        lift(desk, case, HoldReason.OPEN_DISPUTE, HANDLER)
    lift(desk, case, HoldReason.OPEN_DISPUTE)
    assert look(desk, case).holds == ()
    desk.approve(desk.now(case), {})
    assert [event for event in desk.history(case) if event.startswith("hold_")] == ["hold_placed", "hold_lifted"]


def test_a_hold_is_of_the_person_and_may_be_placed_in_any_of_their_requests() -> None:
    desk = Desk()
    case = desk.confirmed()
    closed = desk.submit()
    desk.withdraw(closed)
    place(desk, closed, HoldReason.AUTHORITY)
    with pytest.raises(OnHoldError):
        desk.approve(desk.now(case), {})


def test_a_hold_that_stands_is_not_placed_again() -> None:
    desk = Desk()
    case = desk.confirmed()
    place(desk, case, HoldReason.OPEN_DISPUTE)
    before = desk.now(case)
    place(desk, case, HoldReason.OPEN_DISPUTE, APPROVER)
    assert desk.now(case) == before
    place(desk, case, HoldReason.AUTHORITY)
    lift(desk, case, HoldReason.OPEN_DISPUTE)
    place(desk, case, HoldReason.OPEN_DISPUTE)
    holds = [event for event in desk.history(case) if event.startswith("hold_")]
    assert holds == ["hold_placed", "hold_placed", "hold_lifted", "hold_placed"]


def test_a_hold_that_was_placed_by_who_died_before_noting_it_is_noted_the_next_time() -> None:
    desk = Desk()
    case = desk.confirmed()
    hold = Hold(reason=HoldReason.OPEN_DISPUTE, placed_by=HANDLER.user_id, placed_at=desk.clock())
    desk.holds.place(case.subject_key, hold)
    for _ in range(2):
        place(desk, case, HoldReason.OPEN_DISPUTE)
    assert desk.history(case).count("hold_placed") == 1


def test_a_hold_that_is_not_there_is_not_lifted_and_a_case_that_moved_on_is_looked_at_first() -> None:
    desk = Desk()
    case = desk.confirmed()
    with pytest.raises(NothingHeldError):
        lift(desk, case, HoldReason.LEGAL_CLAIM)
    place(desk, case, HoldReason.LEGAL_CLAIM)
    for act in (place_hold, lift_hold):
        with pytest.raises(VersionMovedOnError):
            act(
                APPROVER,
                desk.now(case),
                case.version,
                HoldReason.LEGAL_CLAIM,
                cases=desk.cases,
                holds=desk.holds,
                clock=desk.clock,
            )
    assert len(look(desk, case).holds) == 1


def test_a_request_for_a_copy_that_goes_first_is_named() -> None:
    desk = Desk()
    case = desk.planned()
    desk.clock.advance(timedelta(hours=1))
    access = desk.verified()
    desk.confirm_erasure(case)
    desk.clock.advance(timedelta(hours=72))
    desk.ask_release(case)
    assert look(desk, case).goes_first == access.reference
    with pytest.raises(AccessGoesFirstError, match=access.reference):
        desk.approve(desk.now(case), {})
