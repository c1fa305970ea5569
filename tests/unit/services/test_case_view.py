"""What staff see of the clock, the words and the letters of a case, and what it says is to be done next."""

from datetime import timedelta

import pytest

from rightsdesk.domain.case_views import CaseView
from rightsdesk.domain.clock import Breach, ExtensionReason, QuestionKind
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.errors import InvalidInputError, NotAllowedError, VersionMovedOnError
from rightsdesk.domain.letters import Contact, DeliveryState
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.law.case_dates import case_deadlines
from rightsdesk.law.deadlines import ExtensionBarrier
from rightsdesk.law.explanation import StepCode
from rightsdesk.services.reach_person import reach_person
from rightsdesk.services.view_letters import view_letters
from tests.support.correcting import NAME, correcting_map, fill
from tests.support.desk import APPROVER, HANDLER, Desk

OTHER = StaffMember(user_id="sub-2", roles=frozenset({Role.APPROVER}))
AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))
UNFOUNDED = {"ground": "gdpr_12_5", "reason": "canary reason", "evidence": "canary evidence"}


def look(desk: Desk, case: PrivacyRequest, staff: StaffMember = HANDLER) -> CaseView:
    return desk.staff.view(staff, case.reference)


# Erasure


def test_an_erasure_says_what_is_waited_for_and_who_may_approve_it() -> None:
    desk = Desk()
    case = desk.planned()
    assert look(desk, case).next_step == "wait_for_person_to_confirm"
    desk.confirm_erasure(case)
    view = look(desk, case)
    assert (view.next_step, view.may_approve_erasure) == ("wait_for_undo_time", False)
    desk.clock.advance(timedelta(hours=72))
    desk.ask_release(case)
    view = look(desk, case)
    assert (view.next_step, view.may_approve_erasure) == ("approve_erasure", True)
    assert not view.may_complete
    assert not look(desk, case, APPROVER).may_complete
    assert not look(desk, case, AUDITOR).may_approve_erasure
    desk.approve(desk.now(case), {})
    view = look(desk, case)
    assert view.erasure is not None
    assert view.erasure.approved_by == (HANDLER.user_id,)
    assert (view.next_step, view.may_approve_erasure) == ("confirm_erasure_approval", False)
    assert look(desk, case, APPROVER).may_approve_erasure
    desk.approve(desk.now(case), staff=APPROVER)
    assert look(desk, case).next_step == "wait_for_erasure"


def test_after_an_approver_anybody_else_who_works_on_cases_may_approve() -> None:
    desk = Desk()
    case = desk.confirmed()
    desk.approve(case, {}, staff=APPROVER)
    assert look(desk, case).next_step == "confirm_erasure_approval"
    for staff, may in ((APPROVER, False), (HANDLER, True), (OTHER, True), (AUDITOR, False)):
        assert look(desk, case, staff).may_approve_erasure is may


def test_a_hold_is_lifted_and_a_copy_answered_before_an_erasure_is_approved() -> None:
    desk = Desk()
    case = desk.confirmed()
    desk.approve(case, {})
    for reason in HoldReason:
        desk.holds.place(case.subject_key, Hold(reason=reason, placed_by="sub-handler", placed_at=desk.clock()))
    access = desk.submit()
    desk.send_verification(access, "verification-2")
    desk.verify(access)
    for reason in HoldReason:
        view = look(desk, case, APPROVER)
        assert (view.next_step, view.may_approve_erasure) == ("lift_hold", False)
        desk.holds.lift(case.subject_key, reason)
    view = look(desk, case, APPROVER)
    assert (view.next_step, view.may_approve_erasure) == ("answer_access_request_first", False)
    desk.withdraw(desk.now(access))
    view = look(desk, case, APPROVER)
    assert (view.next_step, view.may_approve_erasure) == ("confirm_erasure_approval", True)


def test_a_hold_changes_nothing_of_what_is_to_be_done_in_other_cases() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.holds.place(
        case.subject_key, Hold(reason=HoldReason.AUTHORITY, placed_by="sub-handler", placed_at=desk.clock())
    )
    assert look(desk, case).next_step == "decide_held_rows_and_release"


def test_an_erasure_that_is_done_shows_the_digest_of_its_certificate() -> None:
    desk = Desk()
    case = desk.erased()
    desk.certify(case)
    view = look(desk, case)
    (event,) = [each for each in desk.table.events[case.request_id] if each.type == "erased"]
    assert view.erasure is not None
    assert (view.erasure.state, view.erasure.certificate_sha256) == ("erased", event.details["certificate_sha256"])
    assert view.next_step == "wait_for_answer"


# The clock


