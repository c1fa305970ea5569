"""Staff release or refuse an answer (abuse cases 12, 79, 90, 96)."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from rightsdesk.domain.errors import CaseClosedError, ConflictError, InvalidInputError, NotAllowedError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import How, PlainPress

WITHHOLD, GIVE = Treatment.WITHHOLD, Treatment.GIVE
HELD = {"shop/orders": WITHHOLD}


def reviewed(desk: Desk | None = None) -> tuple[Desk, PrivacyRequest]:
    desk = desk or Desk()
    return desk, desk.awaiting_review()


def test_staff_are_told_what_waits_for_them() -> None:
    desk, case = reviewed()
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert (values["rows"], values["sources"], values["held"]) == (3, 2, ["shop/orders (1)"])
    assert desk.mailer.outbox[-1].to == "privacy-desk@shop.example"
    assert case.status is Status.AWAITING_REVIEW


@pytest.mark.parametrize(("held", "rebuild"), [(WITHHOLD, False), (Treatment.REDACT, True), (GIVE, True)])
def test_a_release_is_recorded_and_the_workflow_goes_on(held: Treatment, rebuild: bool) -> None:
    desk, case = reviewed()
    desk.release(case, held)
    now = desk.now(case)
    assert (now.status, now.treatments) == (Status.EXECUTING, {"shop/orders": held})
    assert desk.workflow.answers["release-1"] == {"decision": "release", "rebuild": rebuild}
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("released", "staff:sub-approver")
    assert event.details == {"held_shop/orders": str(held)}


def test_a_refusal_is_recorded_with_its_ground_and_without_its_words() -> None:
    desk, case = reviewed()
    desk.refuse(case, reason="  Jane asks daily.  ")
    now = desk.now(case)
    assert now.refusal is not None
    assert (now.refusal.ground, now.refusal.reason) == ("gdpr_12_5", "Jane asks daily.")
    assert desk.workflow.answers["release-1"] == {"decision": "refuse", "rebuild": False}
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details) == ("refused", {"ground": "gdpr_12_5"})


Decide = Callable[[Desk, StaffMember, PrivacyRequest, int], None]
DECISIONS: dict[str, Decide] = {
    "release": lambda desk, staff, case, version: desk.reviewer.release(staff, case, version, HELD),
    "refuse": lambda desk, staff, case, version: desk.reviewer.refuse(staff, case, version, "gdpr_12_5", "x"),
}
each_decision = pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)


@each_decision
@pytest.mark.parametrize("role", Role)
def test_a96_only_an_approver_decides(decide: Decide, role: Role) -> None:
    desk, case = reviewed()
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    if role is Role.APPROVER:
        decide(desk, staff, case, case.version)
        assert desk.now(case).status is Status.EXECUTING
        return
    with pytest.raises(NotAllowedError):
        decide(desk, staff, case, case.version)
    assert desk.now(case) == case


@each_decision
def test_a79_who_handled_it_does_not_decide_it(decide: Decide) -> None:
    desk, case = reviewed()
    desk.staff.assign(APPROVER, case.reference, "me")
    desk.staff.assign(APPROVER, case.reference, None)  # to give it back does not undo that
    case = desk.now(case)
    with pytest.raises(NotAllowedError):
        decide(desk, APPROVER, case, case.version)
    other = StaffMember(user_id="sub-other", roles=frozenset({Role.APPROVER}))
    decide(desk, other, case, case.version)


@each_decision
def test_a79_who_started_it_again_does_not_decide_it(decide: Decide) -> None:
    desk, case = reviewed()
    desk.fail(case)
    desk.staff.retry(APPROVER, case.reference)
    case = desk.now(case)
    with pytest.raises(NotAllowedError):
        decide(desk, APPROVER, case, case.version)


@each_decision
def test_a79_a_merchant_of_one_may_do_without_four_eyes(decide: Decide) -> None:
    desk, case = reviewed(Desk(four_eyes=False))
    desk.staff.assign(HANDLER, case.reference, APPROVER.user_id)
    case = desk.now(case)
    decide(desk, APPROVER, case, case.version)
    assert desk.now(case).status is Status.EXECUTING


@each_decision
def test_a79_what_has_changed_since_it_was_looked_at_is_not_decided(decide: Decide) -> None:
    desk, case = reviewed()
    desk.staff.assign(HANDLER, case.reference, "sub-1")
    for stale in (case, desk.now(case)):
        with pytest.raises(ConflictError):
            decide(desk, APPROVER, stale, case.version if stale is not case else case.version - 1)
    with pytest.raises(ConflictError):
        decide(desk, APPROVER, case, case.version)  # even with the version that it says it has
    assert desk.now(case).status is Status.AWAITING_REVIEW


@each_decision
def test_a79_nothing_is_decided_twice(decide: Decide) -> None:
    desk, case = reviewed()
    decide(desk, APPROVER, case, case.version)
    now = desk.now(case)
    for stale in (case, now):
        with pytest.raises(ConflictError):
            decide(desk, APPROVER, stale, stale.version)
    assert desk.now(case) == now


def test_a79_of_two_who_decide_at_once_one_does() -> None:
    desk, case = reviewed()
    start, results = threading.Barrier(10), []

    def decide(number: int) -> None:
        start.wait()
        try:
            [*DECISIONS.values()][number % 2](desk, APPROVER, case, case.version)
            results.append("decided")
        except ConflictError:
            results.append("too late")

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(results) == {"decided": 1, "too late": 9}
    assert len([kind for kind in desk.history(case) if kind in ("released", "refused")]) == 1


@pytest.mark.parametrize("treatments", [{}, {"shop/orders": GIVE, "files/letters": GIVE}, {"files/letters": GIVE}])
def test_a12_no_release_without_a_decision_on_each_collection_with_others_in_it(
    treatments: dict[str, Treatment],
) -> None:
    desk, case = reviewed()
    with pytest.raises(InvalidInputError):
        desk.reviewer.release(APPROVER, case, case.version, treatments)
    assert desk.now(case) == case


def test_a90_a_package_of_somebody_else_is_not_released() -> None:
    desk, case = reviewed()
    assert case.export is not None
    foreign = case.model_copy(update={"export": case.export.model_copy(update={"subject": "0" * 64})})
    with pytest.raises(ConflictError):
        desk.release(foreign)


@pytest.mark.parametrize(
    ("ground", "reason", "field"),
    [
        ("gdpr_99", "x", "ground"),
        ("", "x", "ground"),
        ("gdpr_12_5", "", "reason"),
        ("gdpr_12_5", " \n", "reason"),
        ("gdpr_12_5", "x" * 2001, "reason"),
    ],
)
def test_a82_no_refusal_without_a_ground_and_a_reason(ground: str, reason: str, field: str) -> None:
    desk, case = reviewed()
    with pytest.raises(InvalidInputError) as refused:
        desk.refuse(case, ground, reason)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert desk.now(case) == case


def test_a_case_that_was_withdrawn_is_not_decided() -> None:
    desk, case = reviewed()
    desk.withdraw(case)
    for stale in (case, desk.now(case)):
        with pytest.raises(ConflictError):
            desk.release(stale)
    with pytest.raises(CaseClosedError):
        desk.ask_release(case, "release-2")
    assert desk.mails().count("staff_release") == 1


def test_a_door_that_could_not_tell_the_workflow_has_decided_all_the_same() -> None:
    desk, case = reviewed()
    desk.faults.fail(len(desk.faults.calls) + 3, How.UNAVAILABLE)  # sources, save, parked, and then
    desk.release(case)
    assert desk.faults.calls[-1] == "workflow.succeed"
    assert desk.now(case).status is Status.EXECUTING


def test_started_again_the_task_waits_with_its_new_token_or_passes_what_is_decided() -> None:
    desk, case = reviewed()
    desk.ask_release(case, "release-2")
    assert desk.mails().count("staff_release") == 1
    desk.release(desk.now(case))
    assert "release-2" in desk.workflow.answers
    desk.ask_release(case, "release-3")
    assert desk.workflow.answers["release-3"] == {"decision": "release", "rebuild": False}


@each_decision
def test_nobody_can_shut_an_approver_out_by_naming_them(decide: Decide) -> None:
    desk, case = reviewed()
    desk.staff.assign(HANDLER, case.reference, APPROVER.user_id)
    case = desk.now(case)
    with pytest.raises(NotAllowedError):
        decide(desk, APPROVER, case, case.version)
    desk.staff.assign(HANDLER, case.reference, None)
    case = desk.now(case)
    decide(desk, APPROVER, case, case.version)
