"""Staff release or refuse an answer (abuse cases 12, 79, 90, 96)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.clock import Breach
from rightsdesk.domain.decisions import recorded
from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NothingProposedError,
    RefusalIncompleteError,
    SecondPersonNeededError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, Refusal, RequestType, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.law.rules import RULES
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import How, PlainPress

WITHHOLD, GIVE = Treatment.WITHHOLD, Treatment.GIVE
HELD = {"shop/orders": WITHHOLD}
OTHER = StaffMember(user_id="sub-other", roles=frozenset({Role.APPROVER}))
EVIDENCE = "Forty requests since May, each a day after our answer; see the register."


def reviewed(desk: Desk | None = None, **changes: Any) -> tuple[Desk, PrivacyRequest]:
    desk = desk or Desk()
    return desk, desk.awaiting_review(**changes)


def test_staff_are_told_what_waits_for_them() -> None:
    desk, case = reviewed()
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert values["task"] == Phrase(name="task.release", values={"rows": 3, "sources": 2})
    assert values["held"] == ["shop/orders (1)"]
    assert desk.mailer.outbox[-1].to == "privacy-desk@shop.example"
    assert case.status is Status.AWAITING_REVIEW


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        (RequestType.QUESTION, "task.answer"),
        (RequestType.COMPLAINT, "task.answer"),
        (RequestType.AUTOMATED_DECISION, "task.review"),
        (RequestType.RECTIFICATION, "task.state"),
        (RequestType.STOP_PROVISION, "task.carry_out"),
    ],
)
def test_staff_are_told_the_next_step_of_what_no_package_answers(kind: RequestType, task: str) -> None:
    desk = Desk()
    desk.ask_release(desk.collecting(types=(kind,)))
    press = desk.press
    assert isinstance(press, PlainPress)
    assert press.printed[-1].values["task"] == Phrase(name=task)


@pytest.mark.parametrize(("held", "rebuild"), [(WITHHOLD, False), (Treatment.REDACT, True), (GIVE, True)])
def test_a_release_is_recorded_and_the_workflow_goes_on(held: Treatment, rebuild: bool) -> None:
    desk, case = reviewed()
    desk.release(case, held)
    now = desk.now(case)
    assert (now.status, now.treatments) == (Status.EXECUTING, {"shop/orders": held})
    assert desk.workflow.answers["release-1"] == {"decision": "release", "rebuild": rebuild}
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("released", "staff:sub-approver")
    assert event.details == {
        "held_shop/orders": str(held),
        **recorded(desk.cases.decisions(case.request_id)),
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access", "portability"],
    }
    assert event.details["weighed"] == ["GDPR-15-4"]
    assert event.details["to_judge"] == 0


def on_record(case: PrivacyRequest, ground: str, *rules: str) -> dict[str, Any]:
    """The ground of a refusal with its rules, the texts that they were read in, and the facts."""
    return {
        "ground": ground,
        "rules": list(rules),
        "rule_versions": [RULES[rule].version for rule in rules],
        "laws": list(case.due.laws),
        "country": case.country,
        "types": ["access", "portability"],
    }


@pytest.mark.parametrize(
    ("country", "ground", "rules"),
    [
        ("IE", "not_the_subject", ("GDPR-4-1",)),
        ("JP", "not_the_subject", ("APPI-37",)),
        ("JP", "appi_33_2_ii", ("APPI-33-2-ii",)),
        ("US", "gdpr_15_4", ("POLICY-PROMISED-RIGHTS", "GDPR-15-4")),
    ],
)
def test_a_refusal_cites_the_rule_of_the_law_that_holds(country: str, ground: str, rules: tuple[str, ...]) -> None:
    desk, case = reviewed(country=country)
    desk.refuse(case, ground)
    assert desk.table.events[case.request_id][-1].details == on_record(case, ground, *rules)


def test_a_refusal_is_recorded_with_its_ground_and_without_its_words() -> None:
    desk, case = reviewed()
    desk.refuse(case, reason="  A letter of Tom's.  ", evidence=" \n")
    now = desk.now(case)
    assert now.refusal == Refusal(ground="gdpr_15_4", reason="A letter of Tom's.", by="sub-approver")
    assert desk.workflow.answers["release-1"] == {"decision": "refuse", "rebuild": False}
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details) == ("refused", on_record(case, "gdpr_15_4", "GDPR-15-4"))


Decide = Callable[[Desk, StaffMember, PrivacyRequest, int], None]
DECISIONS: dict[str, Decide] = {
    "release": lambda desk, staff, case, version: desk.reviewer.release(staff, case, version, HELD),
    "refuse": lambda desk, staff, case, version: desk.reviewer.refuse(
        staff, case, version, "gdpr_15_4", "A letter of Tom's."
    ),
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
    if role is Role.HANDLER and decide is DECISIONS["refuse"]:
        decide(desk, staff, case, case.version)  # but it is only proposed
        assert desk.now(case).status is Status.AWAITING_REVIEW
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
        ("gdpr_17_3_b", "x", "ground"),  # erasure was not asked for
        ("gdpr_15_4", "", "reason"),
        ("gdpr_15_4", " \n", "reason"),
        ("gdpr_15_4", "x" * 2001, "reason"),
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
    desk.faults.fail(len(desk.faults.calls) + 4, How.UNAVAILABLE)  # sources, decisions, save, parked, and then
    desk.release(case)
    assert desk.faults.calls[-3:] == ["tokens.parked", "workflow.succeed", "cases.put_decisions"]
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


# "Manifestly unfounded or excessive" (GDPR 12(5)), and what a handler proposes


def proposed(
    staff: StaffMember = HANDLER, ground: str = "gdpr_12_5", *, four_eyes: bool = True
) -> tuple[Desk, PrivacyRequest]:
    desk, case = reviewed(Desk(four_eyes=four_eyes))
    desk.refuse(case, ground, "Asked forty times.", EVIDENCE, staff=staff)
    return desk, desk.now(case)


@pytest.mark.parametrize("four_eyes", [True, False])
@pytest.mark.parametrize("staff", [HANDLER, APPROVER], ids=lambda staff: staff.user_id)
def test_a44_excessive_is_only_proposed_whoever_says_it_and_whatever_the_merchant_thinks_of_four_eyes(
    staff: StaffMember, four_eyes: bool
) -> None:
    desk, case = proposed(staff, four_eyes=four_eyes)
    assert case.status is Status.AWAITING_REVIEW
    assert case.refusal == Refusal(
        ground="gdpr_12_5", reason="Asked forty times.", evidence=EVIDENCE, by=staff.user_id, needs_second=True
    )
    assert not case.is_refused
    assert "release-1" not in desk.workflow.answers
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor, event.details) == (
        "refusal_proposed",
        staff.actor,
        on_record(case, "gdpr_12_5", "GDPR-12-5"),
    )


def test_a44_no_excessive_without_evidence() -> None:
    desk, case = reviewed()
    for evidence in (None, "", " \n "):
        with pytest.raises(InvalidInputError) as refused:
            desk.refuse(case, "gdpr_12_5", "Asked forty times.", evidence)
        assert str(refused.value) == "evidence: missing"
    assert desk.now(case) == case


def test_a44_many_requests_are_refused_by_nobody_but_people() -> None:
    """However many there are: the next one goes its way like the first."""
    desk = Desk()
    for number in range(5):  # of one and the same there is one: it would be merged
        case = desk.awaiting_review(details=f"All of {2019 + number}")
        desk.clock.advance(timedelta(days=2))
    assert case.status is Status.AWAITING_REVIEW
    assert case.refusal is None


def test_staff_are_told_that_a_second_person_is_needed() -> None:
    desk, case = proposed()
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert desk.mails()[-1] == "staff_second_person"
    assert (values["ground"].name, values["proposed_by"]) == ("ground.gdpr_12_5", "sub-handler")
    desk.refuse(case, "gdpr_12_5", "Asked fifty times.", EVIDENCE)
    assert desk.mails()[-2:] == ["staff_second_person"] * 2


def test_a_proposal_of_which_nobody_can_be_told_is_made_all_the_same() -> None:
    desk, case = reviewed()
    desk.mailer.rejects.add("privacy-desk@shop.example")
    desk.refuse(case, "gdpr_12_5", "Asked forty times.", EVIDENCE)
    assert desk.now(case).refusal is not None


@pytest.mark.parametrize("four_eyes", [True, False])
def test_a79_a_second_person_confirms_and_the_workflow_goes_on(four_eyes: bool) -> None:
    desk, case = proposed(APPROVER, four_eyes=four_eyes)
    desk.reviewer.confirm_refusal(OTHER, case, case.version)
    now = desk.now(case)
    assert now.is_refused
    assert now.refusal is not None
    assert (now.refusal.by, now.refusal.second_by) == ("sub-approver", "sub-other")
    assert now.status is Status.EXECUTING
    assert desk.workflow.answers["release-1"] == {"decision": "refuse", "rebuild": False}
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("refused", "staff:sub-other")
    assert event.details == on_record(case, "gdpr_12_5", "GDPR-12-5") | {"proposed_by": "sub-approver"}
    desk.close(now, Outcome.REFUSED)
    assert desk.now(case).outcome is Outcome.REFUSED


@pytest.mark.parametrize("four_eyes", [True, False])
def test_a79_nobody_is_their_own_second_person(four_eyes: bool) -> None:
    desk, case = proposed(APPROVER, four_eyes=four_eyes)
    with pytest.raises(SecondPersonNeededError):
        desk.reviewer.confirm_refusal(APPROVER, case, case.version)
    assert desk.now(case) == case


def test_a79_who_handled_it_does_not_confirm_either() -> None:
    desk, case = proposed()
    desk.staff.assign(OTHER, case.reference, "me")
    case = desk.now(case)
    with pytest.raises(SecondPersonNeededError):
        desk.reviewer.confirm_refusal(OTHER, case, case.version)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.APPROVER])
def test_a96_only_an_approver_confirms(role: Role) -> None:
    desk, case = proposed()
    with pytest.raises(NotAllowedError):
        desk.reviewer.confirm_refusal(StaffMember(user_id="sub-1", roles=frozenset({role})), case, case.version)


def test_a79_only_what_is_proposed_and_still_so_is_confirmed() -> None:
    desk, case = reviewed()
    with pytest.raises(NothingProposedError):
        desk.reviewer.confirm_refusal(APPROVER, case, case.version)
    desk, case = proposed()
    desk.refuse(case, "gdpr_12_5", "Other words.", EVIDENCE, staff=HANDLER)  # since it was looked at
    with pytest.raises(VersionMovedOnError):
        desk.reviewer.confirm_refusal(APPROVER, desk.now(case), case.version)
    with pytest.raises(ConflictError):
        desk.reviewer.confirm_refusal(APPROVER, case, case.version)
    desk.reviewer.confirm_refusal(APPROVER, desk.now(case), desk.now(case).version)
    decided = desk.now(case)
    with pytest.raises(ConflictError):
        desk.reviewer.confirm_refusal(OTHER, decided, decided.version)


def test_a_handler_proposes_on_any_ground_and_an_approver_confirms() -> None:
    desk, case = proposed(ground="gdpr_15_4")
    assert case.status is Status.AWAITING_REVIEW
    desk.reviewer.confirm_refusal(APPROVER, case, case.version)
    assert desk.now(case).is_refused


def test_a_release_ends_a_proposal() -> None:
    desk, case = proposed()
    with pytest.raises(ConflictError):
        desk.answer(case)  # neither refused nor released yet
    desk.release(case)
    assert desk.now(case).refusal is None
    assert desk.workflow.answers["release-1"] == {"decision": "release", "rebuild": False}
    desk.answer(case)
    assert desk.mails()[-1] in ("answer_ready", "partly_refused")


def test_a_case_that_is_only_proposed_does_not_close_as_refused() -> None:
    desk, case = proposed()
    with pytest.raises(ConflictError):
        desk.close(case, Outcome.REFUSED)
    assert desk.now(case).is_open


# What could not be sent is not decided, and what is late is said


def test_a82_nothing_is_refused_that_could_not_be_told_whole() -> None:
    desk, case = reviewed()
    desk.reviewer._merchant = desk.merchant.model_copy(update={"contact_email": " "})
    with pytest.raises(RefusalIncompleteError) as refused:
        desk.refuse(case)
    assert refused.value.elements == ("complaint_desk",)
    assert desk.now(case) == case


def test_a82_a_refusal_that_lost_an_element_since_stays_open() -> None:
    desk, case = reviewed()
    desk.refuse(case)
    desk.merchant = desk.merchant.model_copy(update={"contact_email": ""})
    with pytest.raises(RefusalIncompleteError):
        desk.close(case, Outcome.REFUSED)
    assert desk.now(case).is_open
    assert "refused" not in desk.mails()
    desk.merchant = desk.merchant.model_copy(update={"contact_email": "privacy@shop.example"})
    desk.close(case, Outcome.REFUSED)  # started again, once it is put right
    assert desk.mails()[-1] == "refused"


@pytest.mark.parametrize(("days_late", "breaches"), [(0, ()), (1, (Breach.LATE_REFUSAL, Breach.LATE_ANSWER))])
def test_a_refusal_after_the_first_month_raises_a_flag(days_late: int, breaches: tuple[Breach, ...]) -> None:
    desk, case = reviewed()
    desk.refuse(case)
    desk.clock.advance(case.due.due_at - desk.clock() + timedelta(days=days_late))
    desk.close(case, Outcome.REFUSED)
    assert desk.now(case).breaches == breaches
    details = desk.table.events[case.request_id][-1].details
    assert details.get("breaches", []) == [str(breach) for breach in breaches]


def test_an_extension_gives_no_more_time_to_refuse() -> None:
    desk, case = reviewed()
    desk.extend(case)
    case = desk.now(case)
    desk.refuse(case)
    desk.clock.advance(timedelta(days=45))
    assert desk.clock() < case.due.due_at
    desk.close(case, Outcome.REFUSED)
    assert desk.now(case).breaches == (Breach.LATE_REFUSAL,)


def test_other_rights_have_their_own_grounds() -> None:
    desk = Desk()
    case = desk.submit(types=(RequestType.ERASURE,))
    desk.send_verification(case)
    desk.verify(case)
    desk.decide(case)
    desk.ask_release(case)
    case = desk.now(case)
    with pytest.raises(InvalidInputError):
        desk.refuse(case, "gdpr_15_4")
    desk.refuse(case, "gdpr_17_3_b", "Your orders are younger than seven years.")
    assert desk.now(case).is_refused