def test_every_date_is_there_and_why() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    view = look(desk, case)
    for name in (
        *("nominal_on", "due_on", "conservative_due_on", "extended_due_on", "extension_notice_due_on"),
        *("refusal_notice_due_on", "progress_notice_due_on", "suspended_days", "target_on", "laws", "rules"),
    ):
        assert getattr(view, name) == getattr(case.due, name), name
    assert view.clock == "running"
    expected = case_deadlines(case, merchant=desk.merchant).why
    assert [(step.code, step.rule, step.parameters) for step in view.why] == [
        (step.code, step.rule, step.parameters) for step in expected
    ]
    assert {step.code for step in view.why} <= set(StepCode)


def test_an_extension_may_be_given_once_in_time_and_by_who_works_on_the_case() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    assert (look(desk, case).may_extend, look(desk, case).extension_barrier) == (True, None)
    assert not look(desk, case, AUDITOR).may_extend
    desk.extend(case, reason=ExtensionReason.COMPLEXITY)
    view = look(desk, case)
    assert (view.clock, view.may_extend, view.extension_barrier) == (
        "extended",
        False,
        ExtensionBarrier.ALREADY_EXTENDED,
    )
    assert view.extension is not None
    assert (view.extension.reason, view.due_on) == (ExtensionReason.COMPLEXITY, view.extended_due_on)


def test_an_extension_comes_too_late_after_the_first_month() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    desk.clock.advance(timedelta(days=40))
    view = look(desk, case)
    assert (view.clock, view.may_extend, view.extension_barrier) == ("overdue", False, ExtensionBarrier.NOTICE_TOO_LATE)


def test_nobody_extends_what_is_not_verified_or_is_answered() -> None:
    desk = Desk()
    case = desk.submit(country="IE")
    assert not look(desk, case).may_extend
    answered = Desk()
    view = look(answered, answered.answered(country="IE"))
    assert (view.may_extend, view.clock) == (False, "stopped")


def test_a_question_stops_the_clock_and_the_answer_is_shown() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    desk.ask(case, "canary question")
    view = look(desk, case)
    assert (view.clock, view.next_step) == ("suspended", "wait_for_answer_to_question")
    desk.clock.advance(timedelta(days=4))
    desk.answer_question(case, "canary answer")
    view = look(desk, case)
    assert (view.clock, view.suspended_days) == ("running", 4)
    assert view.due_on > view.conservative_due_on
    (question,) = view.questions
    assert (question.kind, question.text, question.answer) == (
        QuestionKind.CLARIFICATION,
        "canary question",
        "canary answer",
    )


# The words


@pytest.mark.parametrize("role", Role)
def test_a96_words_are_for_who_may_inspect_and_codes_for_everybody(role: Role) -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE", details="canary details")
    desk.ask(case, "canary question")
    desk.answer_question(case, "canary answer")
    desk.extend(desk.now(case), "canary orders of nineteen years on tape in four archives")
    desk.refuse(desk.now(case), **UNFOUNDED, staff=HANDLER)
    view = look(desk, case, StaffMember(user_id="sub-1", roles=frozenset({role})))
    assert view.extension is not None
    assert view.refusal is not None
    assert (view.extension.reason, view.refusal.ground, len(view.questions)) == ("complexity", "gdpr_12_5", 1)
    written = view.model_dump_json()
    if role in (Role.HANDLER, Role.APPROVER):
        assert all(f"canary {what}" in written for what in ("details", "question", "answer", "orders", "evidence"))
    else:
        assert "canary" not in written
        assert "Jane" not in written


# What is to be done next


def test_a_proposed_refusal_waits_for_a_second_person() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    desk.refuse(case, **UNFOUNDED, staff=APPROVER)
    for staff, may in ((APPROVER, False), (OTHER, True), (HANDLER, False), (AUDITOR, False)):
        view = look(desk, case, staff)
        assert (view.next_step, view.may_confirm_refusal) == ("confirm_refusal", may)
        assert view.refusal is not None
        assert not view.refusal.decided
    desk.reviewer.confirm_refusal(OTHER, desk.now(case), desk.now(case).version)
    view = look(desk, case, OTHER)
    assert (view.next_step, view.may_confirm_refusal) == ("wait_for_answer", False)
    assert view.refusal is not None
    assert (view.refusal.by, view.refusal.second_by, view.refusal.decided) == (APPROVER.user_id, OTHER.user_id, True)


def test_what_no_package_answers_is_carried_out_and_completed() -> None:
    desk = Desk()
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,))
    view = look(desk, case, APPROVER)
    assert (view.answered_by_package, view.next_step) == (False, "state_corrections")
    assert (view.may_complete, view.may_release) == (True, False)
    assert not look(desk, case, HANDLER).may_complete
    desk.complete(case, "Your name is spelt right now.")
    assert look(desk, case).done == "Your name is spelt right now."
    assert look(desk, case).next_step == "wait_for_answer"


@pytest.mark.parametrize(
    ("held", "step"), [("Jane Murphey", "state_corrections"), ("Jane Murphy", "approve_correction")]
)
def test_a_correction_whose_plan_has_obstacles_is_stated_otherwise(held: str, step: str) -> None:
    desk = fill(Desk(data_map=correcting_map()))
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,), details="My name is wrong.")
    desk.state_corrections(case, NAME.model_copy(update={"old": held}))
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-2")
    view = look(desk, case, APPROVER)
    assert view.rectification is not None
    assert (view.next_step, bool(view.rectification.obstacles)) == (step, step == "state_corrections")
    assert view.may_complete


def test_a_right_that_staff_carry_out_waits_for_them() -> None:
    desk = Desk()
    case = desk.to_be_carried_out(types=(RequestType.RESTRICTION,))
    assert look(desk, case).next_step == "carry_out_and_say_so"


def test_a_package_is_released_and_not_completed() -> None:
    desk = Desk()
    view = look(desk, desk.awaiting_review(), APPROVER)
    assert (view.answered_by_package, view.may_release, view.may_complete) == (True, True, False)


def test_a_letter_that_came_back_is_the_next_step_where_nothing_else_is() -> None:
    desk = Desk()
    case = desk.answered()
    set_undelivered(desk, case)
    assert look(desk, case).next_step == "answer_in_another_way"
    desk.close(case)
    assert look(desk, case).next_step == "answer_in_another_way"
    assert look(desk, case).undelivered == ("answer_ready",)
    busy = Desk()
    case = busy.awaiting_review()
    set_undelivered(busy, case)
    assert look(busy, case).next_step == "decide_held_rows_and_release"


def test_a_late_refusal_is_flagged() -> None:
    desk = Desk()
    case = desk.awaiting_review(country="IE")
    desk.clock.advance(timedelta(days=40))
    desk.refuse(case)
    desk.close(case, Outcome.REFUSED)
    assert Breach.LATE_REFUSAL in look(desk, case).breaches


def test_how_the_person_was_reached_is_written_down_also_after_the_end() -> None:
    for closed in (False, True):
        desk = Desk()
        case = desk.answered()
        set_undelivered(desk, case)
        if closed:
            desk.close(case)
        now = desk.now(case)
        reach_person(HANDLER, now, now.version, "answer_ready", Contact.POST, cases=desk.cases, clock=desk.clock)
        assert look(desk, case).next_step == ("none" if closed else "wait_for_download")
        event = desk.table.events[case.request_id][-1]
        assert (event.type, event.actor, event.details) == (
            "reached_in_another_way",
            "staff:sub-handler",
            {"letter": "answer_ready", "by": "post"},
        )


def test_only_a_letter_that_came_back_is_told_in_another_way_and_of_the_case_as_it_is() -> None:
    desk = Desk()
    case = desk.answered()
    with pytest.raises(InvalidInputError, match="not_undelivered"):
        reach_person(HANDLER, case, case.version, "answer_ready", Contact.POST, cases=desk.cases, clock=desk.clock)
    set_undelivered(desk, case)
    now = desk.now(case)
    with pytest.raises(VersionMovedOnError):
        reach_person(HANDLER, now, case.version, "answer_ready", Contact.POST, cases=desk.cases, clock=desk.clock)
    with pytest.raises(NotAllowedError):
        reach_person(AUDITOR, now, now.version, "answer_ready", Contact.POST, cases=desk.cases, clock=desk.clock)
    assert desk.now(case) == now


# The letters


@pytest.mark.parametrize("staff", [HANDLER, APPROVER, AUDITOR])
def test_every_letter_is_listed_with_its_reader_and_its_state(staff: StaffMember) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    listed = view_letters(staff, case.reference, find=desk.staff.find, cases=desk.cases).letters
    assert listed == look(desk, case, staff).letters
    assert [(letter.letter, letter.to, letter.state) for letter in listed] == [
        ("verification_code", "person", DeliveryState.SENT),
        ("staff_release", "staff", DeliveryState.SENT),
    ]
    assert "jane@example.com" not in str(listed)


def set_undelivered(desk: Desk, case: PrivacyRequest) -> None:
    now = desk.now(case)
    after, event = now.changed(
        "letter_undelivered", at=desk.clock(), actor="system", details={}, undelivered=("answer_ready",)
    )
    desk.cases.save(now, after, event)
